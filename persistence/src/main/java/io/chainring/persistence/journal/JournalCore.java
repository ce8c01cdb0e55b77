package io.chainring.persistence.journal;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What the journal decides: when a request is handed to the store, which ones wait, and that each is answered.
 *
 * <pre>
 *            START, or a request after the pause: opened
 *   SHUT ---------------------------------------------------> OPEN
 *    |  every request fails                                    |  requests start, or wait for room
 *    +------------------------ STOP ---------------------------+----> ENDED  every request fails
 * </pre>
 *
 * <p><b>Order.</b> A write that finds the store's queue full waits here, unserialized, and whatever may not pass it waits
 * behind it: every further write, and a replay or deletion of a persistence id that somebody who waits touches. Others go
 * at once: they need no room. Without that a replay would pass its predecessor's last writes: an actor would recover
 * without them, and find its first sequence number taken. So the first who waits is always a write, and the store says
 * when there is room.
 *
 * <p><b>Limit.</b> A persistent actor sends its next request after the answer to the last one, so there are at most as
 * many who wait as there are actors with something to write: they are slowed down, and nothing is dropped.
 *
 * <p><b>Answers.</b> Whatever is thrown while a request is started is its answer ({@link #started}); who still waits at the
 * end is told so. From then on the request answers by itself, once.
 */
final class JournalCore {
    private static final Transitions<State> LEGAL =
            Transitions.of(State.class)
                    .from(State.SHUT, State.OPEN, State.ENDED)
                    .from(State.OPEN, State.ENDED);

    private final Lifecycle<State> state = LEGAL.startIn(State.SHUT, "journal");
    private final ArrayDeque<Request> waiting = new ArrayDeque<>();
    private final Runnable open;
    private final Runnable close;
    private final long pauseNanos;
    private long nextOpenNanos;
    private @Nullable Throwable refusal;

    private enum State {
        SHUT,
        OPEN,
        ENDED
    }

    /** What happens to the journal. */
    sealed interface Input permits Request, Signal {}

    /** What is said to the journal as a whole. */
    enum Signal implements Input {
        START,
        /** There is room in the store's queue again. */
        ROOM,
        STOP
    }

    /** What somebody asks of the journal. */
    non-sealed interface Request extends Input {
        /**
         * Hands it to the store. Whatever it throws means that nobody else answers it.
         *
         * @return false: the store's queue is full, nothing has happened, and {@link Signal#ROOM} follows
         */
        boolean start();

        /** Answers that it failed. */
        void fail(Throwable why);

        /** Whether it must not pass an earlier one that waits. */
        boolean follows(Request earlier);

        /** Whether it changes or reads what is stored under a persistence id. */
        boolean touches(String persistenceId);
    }

    /**
     * Of one store.
     *
     * @param open opens the store; throws if it cannot be opened now
     * @param close gives an opened store back
     * @param pauseNanos least time between two attempts to open
     */
    JournalCore(Runnable open, Runnable close, long pauseNanos) {
        this.open = open;
        this.close = close;
        this.pauseNanos = pauseNanos;
    }

    /** Why the store could not be opened, or null. */
    @Nullable Throwable refusal() {
        return refusal;
    }

    /** The one door: everything that happens. */
    void apply(Input input, long nowNanos) {
        if (input instanceof Request request) {
            if (mustWait(request) || !started(request, nowNanos)) {
                waiting.add(request);
            }
            return;
        }
        switch ((Signal) input) {
            case START -> {
                nextOpenNanos = nowNanos;
                openWhenDue(nowNanos);
            }
            case ROOM -> admitWaiting(nowNanos);
            case STOP -> end();
        }
    }

    private boolean mustWait(Request request) {
        for (Request earlier : waiting) {
            if (request.follows(earlier)) {
                return true;
            }
        }
        return false;
    }

    private void admitWaiting(long nowNanos) {
        Request next = waiting.peek();
        while (next != null && started(next, nowNanos)) {
            waiting.remove();
            next = waiting.peek();
        }
    }

    /** Starts a request or answers why not; false only if it waits for room. */
    private boolean started(Request request, long nowNanos) {
        try {
            openWhenDue(nowNanos);
            if (refusal == null) {
                return request.start();
            }
            request.fail(refusal);
        } catch (RuntimeException | Error e) {
            request.fail(e);
        }
        return true;
    }

    private void openWhenDue(long nowNanos) {
        if (!state.is(State.SHUT) || nowNanos - nextOpenNanos < 0) {
            return;
        }
        try {
            open.run();
            state.to(State.OPEN);
            refusal = null;
        } catch (RuntimeException | Error e) {
            refusal = e;
            nextOpenNanos = nowNanos + pauseNanos;
        }
    }

    private void end() {
        boolean wasOpen = state.is(State.OPEN);
        state.to(State.ENDED);
        Throwable why = new IllegalStateException("the journal has ended");
        refusal = why;
        try {
            waiting.forEach(request -> request.fail(why));
            waiting.clear();
        } finally {
            if (wasOpen) {
                close.run();
            }
        }
    }
}
