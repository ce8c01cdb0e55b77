package io.chainring.simulation.mirror;

import io.chainring.ring.execute.Chain;

/** What names a chain for good. */
public record ChainId(long ringId, int head, int generation) {
    /** The name of a chain. */
    public static ChainId of(Chain chain) {
        return new ChainId(chain.ringId(), chain.head(), chain.generation());
    }
}
