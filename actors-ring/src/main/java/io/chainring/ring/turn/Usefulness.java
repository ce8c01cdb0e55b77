package io.chainring.ring.turn;

/**
 * Notes of each incarnation, once, that it was of use: the wait before its successor grows only while none is. What is
 * noted here is seen by the supervisor however early the incarnation dies after it; a message could be overtaken by the
 * news of its death.
 *
 * <p>A backend is of use when it completes a chain, or shows a client a completion that an earlier epoch recorded, or
 * serves and has nothing to do. An executor is when an outcome of it arrives, or it is there and there is nothing to do.
 */
final class Usefulness {
    private final RingStatistics statistics;
    private boolean backendNoted;
    private boolean executorNoted;
    private long executorIncarnation;

    Usefulness(RingStatistics statistics) {
        this.statistics = statistics;
    }

    /** A completion is recorded, or one that is recorded can be seen by a client. */
    void completed() {
        if (!backendNoted) {
            backendNoted = true;
            statistics.usefulBackends.incrementAndGet();
        }
    }

    /** An executor has done so many chains. */
    void executed(long incarnation, int chains) {
        if (chains > 0 && !(executorNoted && executorIncarnation == incarnation)) {
            executorNoted = true;
            executorIncarnation = incarnation;
            statistics.usefulExecutors.incrementAndGet();
        }
    }

    /** It serves with this executor, and so many chains are in its hands; more there is not to do. */
    void rests(long incarnation, int chains) {
        if (chains == 0) {
            completed();
            executed(incarnation, 1);
        }
    }
}
