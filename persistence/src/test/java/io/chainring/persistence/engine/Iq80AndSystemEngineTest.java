package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;

final class Iq80AndSystemEngineTest extends EngineContract {
    @BeforeAll
    static void find() {
        assumeTrue(LibLevelDb.problem() == null, "missing: libleveldb1d");
    }

    @Override
    Engines.Kind kind() {
        return Engines.Kind.IQ80;
    }

    @Override
    Engines.Kind other() {
        return Engines.Kind.SYSTEM;
    }
}
