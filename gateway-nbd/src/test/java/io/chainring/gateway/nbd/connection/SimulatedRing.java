package io.chainring.gateway.nbd.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A ring of {@link SimulatedServer}, which is closed by its client once and no more. */
final class SimulatedRing {
    enum State {
        ASKED,
        OPEN,
        /** Closed by its client before it was open; may open all the same. */
        GIVEN_UP,
        /** Closed by its client, or at its end. */
        CLOSED
    }

    final SimulatedServer.Peer owner;
    State state = State.ASKED;
    int inRing;

    SimulatedRing(SimulatedServer.Peer owner) {
        this.owner = owner;
    }

    /** Whether its client has to close it. */
    boolean held() {
        return state == State.OPEN || state == State.ASKED;
    }

    void close() {
        assertTrue(held(), () -> "closed when " + state);
        state = state == State.OPEN ? State.CLOSED : State.GIVEN_UP;
    }

    void giveBack() {
        assertEquals(State.OPEN, state, "given back");
        state = State.CLOSED;
    }
}
