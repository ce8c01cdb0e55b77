package io.chainring.gateway.nbd.connection;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The life of one connection from accept to close: what happens to it goes in, what is to be done comes out.
 *
 * <pre>
 *      +--------------- ring refused ----------------+
 *      v                                             |
 * HANDSHAKING --> MOVING --> WAITING -----------> OPENING --> SERVING --> FINISHING --> CLOSED
 *      |             |          |                    |           |         (DISC)         ^
 *      +-------------+----------+--------------------+-----------+------------------------+
 *        (peer gone, too late, protocol broken, ring closed, disk taken away, shutdown)
 * </pre>
 *
 * <ul>
 *   <li>HANDSHAKING: options, and TLS. Holds a place among those that haggle, for a time that is limited.
 *   <li>MOVING: to the disk's loop; nothing is read. From here on it is one of the disk's connections.
 *   <li>WAITING: for {@link DiskTurnsCore} to have the disk's older connections read (I9).
 *   <li>OPENING: the ring service drains what closed before, and records the ring. Both together have a time limit.
 *   <li>SERVING: requests go into the ring.
 *   <li>FINISHING: nothing is read any more; what is in the ring is finished and answered.
 * </ul>
 *
 * A place in the handshake is held while HANDSHAKING and at no other time, so a disk that is slow to open costs the
 * clients of others nothing (I10). Each ring that is asked for is closed once, unless it came to its end by itself;
 * one that opens behind the end is given back. A ring is closed before its disk hears that the connection has left, so
 * that the next ring opens behind it (I9). Nothing is done after CLOSED but that.
 *
 * <p>An effect that may lead to the next input at once stands last among the effects of its input.
 */
public final class ConnectionCore {
    /** Where it stands. */
    public enum State {
        HANDSHAKING,
        MOVING,
        WAITING,
        OPENING,
        SERVING,
        FINISHING,
        CLOSED
    }

    /** What happens to a connection. */
    public enum Input {
        /** It is on a loop, for the first time. */
        ACCEPTED,
        /** The client has chosen its disk. */
        CHOSEN,
        /** The handshake has come to an end without a disk; its last reply is on its way. */
        HANDSHAKE_OVER,
        /** The channel is on the disk's loop. */
        ARRIVED,
        /** The disk's other connections have been read. */
        TURN,
        RING_OPENED,
        /** The ring was refused, or has ended. */
        RING_CLOSED,
        /** The client said DISC. */
        GOODBYE,
        /** Nothing is in the ring. */
        RING_EMPTY,
        /** Nothing is in the ring and all replies are sent. */
        DRAINED,
        /** The watch has run out. */
        LATE,
        PEER_GONE,
        /** The client broke the protocol. */
        VIOLATED,
        /** Something failed that belongs to this connection alone. */
        FAILED,
        /** The disk is taken away from its clients. */
        TAKEN_AWAY,
        /** The server goes down. */
        SHUT_DOWN
    }

    /** What is to be done about it. */
    public enum Effect {
        TAKE_PLACE,
        GIVE_PLACE_BACK,
        WATCH_HANDSHAKE,
        WATCH_OPENING,
        STOP_WATCH,
        JOIN_DISK,
        LEAVE_DISK,
        MOVE,
        ASK_TURN,
        OPEN_RING,
        CLOSE_RING,
        /** Close the ring that has just opened for nobody. */
        GIVE_RING_BACK,
        /** Begin with the requests. */
        SERVE,
        /** Take no more requests; the disk's newer connections wait for those in the ring. */
        FINISH,
        /** The disk's newer connections need not wait any longer. */
        FINISHED,
        /** Tell the client why it gets no ring. */
        REFUSE,
        /** Go on with the handshake. */
        HAGGLE,
        COUNT_VIOLATION,
        /** Let go of all that is not in the ring. */
        DROP,
        CLOSE_CHANNEL,
        /** Let everything written so far leave, then end the stream and close in order; in bounded time. */
        CLOSE_WHEN_SENT
    }

    private static final Transitions<State> LEGAL =
            Transitions.of(State.class)
                    .from(State.HANDSHAKING, State.MOVING, State.CLOSED)
                    .from(State.MOVING, State.WAITING, State.CLOSED)
                    .from(State.WAITING, State.OPENING, State.CLOSED)
                    .from(State.OPENING, State.SERVING, State.HANDSHAKING, State.CLOSED)
                    .from(State.SERVING, State.FINISHING, State.CLOSED)
                    .from(State.FINISHING, State.CLOSED);

    private final Lifecycle<State> life = LEGAL.startIn(State.HANDSHAKING, "connection");
    private boolean goingDown;

    /** Where it stands. */
    public State state() {
        return life.state();
    }

