package io.chainring.persistence.engine;

final class JniEngineTest extends EngineContract {
    @Override
    Engines.Kind kind() {
        return Engines.Kind.LEVELDBJNI;
    }

    @Override
    Engines.Kind other() {
        return Engines.Kind.IQ80;
    }
}
