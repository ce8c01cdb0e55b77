package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chainring.host.fault.FaultyStore;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk grows while clients work on it and while its actors die. */
final class GrowthTest {
    private static final int BLOCKS = 256;
    private static final long OLD_BYTES = (long) BLOCKS * Blocks.BYTES;

    @TempDir Path directory;

    private final FaultyStore store =
            new FaultyStore(new MemoryBlockStore("under-test", OLD_BYTES));

    /** What a ring that opens now is told. */
    private static long toldBytes(DiskUnderTest disk) {
        CompletableFuture<Long> told = new CompletableFuture<>();
        disk.service()
                .openRing(
                        new CompletionSink() {
                            @Override
                            public void opened(RingPort port) {
                                told.complete(port.capacityBytes());
                                port.close();
                            }

                            @Override
                            public void completed(List<BlockRequest> requests) {}

                            @Override
                            public void closed(String reason) {
                                told.completeExceptionally(new IllegalStateException(reason));
                            }
                        });
        return await(told);
    }

    @Test
    void openRingsGoOnAndNewOnesSeeTheNewSize() throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient before = disk.client();
            List<CompletionStage<Void>> writes = Blocks.writeAll(before, BLOCKS, 100);
            assertThrows(IllegalStateException.class, () -> await(Blocks.write(before, BLOCKS, 7)));
            store.grow(2 * OLD_BYTES);
            disk.grown(2 * OLD_BYTES);
            assertEquals(2 * OLD_BYTES, toldBytes(disk));
            await(Blocks.write(disk.client(), 2 * BLOCKS - 1, 8));
            writes.forEach(DiskUnderTest::await);
            Blocks.assertAll(before, BLOCKS, 100);
            assertEquals(0, disk.statistics.backendRestarts.get());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Target.class,
            names = {"BACKEND", "HOST"})
    void aDeathWhileItGrowsLosesNothing(Target target) throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            for (int round = 1; round <= 5; round++) {
                long newBytes = OLD_BYTES + (long) round * Blocks.BYTES;
                List<CompletionStage<Void>> writes = Blocks.writeAll(client, BLOCKS, 1000 * round);
                await().atMost(PATIENCE).until(() -> disk.kill(target, KillMode.STOP));
                store.grow(newBytes);
                disk.grown(newBytes);
                assertEquals(newBytes, toldBytes(disk));
                await(Blocks.write(client, BLOCKS + round - 1, round));
                writes.forEach(DiskUnderTest::await);
                Blocks.assertAll(client, BLOCKS, 1000 * round);
                Blocks.assertBlock(client, BLOCKS + round - 1, round);
            }
        }
    }
}
