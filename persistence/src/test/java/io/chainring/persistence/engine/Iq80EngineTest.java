package io.chainring.persistence.engine;

final class Iq80EngineTest extends EngineContract {
    @Override
    Engines.Kind kind() {
        return Engines.Kind.IQ80;
    }

    @Override
    Engines.Kind other() {
        return Engines.Kind.LEVELDBJNI;
    }
}
