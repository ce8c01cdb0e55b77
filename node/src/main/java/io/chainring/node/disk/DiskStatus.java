package io.chainring.node.disk;

/**
 * A disk at one moment, as {@code status --json} shows it. Counts begin at the start of the node.
 *
 * @param name the disk
 * @param uuid who it is
 * @param path of its image
 * @param sizeBytes its size
 * @param state serving, recovering (the backend is down or coming up), or failed (the store takes no more writes)
 * @param reason why it is failed, why its journal takes no writes, or why its image takes no new space; empty otherwise
 * @param journal number of its journal
 * @param loop number of its event loop
 * @param epoch of the present backend
 * @param rings clients' rings that are attached
 * @param inFlight chains begun and not completed
 * @param waiting chains that wait behind an overlap
 * @param completed chains completed
 * @param restarts of the backend
 * @param hostRestarts of the host
 * @param deferredSignals signals that waited for the end of a completion section
 * @param resumed chains that a new epoch found begun
 * @param reexecuted of those, executed again
 * @param renotified recorded completions that a new epoch published without executing anything
 * @param dropped completions without a taker
 * @param abandoned chains abandoned with their ring
 * @param poisoned chains ended for having killed their backend too often
 * @param brokenRings rings ended for what stood in them
 * @param turns journal records written
 * @param oldestInFlightMillis how long the oldest chain in flight has been so; 0 when none is
 * @param journalWaitMillis how long the present record has been under way; 0 when none is
 * @param lastRecoveryMillis from the last death of the backend, or the start, until it served
 * @param recoveries how often it came to serve
 * @param recoveriesMillis how long the last of them took, at most {@link io.chainring.ring.turn.RecoveryTimes#KEPT}
 */
public record DiskStatus(
        String name,
        String uuid,
        String path,
        long sizeBytes,
        String state,
        String reason,
        int journal,
        int loop,
        long epoch,
        int rings,
        int inFlight,
        int waiting,
        long completed,
        long restarts,
        long hostRestarts,
        long deferredSignals,
        long resumed,
        long reexecuted,
        long renotified,
        long dropped,
        long abandoned,
        long poisoned,
        long brokenRings,
        long turns,
        double oldestInFlightMillis,
        double journalWaitMillis,
        double lastRecoveryMillis,
        long recoveries,
        double[] recoveriesMillis) {}
