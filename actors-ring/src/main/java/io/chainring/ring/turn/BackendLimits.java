package io.chainring.ring.turn;

/**
 * Limits of one backend (invariant I10). At a limit chains stay in their ring, which slows its client down.
 *
 * @param batchLimitChains most chains that one record begins
 * @param inFlightLimitChains most chains begun and not completed, of all rings together
 * @param waitingLimitChains most chains taken out of rings that wait behind an overlap
 * @param ringLimit most rings attached at once
 * @param chainLimitBytes most data bytes of one chain
 * @param chainLimitSegments most descriptors of one chain, indirect ones included
 * @param poisonLimitAttempts deaths of the backend in the processing of one chain after which the chain ends with an
 *     I/O error
 * @param crashPolicy what a new epoch does with chains in flight
 */
public record BackendLimits(
        int batchLimitChains,
        int inFlightLimitChains,
        int waitingLimitChains,
        int ringLimit,
        long chainLimitBytes,
        int chainLimitSegments,
        int poisonLimitAttempts,
        CrashPolicy crashPolicy) {

    /** The defaults of {@code reference.conf}. */
    public static final BackendLimits DEFAULT =
            new BackendLimits(256, 1024, 1024, 256, 33L << 20, 128, 3, CrashPolicy.RESUME);

    /** The same limits with another policy. */
    public BackendLimits withCrashPolicy(CrashPolicy policy) {
        return new BackendLimits(
                batchLimitChains,
                inFlightLimitChains,
                waitingLimitChains,
                ringLimit,
                chainLimitBytes,
                chainLimitSegments,
                poisonLimitAttempts,
                policy);
    }
}
