package io.chainring.host.disk;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;

/**
 * What follows when a disk's supervisor ends, without actors and clocks.
 *
 * <pre>
 *   RUNNING --supervisor ended--> PAUSED --pause over--> RUNNING
 *      | stop                        | stop
 *      v                             v
 *   STOPPING --supervisor ended--> ENDED
 * </pre>
 *
 * A disk never has two supervisors, hence never two backends: the next one starts only when the one before and all its
 * children have ended. Pauses double from death to death of supervisors under which nothing got done; after one that was of
 * use they begin anew.
 */
final class GuardianCore {
    static final long FIRST_PAUSE_MILLIS = 100;
    static final long LONGEST_PAUSE_MILLIS = 10_000;

    /** Where a guardian stands. */
    enum State {
        RUNNING,
        PAUSED,
        STOPPING,
        ENDED
    }

    /** What happens to it. */
    enum Input {
        STOP,
        SUPERVISOR_ENDED,
        PAUSE_OVER
    }

    /** What it does then. */
    enum Effect {
        NOTHING,
        START_SUPERVISOR,
        STOP_SUPERVISOR,
        PAUSE,
        END
    }

    private static final Transitions<State> LEGAL =
            Transitions.of(State.class)
                    .from(State.RUNNING, State.PAUSED, State.STOPPING)
                    .from(State.PAUSED, State.RUNNING, State.ENDED)
                    .from(State.STOPPING, State.ENDED);

    private final Lifecycle<State> life;
    private long pauseMillis;

    /** A guardian that has just started its first supervisor. */
    GuardianCore(String name) {
        life = LEGAL.startIn(State.RUNNING, "guardian of disk " + name);
    }

    State state() {
        return life.state();
    }

    /** The pause that {@link Effect#PAUSE} asks for. */
    long pauseMillis() {
        return pauseMillis;
    }

    /**
     * Takes an input; the effect is carried out before the next one comes.
     *
     * @param wasOfUse of a supervisor that ended: whether a backend of it was of use
     */
    Effect apply(Input input, boolean wasOfUse) {
        return switch (input) {
            case STOP -> stop();
            case SUPERVISOR_ENDED -> supervisorEnded(wasOfUse);
            case PAUSE_OVER -> pauseOver();
        };
    }

    private Effect stop() {
        if (life.is(State.RUNNING)) {
            life.to(State.STOPPING);
            return Effect.STOP_SUPERVISOR;
        }
        if (life.is(State.PAUSED)) {
            life.to(State.ENDED);
            return Effect.END;
        }
        return Effect.NOTHING;
    }

    private Effect supervisorEnded(boolean wasOfUse) {
        if (life.is(State.STOPPING)) {
            life.to(State.ENDED);
            return Effect.END;
        }
        life.to(State.PAUSED);
        pauseMillis =
                wasOfUse || pauseMillis == 0
                        ? FIRST_PAUSE_MILLIS
                        : Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        return Effect.PAUSE;
    }

    private Effect pauseOver() {
        if (!life.is(State.PAUSED)) {
            return Effect.NOTHING;
        }
        life.to(State.RUNNING);
        return Effect.START_SUPERVISOR;
    }
}
