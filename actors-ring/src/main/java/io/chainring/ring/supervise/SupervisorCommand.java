package io.chainring.ring.supervise;

import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.signal.KillMode;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;

/** What a disk's supervisor is told. */
public sealed interface SupervisorCommand {

    /** See {@link RingService#openRing}. */
    record OpenRing(long ringId, CompletionSink sink) implements SupervisorCommand {}

    /** See {@link RingService#closeRing}. */
    record CloseRing(long ringId) implements SupervisorCommand {}

    /** Who is to be killed. */
    enum Target {
        BACKEND,
        HOST
    }

    /**
     * The door for kills.
     *
     * @param replyTo told whether there was somebody to kill: between death and restart there is not
     */
    record Kill(Target target, KillMode mode, ActorRef<Boolean> replyTo)
            implements SupervisorCommand {}

    /**
     * The disk has grown to at least that size. Answered when the backend lets chains in up to there and rings that
     * open from now on are told so; those that are open keep the size that they were told. Not answered when this
     * supervisor dies before: its successor begins with the new size.
     */
    record Grown(long capacityBytes, ActorRef<Done> replyTo) implements SupervisorCommand {}

    /** Close all rings, finish what has begun, stop. Answered when nothing runs any more. */
    record Stop(ActorRef<Done> replyTo) implements SupervisorCommand {}

    /** From the backend. */
    record FromBackend(BackendNotice notice) implements SupervisorCommand {}

    /** From a frontend. */
    record FromFrontend(FrontendCommand.Introduced introduced) implements SupervisorCommand {}

    /** The supervisor's own timers. */
    enum Timer implements SupervisorCommand {
        START_BACKEND,
        START_HOST,
        LOOK_FOR_OUTAGE
    }
}
