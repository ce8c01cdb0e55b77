package io.chainring.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An answer needs nothing of the JVM's common pool. */
class AskTest {
    private final ActorTestKit kit = ActorTestKit.create();

    @AfterEach
    void shutDown() {
        kit.shutdownTestKit();
    }

    @Test
    void whatFollowsAnAnswerRunsWhileTheCommonPoolIsBlocked() throws Exception {
        ActorRef<ActorRef<String>> polite =
                kit.spawn(
                        Behaviors.receiveMessage(
                                replyTo -> {
                                    replyTo.tell("hello");
                                    return Behaviors.same();
                                }));
        CountDownLatch blocked = new CountDownLatch(1);
        try {
            for (int i = 0; i <= ForkJoinPool.getCommonPoolParallelism(); i++) {
                ForkJoinPool.commonPool()
                        .execute(
                                () -> {
                                    try {
                                        blocked.await();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                });
            }
            CompletableFuture<String> answer =
                    Ask.of(
                            polite,
                            (ActorRef<String> replyTo) -> replyTo,
                            Duration.ofSeconds(120),
                            kit.scheduler());
            assertEquals(
                    "hello you",
                    answer.thenCombine(CompletableFuture.completedFuture(" you"), String::concat)
                            .get(120, TimeUnit.SECONDS));
        } finally {
            blocked.countDown();
        }
    }

    @Test
    void silenceEndsInATimeout() {
        ActorRef<ActorRef<String>> silent = kit.spawn(Behaviors.ignore());
        CompletableFuture<String> answer =
                Ask.of(
                        silent,
                        (ActorRef<String> replyTo) -> replyTo,
                        Duration.ofMillis(50),
                        kit.scheduler());
        ExecutionException failure =
                assertThrows(ExecutionException.class, () -> answer.get(120, TimeUnit.SECONDS));
        assertInstanceOf(TimeoutException.class, failure.getCause());
    }
}
