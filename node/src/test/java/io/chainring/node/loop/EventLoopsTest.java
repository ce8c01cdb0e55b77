package io.chainring.node.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.base.settings.InvalidSettingException;
import java.util.List;
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
                assertSame(expected.get(120, TimeUnit.SECONDS), actual.get(120, TimeUnit.SECONDS));
            }
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(120, TimeUnit.SECONDS);
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
            assertEquals(Done.getInstance(), ran.get(120, TimeUnit.SECONDS));
        }
    }

    @Test
    void closingWaitsForTheLoops() {
        EventLoops loops =
                EventLoops.create(new LoopSettings(2, LoopSettings.Spin.ADAPTIVE, 40, 64));
        loops.close();
        assertTrue(loops.loop(0).isTerminated() && loops.loop(1).isTerminated());
    }

    @Test
    void settingsHaveRanges() {
        for (String wrong :
                List.of(
                        "loops = -1: allowed are 0 to 256",
                        "loops = 257: allowed are 0 to 256",
                        "spin-micros = 0: allowed are 1 to 10000",
                        "loop-throughput = 0: allowed are 1 to 10000",
                        "spin = a bit: one of off, fixed, adaptive")) {
            String setting = "chainring.node." + wrong;
            InvalidSettingException e =
                    assertThrows(
                            InvalidSettingException.class,
                            () -> read(setting.substring(0, setting.indexOf(':'))));
            assertEquals(setting, e.getMessage());
        }
        assertEquals(Runtime.getRuntime().availableProcessors(), read("").loops());
        assertEquals(LoopSettings.Spin.OFF, read("chainring.node.spin = false").spin());
        assertEquals(LoopSettings.Spin.FIXED, read("chainring.node.spin = Fixed").spin());
    }

    private static LoopSettings read(String over) {
        return LoopSettings.from(
                ConfigFactory.parseString(over).withFallback(ConfigFactory.load()));
    }
}
