package io.chainring.node.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;

class EventLoopsTest {

    private static ActorSystem<Done> system(EventLoops loops) {
        return ActorSystem.create(
                Behaviors.empty(),
                "test",
                ActorSystemSetup.create(
                        BootstrapSetup.create(
                                loops.dispatchers().withFallback(ConfigFactory.load())),
                        loops.setup()));
    }

    @Test
    void actorsRunOnTheThreadOfTheirLoop() throws Exception {
        try (EventLoops loops =
                EventLoops.create(new LoopSettings(2, LoopSettings.Spin.FIXED, 40, 64))) {
            ActorSystem<Done> system = system(loops);
            for (int i = 0; i < 2; i++) {
                CompletableFuture<Thread> expected = new CompletableFuture<>();
                loops.loop(i).execute(() -> expected.complete(Thread.currentThread()));
                CompletableFuture<Thread> actual = new CompletableFuture<>();
                system.systemActorOf(
                        Behaviors.setup(
                                context -> {
                                    actual.complete(Thread.currentThread());
                                    return Behaviors.stopped();
                                }),
                        "actor-" + i,
                        DispatcherSelector.fromConfig(EventLoops.dispatcherPath(i)));
                assertSame(expected.get(10, TimeUnit.SECONDS), actual.get(10, TimeUnit.SECONDS));
            }
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(10, TimeUnit.SECONDS);
            assertFalse(loops.loop(0).isShuttingDown(), "a loop outlives the actors on it");
        }
    }

    @Test
    void theDispatcherCannotEndTheLoop() throws Exception {
        try (EventLoops loops =
                EventLoops.create(new LoopSettings(1, LoopSettings.Spin.OFF, 40, 64))) {
            LoopExecutor executor = new LoopExecutor(loops.loop(0));
            executor.shutdown();
            assertTrue(executor.isShutdown());
            assertTrue(executor.awaitTermination(1, TimeUnit.MILLISECONDS));
            CompletableFuture<Done> ran = new CompletableFuture<>();
            executor.execute(() -> ran.complete(Done.getInstance()));
            assertEquals(Done.getInstance(), ran.get(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void closingWaitsForTheLoops() {
        EventLoops loops =
                EventLoops.create(new LoopSettings(2, LoopSettings.Spin.ADAPTIVE, 40, 64));
        long began = System.nanoTime();
        loops.close();
        assertTrue(loops.loop(0).isTerminated() && loops.loop(1).isTerminated());
        assertTrue(System.nanoTime() - began < Duration.ofSeconds(5).toNanos());
    }

    @Test
    void settingsHaveRanges() {
        assertThrows(
                IllegalArgumentException.class,
                () -> new LoopSettings(0, LoopSettings.Spin.OFF, 40, 64));
        assertThrows(
                IllegalArgumentException.class,
                () -> new LoopSettings(1, LoopSettings.Spin.OFF, 0, 64));
        assertThrows(
                IllegalArgumentException.class,
                () -> new LoopSettings(1, LoopSettings.Spin.OFF, 40, 0));
        assertEquals(
                Runtime.getRuntime().availableProcessors(),
                LoopSettings.from(ConfigFactory.load()).loops());
    }
}
