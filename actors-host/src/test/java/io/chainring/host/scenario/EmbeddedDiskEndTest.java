package io.chainring.host.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chainring.host.embed.Chainring;
import io.chainring.host.embed.EmbeddedDisk;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.supervise.SupervisorCommand;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The end of an embedded disk, whatever it comes from: the store is closed and the name free when nothing runs any more. */
class EmbeddedDiskEndTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir Path folder;
    private final FaultyStore store = new FaultyStore(new MemoryBlockStore("memory", 1 << 20));
    private ActorTestKit kit;

    @BeforeEach
    void start() {
        kit = ActorTestKit.create("embedded", DiskUnderTest.onFiles(folder));
    }

    @AfterEach
    void shutDown() {
        store.heal();
        kit.shutdownTestKit();
    }

    private EmbeddedDisk open(FaultyStore bytes) {
        return Chainring.get(kit.system()).open("d", bytes);
    }

    private static <T> T get(java.util.concurrent.CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private void isClosedAndItsNameIsFree() throws Exception {
        assertThrows(
                IOException.class,
                () -> store.read(0, new ByteBuffer[] {ByteBuffer.allocate(512)}));
        EmbeddedDisk next = open(new FaultyStore(new MemoryBlockStore("memory", 1 << 20)));
        get(next.openClient().read(0, 512));
        get(next.stop(PATIENCE));
    }

    @Test
    void aFlushThatFailsIsToldAndLeavesNothingOpen() throws Exception {
        EmbeddedDisk disk = open(store);
        get(disk.openClient().write(0, ByteBuffer.allocate(512)));
        store.failNth(FaultyStore.Call.FLUSH, 1, new IOException("no flush"));
        ExecutionException failure =
                assertThrows(ExecutionException.class, () -> get(disk.stop(PATIENCE)));
        assertInstanceOf(IOException.class, failure.getCause());
        isClosedAndItsNameIsFree();
    }

    @Test
    void whoHearsThatItHasEndedMayOpenItAgainAtOnce() throws Exception {
        EmbeddedDisk disk = open(store);
        get(disk.openClient().read(0, 512));
        FaultyStore again = new FaultyStore(new MemoryBlockStore("memory", 1 << 20));
        // Asked while it runs, so that what follows is carried out by whoever ends it.
        EmbeddedDisk next = get(disk.stop(PATIENCE).thenApply(done -> open(again)));
        get(next.openClient().read(0, 512));
        get(next.stop(PATIENCE));
    }

    @Test
    void aStopThatIsNotWaitedForEndsAllTheSame() throws Exception {
        EmbeddedDisk disk = open(store);
        BlockClient client = disk.openClient();
        get(client.read(0, 512));
        FaultyStore.Barrier barrier = store.block(FaultyStore.Call.WRITE);
        var unused = client.write(0, ByteBuffer.allocate(512));
        Awaitility.await().atMost(PATIENCE).until(() -> store.inside() == 1);
        ExecutionException failure =
                assertThrows(ExecutionException.class, () -> get(disk.stop(Duration.ofMillis(1))));
        assertInstanceOf(TimeoutException.class, failure.getCause());
        assertThrows(IllegalArgumentException.class, () -> open(store));
        barrier.open();
        awaitClosedStore();
        CompletableFuture<?> second = disk.stop(PATIENCE).toCompletableFuture();
        get(second);
        isClosedAndItsNameIsFree();
    }

    @Test
    void theEndOfTheActorSystemEndsItToo() throws Exception {
        EmbeddedDisk disk = open(store);
        get(disk.openClient().read(0, 512));
        kit.shutdownTestKit();
        awaitClosedStore();
        assertEquals(0, store.inside());
    }

    private void awaitClosedStore() {
        Awaitility.await()
                .atMost(PATIENCE)
                .untilAsserted(
                        () ->
                                assertThrows(
                                        IOException.class,
                                        () ->
                                                store.read(
                                                        0,
                                                        new ByteBuffer[] {
                                                            ByteBuffer.allocate(512)
                                                        })));
    }

    /** A supervisor that dies takes its rings with it; the next one serves those who come again. */
    @Test
    void aSupervisorThatDiesHasASuccessor() throws Exception {
        EmbeddedDisk disk = open(store);
        BlockClient client = disk.openClient();
        get(client.write(0, ByteBuffer.allocate(512)));
        // Nobody can be answered there: it dies of that.
        disk.supervisor().tell(new SupervisorCommand.Grown(store.capacityBytes(), null));
        Awaitility.await().atMost(PATIENCE).until(() -> disk.statistics().epoch.get() > 1);
        Awaitility.await()
                .atMost(PATIENCE)
                .ignoreExceptions()
                .until(() -> get(disk.openClient().read(0, 512)) != null);
        get(disk.stop(PATIENCE));
        isClosedAndItsNameIsFree();
    }
}
