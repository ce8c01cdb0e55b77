package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.base.Seed;
import io.chainring.host.IoMode;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.FileBlockStore;
import io.chainring.host.store.FileStoreOptions;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.turn.KillPoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Ranges that begin and end within sectors, and disks that do (row K13). */
final class UnalignedTest {
    private static final int STRIPE = 61;
    private static final int CLIENTS = 4;
    private static final int BYTES = 40 * CLIENTS * STRIPE + 1;

    @TempDir Path directory;

    private static ByteBuffer filled(int value, int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return ByteBuffer.wrap(bytes);
    }

    private static byte[] read(BlockClient client, long offset, int length) {
        byte[] bytes = new byte[length];
        await(client.read(offset, length)).get(bytes);
        return bytes;
    }

    /** Several clients write neighbouring bytes of the same sectors of a file, and everybody dies at every point. */
    @ParameterizedTest
    @EnumSource(
            value = IoMode.class,
            names = {"INLINE", "POOL"})
    void neighboursInASectorAreAllThereAfterDeaths(IoMode mode) throws IOException {
        Random random = new Random(Seed.of(UnalignedTest.class));
        Path image = directory.resolve("d.img");
        byte[] model = new byte[BYTES];
        // A chain may be in hand at several deaths in a row.
        Config config =
                ConfigFactory.parseString("chainring.ring.poison-limit-attempts = 1000")
                        .withFallback(
                                DiskUnderTest.onFiles(
                                        Files.createDirectory(directory.resolve("journal"))));
        FileStoreOptions size = FileStoreOptions.DEFAULT.withCreateSizeBytes(BYTES);
        try (BlockStore store = FileBlockStore.open(image, size);
                DiskUnderTest disk =
                        new DiskUnderTest(store, config, mode, UnaryOperator.identity())) {
            List<BlockClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(disk.client());
            }
            KillPoint[] points = Target.BACKEND.points().toArray(new KillPoint[0]);
            for (int round = 0; round < 3 * points.length; round++) {
                disk.kills.killAt(points[round % points.length], 1 + random.nextInt(3));
                List<CompletionStage<Void>> changes = new ArrayList<>();
                for (int i = 0; i < 6 * CLIENTS; i++) {
                    int at = (random.nextInt(40) * CLIENTS + i % CLIENTS) * STRIPE;
                    changes.add(change(clients.get(i % CLIENTS), model, at, random));
                }
                if (round % 5 == 0) {
                    disk.kill(Target.HOST, KillMode.STOP);
                }
                changes.forEach(DiskUnderTest::await);
            }
            assertTrue(disk.kills.deaths() > 0);
            assertArrayEquals(model, read(clients.get(0), 0, BYTES));
        }
        assertArrayEquals(model, Files.readAllBytes(image));
    }

    private static CompletionStage<Void> change(
            BlockClient client, byte[] model, int at, Random random) {
        int length = 1 + random.nextInt(STRIPE);
        if (random.nextInt(4) == 0) {
            Arrays.fill(model, at, at + length, (byte) 0);
            return client.writeZeroes(at, length);
        }
        ByteBuffer bytes = filled(random.nextInt(), length);
        bytes.get(0, model, at, length);
        return random.nextInt(4) == 0 ? client.writeThrough(at, bytes) : client.write(at, bytes);
    }

    /** A write that is executed again puts back its own bytes, and no old ones around them. */
    @Test
    void executedAgainItLeavesNewerNeighboursAlone() throws Exception {
        FaultyStore store = new FaultyStore(new MemoryBlockStore("odd", 4097));
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            await(client.write(0, filled(1, 4097)));
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            CompletionStage<Void> stuck = client.write(100, filled(2, 100));
            barrier.awaitEntered();
            // Of its own sector, on both sides; these are other calls, and go on.
            await(client.writeZeroes(50, 50));
            await(client.writeZeroes(200, 300));
            assertTrue(disk.kill(Target.HOST, KillMode.STOP));
            barrier.open();
            await(stuck);
            byte[] expected = new byte[4097];
            Arrays.fill(expected, (byte) 1);
            Arrays.fill(expected, 50, 500, (byte) 0);
            Arrays.fill(expected, 100, 200, (byte) 2);
            assertArrayEquals(expected, read(client, 0, 4097));
            assertEquals(1, disk.statistics.reexecutedChains.get());
            assertEquals(3, store.count(Call.WRITE));
        }
    }
}
