package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.IoMode;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.persistence.typed.PublishedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Costs that a backend must not have, whatever Pekko's version does by default. */
final class BackendCostTest {
    private static final int SNAPSHOT_EVERY_TURNS = 50;

    @TempDir Path directory;

    private final MemoryBlockStore store = new MemoryBlockStore("under-test", 1 << 20);

    /** Each published event would wake a thread of the default dispatcher: a quarter of the processor time. */
    @Test
    void recordsAreNotPublishedToTheEventStream() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            TestProbe<PublishedEvent> probe = disk.kit().createTestProbe(PublishedEvent.class);
            disk.kit()
                    .system()
                    .eventStream()
                    .tell(new EventStream.Subscribe<>(PublishedEvent.class, probe.ref()));
            BlockClient client = disk.client();
            for (int i = 0; i < 20; i++) {
                await(Blocks.write(client, i, i));
            }
            assertTrue(disk.statistics.turns.get() >= 20);
            probe.expectNoMessage(Duration.ofMillis(200));
        }
    }

    /** What a recovery replays depends on the snapshots, not on how many chains there ever were. */
    @ParameterizedTest
    @ValueSource(ints = {200, 2000})
    void recoveryReplaysBoundedRecordsWhateverTheAgeOfTheDisk(int chains) {
        try (DiskUnderTest disk =
                new DiskUnderTest(
                        store,
                        directory,
                        IoMode.INLINE,
                        settings ->
                                settings.withJournal(
                                        new BackendSetup.JournalChoice(
                                                "", "", null, SNAPSHOT_EVERY_TURNS)))) {
            BlockClient client = disk.client();
            for (int i = 0; i < chains; i++) {
                await(Blocks.write(client, i % 64, i));
            }
            disk.kill(Target.BACKEND, KillMode.STOP);
            await().atMost(PATIENCE).until(() -> disk.statistics.epoch.get() == 2);
            long replayed = disk.statistics.replayedRecords.get();
            assertTrue(replayed <= 2 * SNAPSHOT_EVERY_TURNS, () -> replayed + " records replayed");
            await(Blocks.write(client, 0, 1));
            assertEquals(1, disk.statistics.backendRestarts.get());
        }
    }
}
