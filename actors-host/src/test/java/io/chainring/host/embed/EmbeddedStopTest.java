package io.chainring.host.embed;

import static io.chainring.host.embed.EmbeddedFixture.PATIENCE;
import static io.chainring.host.embed.EmbeddedFixture.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.pekko.actor.DeadLetter;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.eventstream.EventStream;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was submitted before the end of a disk is answered, and nobody's death is noise. */
final class EmbeddedStopTest {
    private static final int BLOCK_BYTES = 4096;

    @TempDir Path folder;

    private static List<CompletableFuture<Void>> write(BlockClient client, int requests) {
        List<CompletableFuture<Void>> writes = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            long at = (long) i * BLOCK_BYTES % EmbeddedFixture.CAPACITY_BYTES;
            writes.add(client.write(at, ByteBuffer.allocate(BLOCK_BYTES)).toCompletableFuture());
        }
        return writes;
    }

    private static void allWritten(List<CompletableFuture<Void>> writes) throws Exception {
        for (CompletableFuture<Void> write : writes) {
            await(write);
        }
    }

    @Test
    void whatWasSubmittedBeforeAStopIsDone() {
        EmbeddedFixture.with(
                EmbeddedFixture.onFiles(folder),
                (kit, disk) -> {
                    List<CompletableFuture<Void>> writes = write(disk.openClient(), 2000);
                    await(disk.stop(PATIENCE));
                    assertTrue(writes.stream().allMatch(CompletableFuture::isDone));
                    allWritten(writes);
                });
    }

    @Test
    void whatWasSubmittedBeforeTheActorSystemEndsIsDone() throws Exception {
        ActorTestKit kit = ActorTestKit.create("application", EmbeddedFixture.onFiles(folder));
        EmbeddedDisk disk = EmbeddedFixture.open(kit);
        await(disk.whenServing());
        List<CompletableFuture<Void>> writes = write(disk.openClient(), 500);
        kit.system().terminate();
        allWritten(writes);
        await(disk.stop(PATIENCE));
        await(kit.system().getWhenTerminated());
    }

    @Test
    void stoppingAndClosingTwiceIsAllowed() {
        EmbeddedFixture.with(
                EmbeddedFixture.onFiles(folder),
                (kit, disk) -> {
                    await(disk.openClient().read(0, 512));
                    disk.close();
                    disk.close();
                    await(disk.stop(PATIENCE));
                    assertThrows(IllegalStateException.class, disk::openClient);
                });
    }

    @Test
    void killsLeaveNoDeadLetters() {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        EmbeddedFixture.with(
                EmbeddedFixture.onFiles(folder),
                (kit, disk) -> {
                    var listener =
                            kit.spawn(
                                    Behaviors.receive(DeadLetter.class)
                                            .onMessage(
                                                    DeadLetter.class,
                                                    letter -> {
                                                        note(letter, seen);
                                                        return Behaviors.same();
                                                    })
                                            .build());
                    kit.system()
                            .eventStream()
                            .tell(new EventStream.Subscribe<>(DeadLetter.class, listener));
                    BlockClient client = disk.openClient();
                    for (int i = 0; i < 12; i++) {
                        List<CompletableFuture<Void>> writes = write(client, 100);
                        KillMode mode = KillMode.values()[i % KillMode.values().length];
                        await(disk.kill(i % 3 == 2 ? Target.HOST : Target.BACKEND, mode));
                        allWritten(writes);
                    }
                    await(disk.stop(PATIENCE));
                });
        assertEquals(List.of(), List.copyOf(seen));
    }

    /**
     * Answers of Pekko's persistence (journal, snapshot store, the permit to recover) to a backend that died
     * while it waited for them are not ours to mark.
     */
    private static void note(DeadLetter letter, Queue<String> seen) {
        String message = letter.message().getClass().getName();
        if (!message.startsWith("org.apache.pekko.persistence.")) {
            seen.add(message + " to " + letter.recipient().path().name());
        }
    }
}
