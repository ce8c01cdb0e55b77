package io.chainring.host.store;

/**
 * Whether a store works.
 *
 * @param state what it still does
 * @param reason why it is not {@link State#OPEN}, or takes no new space; one line, else empty
 */
public record StoreStatus(State state, String reason) {

    /** What a store still does. */
    public enum State {
        /** Everything. */
        OPEN,
        /** Reads only, until it is opened again: what was written may be lost (scenario H3). */
        FAILED,
        /** Nothing. */
        CLOSED
    }

    static final StoreStatus OPEN = new StoreStatus(State.OPEN, "");
}
