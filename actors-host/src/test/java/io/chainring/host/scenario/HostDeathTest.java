package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.IoMode;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.host.store.StoreNoSpaceException;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.client.BlockIoException;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows H1 to H4: the host dies, or its store fails. */
final class HostDeathTest {
    @TempDir Path directory;

    private final FaultyStore store = new FaultyStore(new MemoryBlockStore("under-test", 1 << 20));

    @ParameterizedTest
    @EnumSource(KillMode.class)
    void h1_theNextHostWaitsForTheWorkersOfTheDead(KillMode mode) throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            CompletionStage<Void> write = Blocks.write(client, 1, 7);
            barrier.awaitEntered();
            assertTrue(disk.kill(Target.HOST, mode));
            await().atMost(PATIENCE).until(() -> disk.statistics.executorRestarts.get() == 1);
            CompletionStage<Void> overlapping = Blocks.write(client, 1, 8);
            assertEquals(1, store.inside(), "nothing joins the worker of the dead host");
            assertFalse(write.toCompletableFuture().isDone());
            barrier.open();
            await(write);
            await(overlapping);
            Blocks.assertBlock(client, 1, 8);
            assertEquals(1, disk.statistics.reexecutedChains.get());
            assertEquals(1, disk.statistics.epoch.get(), "the backend lives on");
            assertEquals(1 + 2 + 1, store.count(Call.WRITE));
        }
    }

    @Test
    void h1_bothDieAtOnce() throws Exception {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            FaultyStore.Barrier barrier = store.block(Call.WRITE);
            CompletionStage<Void> write = Blocks.write(client, 1, 7);
            barrier.awaitEntered();
            disk.kill(Target.HOST, KillMode.STOP);
            disk.kill(Target.BACKEND, KillMode.STOP);
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    disk.statistics.executorRestarts.get() == 1
                                            && disk.statistics.backendRestarts.get() == 1);
            barrier.open();
            await(write);
            Blocks.assertBlock(client, 1, 7);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = IoMode.class,
            names = {"INLINE", "POOL"})
    void h1_aChainThatEndsEveryHostEndsWithAnErrorAndTheDiskGoesOn(IoMode mode) {
        try (DiskUnderTest disk =
                new DiskUnderTest(store, directory, mode, UnaryOperator.identity())) {
            BlockClient client = disk.client();
            for (int n = 1; n <= 3; n++) {
                store.breakNth(Call.WRITE, n, new InternalError("the file was cut under its map"));
            }
            assertEquals(ChainStatus.IOERR, statusOf(Blocks.write(client, 1, 2)));
            await().atMost(PATIENCE).until(() -> disk.statistics.executorRestarts.get() == 3);
            assertEquals(3, store.count(Call.WRITE));
            await(Blocks.write(client, 1, 3));
            Blocks.assertBlock(client, 1, 3);
        }
    }

    @Test
    void h1_aSyncThatEndsEveryHostEndsWithAnError() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            for (int n = 1; n <= 3; n++) {
                store.breakNth(Call.FLUSH, n, new InternalError("out of its mind"));
            }
            assertEquals(ChainStatus.IOERR, statusOf(client.flush()));
            await(client.flush());
            assertEquals(4, store.count(Call.FLUSH));
        }
    }

    @Test
    void h2_anErrorOfTheStoreEndsItsChainAndNothingElse() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            store.failNth(Call.WRITE, 2, new IOException("broken platter"));
            store.failNth(Call.WRITE, 3, new StoreNoSpaceException("full"));
            await(Blocks.write(client, 0, 1));
            assertEquals(ChainStatus.IOERR, statusOf(Blocks.write(client, 1, 2)));
            assertEquals(ChainStatus.NOSPC, statusOf(Blocks.write(client, 2, 3)));
            await(Blocks.write(client, 3, 4));
            Blocks.assertBlock(client, 0, 1);
            Blocks.assertBlock(client, 3, 4);
            assertEquals(0, disk.statistics.backendRestarts.get());
        }
    }

    @Test
    void h3_afterAFailedSyncWritesAndFlushesFailAndReadsGoOn() {
        try (DiskUnderTest disk =
                new DiskUnderTest(store, directory, IoMode.AUTO, UnaryOperator.identity())) {
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            store.failSyncForGood();
            assertEquals(ChainStatus.IOERR, statusOf(client.flush()));
            assertEquals(ChainStatus.IOERR, statusOf(client.flush()));
            assertEquals(ChainStatus.IOERR, statusOf(Blocks.write(client, 1, 2)));
            Blocks.assertBlock(client, 0, 1);
        }
    }

    @Test
    void h4_aTornWriteIsNeverReportedAsDone() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            store.tearWrite();
            assertEquals(ChainStatus.IOERR, statusOf(Blocks.write(client, 0, 1)));
            await(Blocks.write(client, 0, 2));
            Blocks.assertBlock(client, 0, 2);
        }
    }

    private static byte statusOf(CompletionStage<?> stage) {
        Throwable failure =
                assertThrows(IllegalStateException.class, () -> await(stage)).getCause();
        return failure instanceof BlockIoException io ? io.status() : ChainStatus.OK;
    }
}
