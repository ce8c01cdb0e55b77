package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.fault.FaultyStore;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows F1 and F2 (invariant I9) below the gateway: the client of a ring goes away. */
final class ClientDeathTest {
    @TempDir Path directory;

    private final FaultyStore store = new FaultyStore(new MemoryBlockStore("under-test", 1 << 20));

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void f1_whatHasBegunFinishesBeforeTheRingIsLetGo(boolean backendDiesToo) throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            RecordingSink gone = new RecordingSink();
            long ringId = disk.service().openRing(gone);
            gone.write(1, 7);
            barrier.awaitEntered();
            // A second one waits behind it: that it is dropped shows that the backend knows of the
            // end.
            gone.write(1, 8);
            await().atMost(PATIENCE).until(() -> disk.statistics.waitingChains.get() == 1);
            disk.service().closeRing(ringId);
            await().atMost(PATIENCE).until(() -> disk.statistics.waitingChains.get() == 0);
            if (backendDiesToo) {
                disk.kill(Target.BACKEND, KillMode.STOP);
                await().atMost(PATIENCE).until(() -> disk.statistics.epoch.get() == 2);
            }
            assertFalse(gone.closed.isDone());
            barrier.open();
            await(gone.closed);
            assertEquals(0, gone.completed.size());
            assertEquals(1, disk.statistics.droppedCompletions.get());
            Blocks.assertBlock(disk.client(), 1, 7);
        }
    }

    @Test
    void f2_nothingOfALostConnectionExecutesAfterItsResentCopy() throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            RecordingSink lost = new RecordingSink();
            long ringId = disk.service().openRing(lost);
            // Two writes of A: the first is stuck in the store, the second waits behind it and has
            // not begun.
            lost.write(1, 'A');
            barrier.awaitEntered();
            lost.write(1, 'A');
            await().atMost(PATIENCE).until(() -> disk.statistics.waitingChains.get() == 1);

            disk.service().closeRing(ringId);
            RecordingSink next = new RecordingSink();
            disk.service().openRing(next);
            assertFalse(next.port.isDone(), "the new ring opens when the lost one is drained");
            await().atMost(PATIENCE).until(() -> disk.statistics.waitingChains.get() == 0);
            barrier.open();
            await(next.port);
            assertTrue(lost.closed.isDone());
            assertEquals(1, store.count(Call.WRITE), "what had not begun was dropped");

            next.write(1, 'A');
            next.write(1, 'B');
            await().atMost(PATIENCE).until(() -> next.completed.size() == 2);
            BlockClient reader = disk.client();
            Blocks.assertBlock(reader, 1, 'B');
            assertEquals(3, store.count(Call.WRITE));
        }
    }

    @Test
    void manyRingsComeAndGoUnderKills() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            for (int i = 0; i < 40; i++) {
                BlockClient client = disk.client();
                await(Blocks.write(client, i, i));
                if (i % 5 == 0) {
                    disk.kill(Target.BACKEND, KillMode.values()[i / 5 % 3]);
                }
                client.close();
                await(client.closed());
            }
            Blocks.assertAll(disk.client(), 40, 0);
            await().atMost(PATIENCE).until(() -> disk.statistics.rings.get() == 1);
        }
    }

    @Test
    void stoppingADiskFinishesWhatHasBegun() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            Blocks.writeAll(client, 64, 1).forEach(DiskUnderTest::await);
            disk.stop();
            await(client.closed());
        }
    }
}
