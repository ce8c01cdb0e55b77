package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.host.fault.FaultyStore;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Row P1 inside one JVM: the whole actor system ends where it stands, and another one opens its journal. */
final class ProcessDeathTest {
    @TempDir Path directory;

    @Test
    void p1_chainsWhoseFrontDoorDiedAreAbandonedAndNotExecutedAgain() throws Exception {
        FaultyStore store = new FaultyStore(new MemoryBlockStore("under-test", 1 << 20));
        FaultyStore.Barrier barrier = store.block(Call.WRITE);
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            Blocks.write(disk.client(), 1, 7);
            barrier.awaitEntered();
            assertEquals(1, disk.statistics.inFlightChains.get());
        }
        barrier.open();
        long executed = store.count(Call.WRITE);
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    disk.statistics.rings.get() == 0
                                            && disk.statistics.turns.get() >= 1);
            assertEquals(executed, store.count(Call.WRITE));
            assertEquals(1, disk.statistics.abandonedChains.get());
            assertEquals(2, disk.statistics.epoch.get());
            BlockClient client = disk.client();
            await(Blocks.write(client, 1, 8));
            Blocks.assertBlock(client, 1, 8);
        }
    }

    @Test
    void p1_everythingAcknowledgedIsThere() {
        MemoryBlockStore store = new MemoryBlockStore("under-test", 1 << 20);
        for (int life = 0; life < 5; life++) {
            try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
                BlockClient client = disk.client();
                if (life > 0) {
                    Blocks.assertAll(client, 64, 100 * (life - 1));
                }
                Blocks.writeAll(client, 64, 100 * life).forEach(DiskUnderTest::await);
                assertEquals(life + 1, disk.statistics.epoch.get());
            }
        }
    }
}
