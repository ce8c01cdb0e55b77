package io.chainring.simulation.world;

import io.chainring.ring.execute.Chain;

/** What names a chain for good. */
record ChainId(long ringId, int head, int generation) {
    static ChainId of(Chain chain) {
        return new ChainId(chain.ringId(), chain.head(), chain.generation());
    }
}