    /** Whether it stands there. */
    public boolean is(State state) {
        return life.is(state);
    }

    /** Whether it ends as soon as nothing is under way. */
    public boolean draining() {
        return life.is(State.FINISHING) || (goingDown && life.is(State.SERVING));
    }

    /** Takes an input; the effects are to be carried out in this order. */
    public List<Effect> apply(Input input) {
        if (life.is(State.CLOSED)) {
            return input == Input.RING_OPENED ? List.of(Effect.GIVE_RING_BACK) : List.of();
        }
        return switch (input) {
            case ACCEPTED -> List.of(Effect.WATCH_HANDSHAKE);
            case CHOSEN ->
                    to(
                            State.MOVING,
                            Effect.STOP_WATCH,
                            Effect.GIVE_PLACE_BACK,
                            Effect.JOIN_DISK,
                            Effect.MOVE);
            case HANDSHAKE_OVER -> end(Effect.CLOSE_WHEN_SENT);
            case ARRIVED ->
                    goingDown
                            ? end(Effect.REFUSE, Effect.CLOSE_WHEN_SENT)
                            : to(State.WAITING, Effect.WATCH_OPENING, Effect.ASK_TURN);
            case TURN -> to(State.OPENING, Effect.OPEN_RING);
            case RING_OPENED -> to(State.SERVING, Effect.STOP_WATCH, Effect.SERVE);
            case RING_CLOSED -> ringClosed();
            case GOODBYE -> to(State.FINISHING, Effect.FINISH);
            case RING_EMPTY -> is(State.FINISHING) ? List.of(Effect.FINISHED) : List.of();
            case DRAINED -> draining() ? end(Effect.CLOSE_WHEN_SENT) : List.of();
            case LATE -> late();
            // What it sent before it said DISC is executed, whether it waits for it or not.
            case PEER_GONE -> is(State.FINISHING) ? List.of() : end(Effect.CLOSE_CHANNEL);
            case FAILED ->
                    is(State.FINISHING) ? List.of(Effect.CLOSE_CHANNEL) : end(Effect.CLOSE_CHANNEL);
            case VIOLATED -> end(Effect.COUNT_VIOLATION, Effect.CLOSE_CHANNEL);
            case TAKEN_AWAY -> atDisk() ? end(Effect.CLOSE_WHEN_SENT) : List.of();
            case SHUT_DOWN -> shutDown();
        };
    }

    /** Whether the disk knows it: on the way there it is not met, and its ring is refused if need be. */
    private boolean atDisk() {
        return !is(State.HANDSHAKING) && !is(State.MOVING);
    }

    private boolean waits() {
        return is(State.WAITING) || is(State.OPENING);
    }

    private boolean hasRing() {
        return is(State.OPENING) || is(State.SERVING) || is(State.FINISHING);
    }

    private List<Effect> ringClosed() {
        if (is(State.OPENING)) {
            return to(
                    State.HANDSHAKING,
                    Effect.STOP_WATCH,
                    Effect.LEAVE_DISK,
                    Effect.TAKE_PLACE,
                    Effect.WATCH_HANDSHAKE,
                    Effect.REFUSE,
                    Effect.HAGGLE);
        }
        if (!hasRing()) {
            throw new IllegalStateException("a ring ended while " + life);
        }
        life.to(State.CLOSED);
        return List.of(Effect.DROP, Effect.LEAVE_DISK, Effect.CLOSE_WHEN_SENT);
    }

    private List<Effect> late() {
        if (is(State.HANDSHAKING)) {
            return end(Effect.CLOSE_CHANNEL);
        }
        return waits() ? end(Effect.REFUSE, Effect.CLOSE_WHEN_SENT) : List.of();
    }

    private List<Effect> shutDown() {
        goingDown = true;
        return waits() ? end(Effect.REFUSE, Effect.CLOSE_WHEN_SENT) : List.of();
    }

    private List<Effect> to(State next, Effect... effects) {
        life.to(next);
        return List.of(effects);
    }

    private List<Effect> end(Effect... last) {
        List<Effect> effects = new ArrayList<>();
        if (is(State.HANDSHAKING) || waits()) {
            effects.add(Effect.STOP_WATCH);
        }
        if (is(State.HANDSHAKING)) {
            effects.add(Effect.GIVE_PLACE_BACK);
        }
        effects.add(Effect.DROP);
        if (hasRing()) {
            effects.add(Effect.CLOSE_RING);
        }
        if (!is(State.HANDSHAKING)) {
            effects.add(Effect.LEAVE_DISK);
        }
        effects.addAll(Arrays.asList(last));
        life.to(State.CLOSED);
        return effects;
    }
}
