package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.IoMode;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.turn.CrashPolicy;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a new epoch does with chains in flight when it is not to resume them. */
final class CrashPolicyTest {
    @TempDir Path directory;

    private final FaultyStore store = new FaultyStore(new MemoryBlockStore("under-test", 1 << 20));

    private DiskUnderTest disk(CrashPolicy policy) {
        return new DiskUnderTest(
                store, directory, IoMode.POOL, settings -> settings.withCrashPolicy(policy));
    }

    @Test
    void failEndsChainsWithAnErrorOnceNothingOfThemRuns() throws Exception {
        try (DiskUnderTest disk = disk(CrashPolicy.FAIL)) {
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            RecordingSink client = new RecordingSink();
            disk.service().openRing(client);
            client.write(1, 7);
            barrier.awaitEntered();
            disk.kill(Target.BACKEND, KillMode.STOP);
            await().atMost(PATIENCE).until(() -> disk.statistics.epoch.get() == 2);
            assertTrue(client.completed.isEmpty(), "the host still reads its memory");
            barrier.open();
            await().atMost(PATIENCE).until(() -> client.completed.size() == 1);
            assertEquals(ChainStatus.IOERR, client.completed.get(0).status());
            client.write(2, 8);
            await().atMost(PATIENCE).until(() -> client.completed.size() == 2);
            assertEquals(ChainStatus.OK, client.completed.get(1).status());
        }
    }

    @Test
    void abandonClosesTheRingsThatHadChainsInFlight() throws Exception {
        try (DiskUnderTest disk = disk(CrashPolicy.ABANDON)) {
            RecordingSink idle = new RecordingSink();
            disk.service().openRing(idle);
            idle.write(0, 1);
            await().atMost(PATIENCE).until(() -> idle.completed.size() == 1);
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            RecordingSink busy = new RecordingSink();
            disk.service().openRing(busy);
            busy.write(1, 7);
            barrier.awaitEntered();
            disk.kill(Target.BACKEND, KillMode.STOP);
            await().atMost(PATIENCE).until(() -> disk.statistics.epoch.get() == 2);
            barrier.open();
            assertTrue(await(busy.closed).contains("abandon"));
            assertTrue(busy.completed.isEmpty());
            idle.write(2, 8);
            await().atMost(PATIENCE).until(() -> idle.completed.size() == 2);
            assertFalse(idle.closed.isDone());
        }
    }
}
