package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.IoMode;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.client.BlockIoException;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.RingSettings;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.turn.KillPoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows K1 to K11: the backend dies. */
final class BackendDeathTest {
    private static final int BLOCKS = 64;

    @TempDir Path directory;

    private final FaultyStore store = new FaultyStore(new MemoryBlockStore("under-test", 1 << 20));

    private void awaitEpoch(DiskUnderTest disk, long epoch) {
        await().atMost(PATIENCE)
                .until(
                        () ->
                                disk.statistics.recoveries.lastNanos() != 0
                                        && disk.statistics.epoch.get() >= epoch);
    }

    @ParameterizedTest
    @EnumSource(
            value = KillPoint.class,
            names = {
                "TAKEN",
                "RECORDING",
                "RECORDED",
                "PUBLISHED",
                "INFORMED",
                "EXECUTING",
                "EXECUTED",
                "OUTCOMES",
                "RECOVERED",
                "EPOCH_BEGUN",
                "RESUMING",
                "MASKED",
                "REPLAYING",
                "RING_ATTACHING",
                "RING_RECORDED"
            })
    void everyWriteSurvivesADeathAtAnyPoint(KillPoint point) {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            disk.kills.killAt(KillPoint.RECORDED, 3).killAt(point, 1);
            BlockClient client = disk.client();
            for (int round = 0; round < 3; round++) {
                for (CompletionStage<Void> write : Blocks.writeAll(client, BLOCKS, 1000 * round)) {
                    await(write);
                }
            }
            Blocks.assertAll(client, BLOCKS, 2000);
            assertEquals(disk.kills.deaths(), disk.statistics.backendRestarts.get());
            assertTrue(disk.kills.isDone(), "died at " + point);
        }
    }

    @Test
    void k1_takenAndNotMarkedIsNewAgain() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            disk.kills.killAt(KillPoint.TAKEN, 1);
            await(Blocks.write(disk.client(), 1, 7));
            assertEquals(1, disk.kills.deaths());
            assertEquals(1, store.count(Call.WRITE));
            assertEquals(0, disk.statistics.resumedChains.get());
        }
    }

    @Test
    void k2_sentAndNotAcknowledgedIsDecidedByTheJournalAlone() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            // The first record attaches the ring, the second begins the write.
            disk.kills.killAt(KillPoint.RECORDING, 2);
            BlockClient client = disk.client();
            await(Blocks.write(client, 1, 7));
            assertEquals(1, disk.kills.deaths());
            assertEquals(1, store.count(Call.WRITE));
            Blocks.assertBlock(client, 1, 7);
        }
    }

    @Test
    void k3_markedAndNotHandedOverIsResumed() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            disk.kills.killAt(KillPoint.EXECUTING, 1);
            await(Blocks.write(disk.client(), 1, 7));
            assertEquals(1, disk.statistics.resumedChains.get());
            assertEquals(1, disk.statistics.reexecutedChains.get());
            assertEquals(1, store.count(Call.WRITE));
        }
    }

    @ParameterizedTest
    @EnumSource(KillMode.class)
    void k4_whatTheHostExecutesIsWaitedForAndNotExecutedTwice(KillMode mode) throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            BlockClient client = disk.client();
            CompletionStage<Void> write = Blocks.write(client, 1, 7);
            barrier.awaitEntered();
            assertTrue(disk.kill(Target.BACKEND, mode));
            awaitEpoch(disk, 2);
            barrier.open();
            await(write);
            Blocks.assertBlock(client, 1, 7);
            assertEquals(1, store.count(Call.WRITE));
            assertEquals(1, disk.statistics.resumedChains.get());
            assertEquals(0, disk.statistics.reexecutedChains.get());
        }
    }

    @Test
    void k5_theHostKeepsResultsThatNobodyTook() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            disk.kills.killAt(KillPoint.OUTCOMES, 1);
            BlockClient client = disk.client();
            await(Blocks.write(client, 1, 7));
            assertEquals(1, disk.kills.deaths());
            assertEquals(1, store.count(Call.WRITE));
            Blocks.assertBlock(client, 1, 7);
        }
    }

    @Test
    void k6_recordedAndNotPublishedIsPublishedWithoutExecution() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            // Records: the ring attaches, the write begins, the write completes.
            disk.kills.killAt(KillPoint.RECORDED, 3);
            await(Blocks.write(disk.client(), 1, 7));
            assertEquals(1, disk.kills.deaths());
            assertEquals(1, store.count(Call.WRITE));
            assertEquals(1, disk.statistics.renotifiedChains.get());
        }
    }

    @Test
    void k7_publishedAndNotInformedIsTakenOnce() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            disk.kills.killAt(KillPoint.PUBLISHED, 1);
            await(Blocks.write(client, 1, 7));
            assertEquals(1, disk.kills.deaths());
            await(Blocks.write(client, 1, 8));
            Blocks.assertBlock(client, 1, 8);
            assertEquals(3, store.count(Call.WRITE));
        }
    }

    @Test
    void k8_deathsInTheRecoveryItselfChangeNothing() throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            BlockClient client = disk.client();
            CompletionStage<Void> write = Blocks.write(client, 1, 7);
            barrier.awaitEntered();
            disk.kills
                    .killEach(KillPoint.RECOVERED, 2)
                    .killEach(KillPoint.EPOCH_BEGUN, 2)
                    .killEach(KillPoint.RESUMING, 2);
            disk.kill(Target.BACKEND, KillMode.STOP);
            // Two incarnations die before their epoch is recorded, four after it, the seventh
            // serves.
            awaitEpoch(disk, 6);
            await().atMost(PATIENCE).until(disk.kills::isDone);
            barrier.open();
            await(write);
            Blocks.assertBlock(client, 1, 7);
            assertEquals(1, store.count(Call.WRITE));
            assertEquals(6, disk.statistics.epoch.get());
        }
    }

    @Test
    void k8_snapshotsAndDeletionOfOldRecordsAreSurvived() {
        UnaryOperator<RingSettings> often =
                settings -> settings.withJournal(new BackendSetup.JournalChoice("", "", null, 7));
        try (DiskUnderTest disk = new DiskUnderTest(store, directory, IoMode.INLINE, often)) {
            BlockClient client = disk.client();
            for (int i = 0; i < 300; i++) {
                await(Blocks.write(client, i % BLOCKS, i));
                if (i % 29 == 0) {
                    disk.kill(Target.BACKEND, KillMode.values()[i % 3]);
                }
            }
            for (int i = 300 - BLOCKS; i < 300; i++) {
                Blocks.assertBlock(client, i % BLOCKS, i);
            }
            assertEquals(1 + disk.statistics.backendRestarts.get(), disk.statistics.epoch.get());
            assertEquals(300, store.count(Call.WRITE));
        }
    }

    @Test
    void k9_aPoisonChainEndsWithAnErrorAndTheDiskGoesOn() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            disk.kills.killEach(
                    KillPoint.EXECUTING,
                    Integer.MAX_VALUE,
                    chain -> chain.offsetBytes() == Blocks.at(5));
            BlockClient client = disk.client();
            List<CompletionStage<Void>> writes = Blocks.writeAll(client, 10, 100);
            for (int i = 0; i < writes.size(); i++) {
                CompletionStage<Void> write = writes.get(i);
                if (i == 5) {
                    Throwable failure =
                            assertThrows(IllegalStateException.class, () -> await(write))
                                    .getCause();
                    assertEquals(BlockIoException.class, failure.getClass());
                } else {
                    await(write);
                }
            }
            assertEquals(3, disk.kills.deaths());
            assertEquals(1, disk.statistics.poisonedChains.get());
            await(Blocks.write(client, 6, 1));
        }
    }

    @Test
    void k10_aFlushInFlightIsCarriedThrough() throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            await(Blocks.write(client, 1, 7));
            FaultyStore.Barrier barrier = store.block(Call.FLUSH);
            CompletionStage<Void> flush = client.flush();
            barrier.awaitEntered();
            disk.kill(Target.BACKEND, KillMode.STOP);
            awaitEpoch(disk, 2);
            barrier.open();
            await(flush);
            assertTrue(store.count(Call.FLUSH) >= 1);
        }
    }

    @Test
    void k11_chainsBehindAnOverlapComeBackInTheirOrder() throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            BlockClient first = disk.client();
            CompletionStage<Void> stuck = Blocks.write(first, 1, 0);
            barrier.awaitEntered();
            List<CompletionStage<Void>> behind = new ArrayList<>();
            for (int i = 1; i <= 20; i++) {
                behind.add(Blocks.write(first, 1, i));
            }
            BlockClient second = disk.client();
            CompletionStage<Void> other = Blocks.write(second, 1, 500);
            await().atMost(PATIENCE).until(() -> disk.statistics.waitingChains.get() == 21);
            disk.kill(Target.BACKEND, KillMode.STOP);
            awaitEpoch(disk, 2);
            barrier.open();
            await(stuck);
            for (CompletionStage<Void> write : behind) {
                await(write);
            }
            await(other);
            await(Blocks.write(first, 1, 21));
            Blocks.assertBlock(first, 1, 21);
            assertEquals(23, store.count(Call.WRITE));
        }
    }
}
