package io.chainring.ring.turn;

/** What a new epoch does with the chains that were in flight when the earlier one died. */
public enum CrashPolicy {
    /** Carries on with them (default). */
    RESUME,
    /** Completes them with an I/O error, once nothing of them is running. */
    FAIL,
    /** Forgets them and closes the rings that they came through: for a disk whose clients are gone. */
    ABANDON
}
