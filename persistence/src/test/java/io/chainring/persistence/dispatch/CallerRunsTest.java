package io.chainring.persistence.dispatch;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.UntypedAbstractActor;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** An actor that runs on the threads that send to it is still an actor: one message at a time, in order, and no longer. */
final class CallerRunsTest {
    private static final int THROUGHPUT = 4;

    private static ActorSystem system;

    private final ConcurrentLinkedQueue<String> threads = new ConcurrentLinkedQueue<>();

    /** Does with each message what the test says. */
    private static final class Doing extends UntypedAbstractActor {
        private final Consumer<Object> what;

        Doing(Consumer<Object> what) {
            this.what = what;
        }

        @Override
        public void onReceive(Object message) {
            what.accept(message);
        }
    }

    @BeforeAll
    static void start() {
        system =
                ActorSystem.create(
                        "caller-runs",
                        ConfigFactory.parseString(
                                        "caller = ${chainring.persistence.leveldb.caller-dispatcher}\n"
                                                + "caller.throughput = "
                                                + THROUGHPUT
                                                + "\npekko.loglevel = WARNING")
                                .withFallback(ConfigFactory.defaultReferenceUnresolved())
                                .resolve());
    }

    @AfterAll
    static void end() {
        TestKit.shutdownActorSystem(system);
    }

    /** An actor that has started and is idle: a message that it gets now is handled before {@code tell} returns. */
    private ActorRef actor(Consumer<Object> what) {
        Thread[] ranOn = new Thread[1];
        ActorRef actor =
                system.actorOf(
                        Props.create(
                                        Doing.class,
                                        () ->
                                                new Doing(
                                                        message -> {
                                                            if (message == ranOn) {
                                                                ranOn[0] = Thread.currentThread();
                                                            } else {
                                                                what.accept(message);
                                                            }
                                                        }))
                                .withDispatcher("caller"));
        await().until(
                        () -> {
                            tell(actor, ranOn);
                            return ranOn[0] == Thread.currentThread();
                        });
        return actor;
    }

    private void tell(ActorRef actor, Object message) {
        actor.tell(message, ActorRef.noSender());
    }

    private void noteThread(Object message) {
        threads.add(Thread.currentThread().getName());
    }

    @Test
    void idleActorRunsOnTheSendersThreadBeforeTellReturns() {
        ActorRef actor = actor(this::noteThread);
        tell(actor, "now");
        assertEquals(List.of(Thread.currentThread().getName()), List.copyOf(threads));
    }

    @Test
    void oneMessageAtATimeAndInOrderOfEachSender() throws InterruptedException {
        int senders = 4;
        int messages = 20_000;
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        int[] last = new int[senders];
        List<String> disorder = new ArrayList<>();
        CountDownLatch all = new CountDownLatch(senders * messages);
        ActorRef actor =
                actor(
                        message -> {
                            if (inside.incrementAndGet() != 1) {
                                overlaps.incrementAndGet();
                            }
                            int[] numbers = (int[]) message;
                            if (numbers[1] != ++last[numbers[0]]) {
                                disorder.add(numbers[0] + ": " + numbers[1]);
                            }
                            inside.decrementAndGet();
                            all.countDown();
                        });
        for (int sender = 0; sender < senders; sender++) {
            int number = sender;
            new Thread(
                            () -> {
                                for (int i = 1; i <= messages; i++) {
                                    tell(actor, new int[] {number, i});
                                }
                            })
                    .start();
        }
        all.await();
        assertEquals(0, overlaps.get());
        assertEquals(List.of(), disorder);
    }

    @Test
    void callerGetsItsThreadBackAfterTheThroughput() throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        ActorRef actor =
                actor(
                        message -> {
                            noteThread(message);
                            if (message == go) {
                                busy.countDown();
                                awaitLatch(go);
                            }
                        });
        Thread caller = new Thread(() -> tell(actor, go), "the-caller");
        caller.start();
        busy.await();
        for (int i = 0; i < 50; i++) {
            tell(actor, "more");
        }
        assertEquals(1, threads.size(), "nobody else runs a busy actor");
        go.countDown();
        caller.join();
        await().until(() -> threads.size() == 51);
        long ofCaller = threads.stream().filter("the-caller"::equals).count();
        assertTrue(ofCaller <= THROUGHPUT, ofCaller + " messages on the caller's thread");
    }

    @Test
    void actorsThatSendToEachOtherDoNotNest() {
        ActorRef[] actors = new ActorRef[2];
        AtomicInteger deepest = new AtomicInteger();
        CountDownLatch end = new CountDownLatch(1);
        Consumer<Object> pass =
                message -> {
                    int left = (Integer) message;
                    deepest.accumulateAndGet(
                            StackWalker.getInstance().walk(frames -> (int) frames.count()),
                            Math::max);
                    if (left == 0) {
                        end.countDown();
                    } else {
                        tell(actors[left % 2], left - 1);
                    }
                };
        actors[0] = actor(pass);
        actors[1] = actor(pass);
        tell(actors[1], 10_000);
        await().until(() -> end.getCount() == 0);
        assertTrue(deepest.get() < 200, deepest + " frames");
    }

    @Test
    void interruptOfTheSenderIsItsOwn() throws InterruptedException {
        boolean[] seen = new boolean[3];
        ActorRef asked = actor(message -> seen[0] = Thread.currentThread().isInterrupted());
        ActorRef interrupting = actor(message -> Thread.currentThread().interrupt());
        Thread sender =
                new Thread(
                        () -> {
                            Thread.currentThread().interrupt();
                            tell(asked, "interrupted before");
                            seen[1] = Thread.interrupted();
                            tell(interrupting, "interrupted meanwhile");
                            seen[2] = Thread.interrupted();
                        });
        sender.start();
        sender.join();
        assertFalse(seen[0], "the actor is not interrupted");
        assertTrue(seen[1], "the sender still is");
        assertTrue(seen[2], "and hears of what came meanwhile");
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
