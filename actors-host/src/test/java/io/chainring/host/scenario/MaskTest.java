package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.IoMode;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.signal.Signal;
import io.chainring.ring.supervise.RingSettings;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.turn.KillPoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.LoggingTestKit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows S1 to S4 (invariant I7): signals inside the completion section. */
final class MaskTest {
    @TempDir Path directory;

    private final FaultyStore store = new FaultyStore(new MemoryBlockStore("under-test", 1 << 20));

    @Test
    void s1_anInterruptInTheSectionActsRightAfterIt() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            AtomicInteger raised = new AtomicInteger();
            disk.kills.watch(
                    KillPoint.PUBLISHED,
                    () -> {
                        if (raised.getAndIncrement() == 0) {
                            assertTrue(
                                    disk.mask.raise(Signal.INTERRUPT),
                                    "inside the section it is deferred");
                        }
                    });
            BlockClient client = disk.client();
            await(Blocks.write(client, 1, 7));
            await().atMost(PATIENCE).until(() -> disk.statistics.backendRestarts.get() == 1);
            Blocks.assertBlock(client, 1, 7);
            assertEquals(1, store.count(Call.WRITE));
            assertEquals(1, disk.mask.deferredSignals());
            assertEquals(
                    0, disk.statistics.renotifiedChains.get(), "the frontend had been informed");
        }
    }

    @Test
    void s2_throughTheDoorTerminateWinsOverInterrupt() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            AtomicInteger raised = new AtomicInteger();
            disk.kills.watch(
                    KillPoint.PUBLISHED,
                    () -> {
                        if (raised.getAndIncrement() == 0) {
                            disk.kill(Target.BACKEND, KillMode.TERMINATE);
                            disk.kill(Target.BACKEND, KillMode.INTERRUPT);
                        }
                    });
            BlockClient client = disk.client();
            LoggingTestKit.warn("killed by signal TERMINATE, deferred")
                    .expect(disk.kit().system(), () -> await(Blocks.write(client, 1, 7)));
            await().atMost(PATIENCE).until(() -> disk.statistics.backendRestarts.get() == 1);
            Blocks.assertBlock(client, 1, 7);
            assertEquals(2, disk.mask.deferredSignals());
        }
    }

    @Test
    void s2_terminateActsAtOnceOutsideTheSection() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            await(Blocks.write(client, 1, 7));
            assertTrue(disk.kill(Target.BACKEND, KillMode.TERMINATE));
            await().atMost(PATIENCE).until(() -> disk.statistics.backendRestarts.get() == 1);
            Blocks.assertBlock(client, 1, 7);
        }
    }

    @Test
    void s2_twoSignalsInTheSectionActAsOneDeath() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            AtomicInteger raised = new AtomicInteger();
            disk.kills.watch(
                    KillPoint.PUBLISHED,
                    () -> {
                        if (raised.getAndIncrement() == 0) {
                            disk.mask.raise(Signal.TERMINATE);
                            disk.mask.raise(Signal.INTERRUPT);
                        }
                    });
            BlockClient client = disk.client();
            await(Blocks.write(client, 1, 7));
            await().atMost(PATIENCE).until(() -> disk.statistics.backendRestarts.get() == 1);
            await(Blocks.write(client, 1, 8));
            assertEquals(2, disk.mask.deferredSignals());
            assertEquals(1, disk.statistics.backendRestarts.get());
        }
    }

    @Test
    void s3_underAStreamOfInterruptsEverySectionCompletes() {
        try (DiskUnderTest disk =
                new DiskUnderTest(store, directory, IoMode.INLINE, MaskTest::impatient)) {
            disk.kills.watch(KillPoint.PUBLISHED, () -> disk.mask.raise(Signal.INTERRUPT));
            BlockClient client = disk.client();
            for (int i = 0; i < 20; i++) {
                await(Blocks.write(client, i, i));
            }
            Blocks.assertAll(client, 5, 0);
            assertEquals(20, store.count(Call.WRITE));
            assertTrue(disk.mask.deferredSignals() >= 20);
        }
    }

    private static RingSettings impatient(RingSettings settings) {
        return new RingSettings(
                settings.shape(),
                settings.limits(),
                settings.journal(),
                Duration.ofMillis(1),
                Duration.ofMillis(10),
                null,
                settings.queueLimitRequests());
    }

    @Test
    void s4_aHardStopInTheSectionLosesNothing() {
        try (DiskUnderTest disk =
                new DiskUnderTest(store, directory, IoMode.POOL, MaskTest::impatient)) {
            BlockClient client = disk.client();
            for (int round = 0; round < 20; round++) {
                CompletionStage<Void> write = Blocks.write(client, round, round);
                disk.kill(Target.BACKEND, KillMode.STOP);
                await(write);
            }
            Blocks.assertAll(client, 20, 0);
        }
    }
}
