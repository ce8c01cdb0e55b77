package io.chainring.ring.frontend;

import io.chainring.ring.execute.BackendMessage;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.transport.Outstanding;
import java.util.List;
import org.apache.pekko.actor.DeadLetterSuppression;
import org.apache.pekko.actor.typed.ActorRef;

/** What a frontend is told. */
public sealed interface FrontendCommand extends DeadLetterSuppression {

    /**
     * Requests for the ring, in order.
     *
     * @param requests handed over
     */
    record Submit(List<BlockRequest> requests) implements FrontendCommand {}

    /** The backend has published used elements. */
    enum Inform implements FrontendCommand {
        INSTANCE
    }

    /** A backend epoch asks what is outstanding; kicks go to it from now on. */
    record Introduce(long epoch, ActorRef<BackendMessage> backend, ActorRef<Introduced> replyTo)
            implements FrontendCommand {}

    /** A frontend's answer, given after it has emptied the used ring. */
    record Introduced(long ringId, long epoch, Outstanding outstanding) {}

    /** The ring is recorded: its client may use it, and sees a disk of this size. */
    record Opened(long capacityBytes) implements FrontendCommand {}

    /** The ring is gone; nothing follows. */
    record Detached(String reason) implements FrontendCommand {}

    /** A kill through the supervisor's door. */
    record Die(KillMode mode) implements FrontendCommand {}

    /** Nobody will complete what is outstanding in time: it ends with an I/O error, and the ring takes no more. */
    record GiveUp(String reason) implements FrontendCommand {}
}
