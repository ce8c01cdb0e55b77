package io.chainring.ring.turn;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts of one disk, from its first backend incarnation in this process on. Written by the disk's actors, read by
 * anybody.
 */
public final class RingStatistics {
    /** Epoch of the present incarnation. */
    public final AtomicLong epoch = new AtomicLong();

    /** Chains begun and not completed. */
    public final AtomicInteger inFlightChains = new AtomicInteger();

    /** Chains taken and waiting behind an overlap. */
    public final AtomicInteger waitingChains = new AtomicInteger();

    /** Rings attached. */
    public final AtomicInteger rings = new AtomicInteger();

    /** Chains completed. */
    public final AtomicLong completedChains = new AtomicLong();

    /** Chains that a new epoch found marked and carried on with. */
    public final AtomicLong resumedChains = new AtomicLong();

    /** Of those, chains that were executed again. */
    public final AtomicLong reexecutedChains = new AtomicLong();

    /** Recorded completions that a new epoch published without executing anything. */
    public final AtomicLong renotifiedChains = new AtomicLong();

    /** Completions whose ring had no taker any more. */
    public final AtomicLong droppedCompletions = new AtomicLong();

    /** Chains abandoned with their ring. */
    public final AtomicLong abandonedChains = new AtomicLong();

    /** Chains ended with an I/O error after killing their backend too often. */
    public final AtomicLong poisonedChains = new AtomicLong();

    /** Rings ended because what stood in them broke the rules. */
    public final AtomicLong brokenRings = new AtomicLong();

    /** Records written. */
    public final AtomicLong turns = new AtomicLong();

    /** Deaths of the backend that were followed by another incarnation. */
    public final AtomicLong backendRestarts = new AtomicLong();

    /** Deaths of the executor that were followed by another incarnation. */
    public final AtomicLong executorRestarts = new AtomicLong();

    /** Of both kinds of restarts: how many were made to wait. */
    public final AtomicLong waitedRestarts = new AtomicLong();

    /** Backend incarnations that completed a chain, showed one to be completed, or served and had nothing to do. */
    public final AtomicLong usefulBackends = new AtomicLong();

    /** Executor incarnations of which an outcome arrived, or that were adopted and had nothing to do. */
    public final AtomicLong usefulExecutors = new AtomicLong();

    /** From the start, or a death of the backend, until one served. */
    public final RecoveryTimes recoveries = new RecoveryTimes();

    /** Records that the last recovery replayed on top of its snapshot. */
    public final AtomicLong replayedRecords = new AtomicLong();

    /** System.nanoTime at which the present turn's record went to the journal; 0 while none is under way. */
    public final AtomicLong recordingSinceNanos = new AtomicLong();

    final FlightAges ages = new FlightAges();

    /** System.nanoTime at which the oldest chain in flight began; 0 when none is. */
    public long oldestInFlightSinceNanos() {
        return ages.oldestSinceNanos();
    }
}
