package io.chainring.simulation.plan;

/** What can go wrong in a run. */
public enum FaultKind {
    /** An interrupt or terminate: waits while the mask is set. */
    BACKEND_SIGNAL("a signal for the backend", true),
    /** A hard stop, or an error that it throws. */
    BACKEND_STOP("the backend is stopped", true),
    HOST_STOP("the host is stopped", true),
    FRONTEND_STOP("a frontend is stopped", true),
    SUPERVISOR_STOP("the supervisor is stopped", true),
    PROCESS_KILL("the process is killed", true),
    /** The process ends, unflushed writes are lost, and the end of the journal may be. */
    POWER_LOSS("power is lost", true),
    /** The record under way is stored or not, nobody knows which. */
    JOURNAL_FAILS("the journal fails a write", false),
    /** The record under way is not stored. */
    JOURNAL_REJECTS("the journal rejects a write", false),
    JOURNAL_SLOW("the journal is slow", false),
    /** Writes are rejected for a while, and the journal says so. */
    JOURNAL_FULL("the journal is full", false),
    STORE_SLOW("the store is slow", false);

    private final String words;
    private final boolean kills;

    FaultKind(String words, boolean kills) {
        this.words = words;
        this.kills = kills;
    }

    /** For people. */
    public String words() {
        return words;
    }

    /** Whether somebody dies, who then may also do so at a {@link Point}. */
    public boolean kills() {
        return kills;
    }
}
