package io.chainring.ring.execute;

import io.chainring.ring.signal.KillMode;
import java.util.List;
import org.apache.pekko.actor.DeadLetterSuppression;
import org.apache.pekko.actor.typed.ActorRef;

/** What an executor (the host) is told. */
public sealed interface ExecutorCommand extends DeadLetterSuppression {

    /**
     * A backend incarnation introduces itself. From here on the executor obeys this epoch only: an
     * {@link Execute} of an earlier one is ignored (invariant I6). It is answered with {@link
     * ExecutorReply.Adopted} as soon as no work of an earlier executor incarnation is running.
     *
     * @param epoch the backend's epoch, already journaled
     * @param replyTo where outcomes go from now on
     */
    record Adopt(long epoch, ActorRef<ExecutorReply> replyTo) implements ExecutorCommand {}

    /**
     * Chains to execute, all marked in the journal (invariant I1) and free of overlap with each other and
     * with what is running, as far as one of two writes (invariant I4).
     *
     * @param epoch the sender's epoch; ignored when it is not the adopted one
     * @param incarnation the executor's incarnation as told by Adopted; ignored when it is not the present one
     * @param chains in begin order; the list is handed over and not changed by the sender afterwards
     * @param journaledUpTo outcomes up to this outcome sequence are journaled and may be forgotten
     */
    record Execute(long epoch, long incarnation, List<Chain> chains, long journaledUpTo)
            implements ExecutorCommand {}

    /** The disk has grown. Whoever is adopted is told with {@link ExecutorReply.Resized}. */
    enum CapacityChanged implements ExecutorCommand {
        INSTANCE
    }

    /**
     * A kill through the supervisor's door.
     *
     * @param mode each makes the actor fail but {@link KillMode#STOP}, which comes from the supervisor itself
     */
    record Die(KillMode mode) implements ExecutorCommand {}
}
