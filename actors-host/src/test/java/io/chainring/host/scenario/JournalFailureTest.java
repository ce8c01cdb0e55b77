package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.base.StalledJournal;
import io.chainring.host.IoMode;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.client.BlockIoException;
import io.chainring.ring.supervise.RingSettings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.apache.pekko.persistence.testkit.PersistenceTestKitPlugin;
import org.apache.pekko.persistence.testkit.PersistenceTestKitSnapshotPlugin;
import org.apache.pekko.persistence.testkit.javadsl.PersistenceTestKit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Row J2: the journal fails, with a journal that fails on demand. */
final class JournalFailureTest {
    private static final String ID = "disk-under-test";

    private final FaultyStore store = new FaultyStore(new MemoryBlockStore("under-test", 1 << 20));

    private static Config failingOnDemand() {
        return ConfigFactory.parseString("pekko.loglevel = OFF")
                .withFallback(PersistenceTestKitPlugin.getInstance().config())
                .withFallback(PersistenceTestKitSnapshotPlugin.config())
                .withFallback(ConfigFactory.load());
    }

    private static UnaryOperator<RingSettings> outageLimit(@Nullable Duration limit) {
        return settings ->
                new RingSettings(
                        settings.shape(),
                        settings.limits(),
                        settings.journal(),
                        Duration.ofMillis(5),
                        Duration.ofMillis(50),
                        limit,
                        settings.queueLimitRequests());
    }

    @Test
    void j1_whileTheJournalIsSlowClientsWaitAndTheAgeIsSeen() {
        try (DiskUnderTest disk =
                new DiskUnderTest(store, failingOnDemand(), IoMode.INLINE, outageLimit(null))) {
            PersistenceTestKit journal = PersistenceTestKit.create(disk.kit().system());
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            StalledJournal stalled = new StalledJournal();
            journal.withPolicy(stalled);
            List<CompletionStage<Void>> writes = Blocks.writeAll(client, 20, 100);
            await().atMost(PATIENCE)
                    .until(
                            () -> {
                                long since = disk.statistics.recordingSinceNanos.get();
                                return since != 0
                                        && System.nanoTime() - since
                                                > Duration.ofMillis(500).toNanos();
                            });
            assertTrue(writes.stream().noneMatch(write -> write.toCompletableFuture().isDone()));
            stalled.letGo();
            writes.forEach(DiskUnderTest::await);
            Blocks.assertAll(client, 20, 100);
            assertEquals(0, disk.statistics.backendRestarts.get(), "nothing timed out inside");
            assertEquals(0, disk.statistics.recordingSinceNanos.get());
        }
    }

    @Test
    void j2_nothingIsCompletedWhileWritesFailAndEverythingGoesOnAfter() {
        try (DiskUnderTest disk =
                new DiskUnderTest(store, failingOnDemand(), IoMode.INLINE, outageLimit(null))) {
            PersistenceTestKit journal = PersistenceTestKit.create(disk.kit().system());
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            journal.failNextNPersisted(ID, 5);
            CompletionStage<Void> write = Blocks.write(client, 1, 2);
            await(write);
            Blocks.assertBlock(client, 0, 1);
            Blocks.assertBlock(client, 1, 2);
            assertTrue(disk.statistics.backendRestarts.get() >= 5);
            assertEquals(2, store.count(Call.WRITE));
        }
    }

    @Test
    void j2_aCompletionWhoseRecordFailedIsNotSeen() throws Exception {
        try (DiskUnderTest disk =
                new DiskUnderTest(store, failingOnDemand(), IoMode.POOL, outageLimit(null))) {
            PersistenceTestKit journal = PersistenceTestKit.create(disk.kit().system());
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            CompletionStage<Void> write = Blocks.write(client, 1, 2);
            barrier.awaitEntered();
            // The record with the completion and those of the next epochs fail.
            journal.failNextNPersisted(ID, 8);
            barrier.open();
            await().atMost(PATIENCE).until(() -> disk.statistics.backendRestarts.get() >= 3);
            assertFalse(
                    write.toCompletableFuture().isDone()
                            && disk.statistics.backendRestarts.get() < 8);
            await(write);
            assertEquals(2, store.count(Call.WRITE), "the host kept the result");
            Blocks.assertBlock(client, 1, 2);
        }
    }

    @Test
    void j2_afterTheOutageLimitChainsEndWithAnError() {
        Duration limit = Duration.ofMillis(1500);
        try (DiskUnderTest disk =
                new DiskUnderTest(store, failingOnDemand(), IoMode.INLINE, outageLimit(limit))) {
            PersistenceTestKit journal = PersistenceTestKit.create(disk.kit().system());
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            journal.failNextNPersisted(ID, 1_000_000);
            CompletionStage<Void> write = Blocks.write(client, 1, 2);
            Throwable failure =
                    assertThrows(IllegalStateException.class, () -> await(write)).getCause();
            assertEquals(BlockIoException.class, failure.getClass());
            journal.resetPolicy();
            BlockClient next = disk.client();
            Blocks.assertBlock(next, 0, 1);
            await(Blocks.write(next, 1, 3));
        }
    }
}
