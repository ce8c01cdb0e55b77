package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.base.space.SmallFileSystem;
import io.chainring.host.IoMode;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.supervise.RingSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row J3: the file system that holds the journal is full, and then it is not. A small tmpfs plays its part. */
final class FullJournalTest {

    /** Less than the journal's min-free-space, and more than what it may write before it looks. */
    private static final long LEFT_BYTES = 3 << 20;

    private static final Config MIN_FREE =
            ConfigFactory.parseString("chainring.persistence.leveldb.min-free-space = 4 MiB");

    @TempDir Path directory;
    private SmallFileSystem space;

    @BeforeEach
    void mountSmallFileSystem() throws Exception {
        space = SmallFileSystem.mount(directory, 24);
    }

    @AfterEach
    void unmount() throws Exception {
        // Not where the test was skipped.
        if (space != null) {
            space.close();
        }
    }

    @Test
    void j3_clientsWaitWhileTheJournalIsFullAndGoOnWhenThereIsRoom() throws Exception {
        MemoryBlockStore store = new MemoryBlockStore("under-test", 1 << 20);
        try (DiskUnderTest disk =
                new DiskUnderTest(
                        store,
                        MIN_FREE.withFallback(DiskUnderTest.onFiles(directory.resolve("journal"))),
                        IoMode.INLINE,
                        FullJournalTest::impatient)) {
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            space.leave(LEFT_BYTES);
            int next = 0;
            CompletionStage<Void> last = Blocks.write(client, 1, next);
            while (disk.statistics.backendRestarts.get() == 0) {
                CompletionStage<Void> write = last;
                await().atMost(PATIENCE)
                        .until(
                                () ->
                                        write.toCompletableFuture().isDone()
                                                || disk.statistics.backendRestarts.get() > 0);
                if (disk.statistics.backendRestarts.get() == 0) {
                    last = Blocks.write(client, 1, ++next);
                }
            }
            CompletionStage<Void> stuck = last;
            long restarts = disk.statistics.backendRestarts.get();
            await().atMost(PATIENCE)
                    .until(() -> disk.statistics.backendRestarts.get() >= restarts + 2);
            assertFalse(
                    stuck.toCompletableFuture().isDone(),
                    "nothing is acknowledged that is not recorded");
            space.makeRoom();
            await(stuck);
            Blocks.assertBlock(client, 1, next);
            Blocks.assertBlock(client, 0, 1);
        }
    }

    private static RingSettings impatient(RingSettings settings) {
        return new RingSettings(
                settings.shape(),
                settings.limits(),
                settings.journal(),
                Duration.ofMillis(5),
                Duration.ofMillis(200),
                null,
                settings.queueLimitRequests());
    }
}
