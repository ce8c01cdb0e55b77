package io.chainring.ring.supervise;

import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.frontend.FrontendCommand;
import org.jspecify.annotations.Nullable;

/** Of what a disk's supervisor is told, what {@link SupervisorCore} decides about: plain words, without an actor in them. */
public sealed interface SupervisorInput extends SupervisorCommand
        permits SupervisorCommand.CloseRing,
                SupervisorInput.Order,
                SupervisorInput.Opens,
                SupervisorInput.Introduced,
                SupervisorInput.FrontendEnded,
                SupervisorInput.Noticed,
                SupervisorInput.Killed,
                SupervisorInput.Died,
                SupervisorInput.StartNext {

    /** What needs no more words. */
    enum Order implements SupervisorInput {
        /** The first input: executor and backend start. */
        START,
        /** The disk has grown; the executor is to look. */
        GROW,
        /** Every ring closes; when the last is gone the supervisor ends. */
        STOP,
        /** Now and then: has the journal kept clients waiting for too long? */
        LOOK_FOR_OUTAGE
    }

    /** A client wishes for a ring. */
    record Opens(long ringId) implements SupervisorInput {}

    /** A frontend says what it waits for. */
    record Introduced(FrontendCommand.Introduced said) implements SupervisorInput {}

    /** A frontend has ended, as it was told or not. */
    record FrontendEnded(long ringId) implements SupervisorInput {}

    /** Word of a backend incarnation, which may be dead. */
    record Noticed(BackendNotice notice) implements SupervisorInput {}

    /** The one that is up will die of a kill. */
    record Killed(Target child) implements SupervisorInput {}

    /**
     * An incarnation has ended.
     *
     * @param cause null when it was stopped
     */
    record Died(Target child, long incarnation, @Nullable Throwable cause)
            implements SupervisorInput {
        /** It was stopped. */
        public Died(Target child, long incarnation) {
            this(child, incarnation, null);
        }
    }

    /** The pause before the next incarnation is over. */
    record StartNext(Target child) implements SupervisorInput {}
}
