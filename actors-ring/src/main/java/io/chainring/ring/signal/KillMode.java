package io.chainring.ring.signal;

/** The ways in which an operator or chaos makes an actor die. */
public enum KillMode {
    /** A maskable signal: inside the completion section it waits until the frontend is informed. */
    INTERRUPT,
    /** A thrown error, at once: nothing masks it. */
    ERROR,
    /** A hard stop by the supervisor: no handler runs, nothing masks it. */
    STOP,
    /** As {@link #INTERRUPT}, and wins over it when both wait. */
    TERMINATE
}
