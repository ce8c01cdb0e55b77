package io.chainring.persistence.engine;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;

final class SystemEngineTest extends EngineContract {
    @BeforeAll
    static void find() {
        assumeTrue(LibLevelDb.problem() == null, "missing: libleveldb1d");
    }

    @Override
    Engines.Kind kind() {
        return Engines.Kind.SYSTEM;
    }

    @Override
    Engines.Kind other() {
        return Engines.Kind.LEVELDBJNI;
    }
}
