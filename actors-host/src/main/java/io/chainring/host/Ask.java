package io.chainring.host;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.RecipientRef;
import org.apache.pekko.actor.typed.Scheduler;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.japi.function.Function;

/**
 * Pekko's ask, with an answer that is an ordinary future. Pekko's own runs whatever follows the answer in the JVM's common
 * pool: an application that blocks that pool (one thread on two processors) would hold up its disks.
 */
public final class Ask {
    private Ask() {}

    /**
     * Asks an actor.
     *
     * @param <Q> what it understands
     * @param <A> what it answers
     * @param question made from the address for the answer
     * @param limit longest wait; then the future ends with a TimeoutException
     * @return what follows it without an executor runs on the thread that brings the answer: keep it short
     */
    public static <Q, A> CompletableFuture<A> of(
            RecipientRef<Q> whom,
            Function<ActorRef<A>, Q> question,
            Duration limit,
            Scheduler scheduler) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        var unused =
                AskPattern.<Q, A>ask(whom, question, limit, scheduler)
                        .whenCompleteAsync(
                                (value, failure) -> {
                                    if (failure != null) {
                                        answer.completeExceptionally(failure);
                                    } else {
                                        answer.complete(value);
                                    }
                                },
                                Runnable::run);
        return answer;
    }
}
