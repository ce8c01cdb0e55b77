package io.chainring.host.embed;

import static io.chainring.host.embed.EmbeddedFixture.CAPACITY_BYTES;
import static io.chainring.host.embed.EmbeddedFixture.await;
import static io.chainring.host.embed.EmbeddedFixture.failureOf;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.client.BlockIoException;
import io.chainring.ring.client.BlockingClient;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.util.ByteString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk as callers have their bytes: in buffers of their own, on threads that wait, as a channel, as a stream. */
final class EmbeddedViewsTest {
    private static final int BLOCK_BYTES = 4096;
    private static final int BLOCKS = CAPACITY_BYTES / BLOCK_BYTES;

    @TempDir Path folder;

    private final SplittableRandom random = Seed.random(getClass());

    private void withDisk(EmbeddedFixture.Scenario scenario) {
        EmbeddedFixture.with(EmbeddedFixture.onFiles(folder), scenario);
    }

    private byte[] some(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static List<ByteBuffer> cut(byte[] bytes, int... lengths) {
        List<ByteBuffer> parts = new ArrayList<>();
        int at = 0;
        for (int length : lengths) {
            parts.add(ByteBuffer.wrap(bytes, at, length));
            at += length;
        }
        return parts;
    }

    @Test
    void oneRequestGathersAndScatters() {
        withDisk(
                (kit, disk) -> {
                    BlockClient client = disk.openClient();
                    byte[] bytes = some(8192);
                    await(client.writeGathered(512, cut(bytes, 100, 0, 4000, 4092)));
                    byte[] read = new byte[8192];
                    List<ByteBuffer> into = cut(read, 7, 8000, 185);
                    await(client.readScattered(512, into));
                    assertArrayEquals(bytes, read);
                    assertEquals(7, into.get(1).position(), "where it was");
                    ByteBuffer one = ByteBuffer.allocateDirect(1024).position(512);
                    await(client.read(512, one));
                    assertEquals(ByteBuffer.wrap(bytes, 0, 512), one);
                    ByteBuffer shut = ByteBuffer.allocate(512).asReadOnlyBuffer();
                    assertThrows(IllegalArgumentException.class, () -> client.read(0, shut));
                    assertEquals(1, disk.statistics().epoch.get(), "nobody died of it");
                });
    }

    @Test
    void whoeverWaitsHearsOfNoDeath() {
        withDisk(
                (kit, disk) -> {
                    try (BlockingClient client = disk.openBlocking()) {
                        for (int i = 0; i < BLOCKS; i++) {
                            ByteBuffer data = ByteBuffer.wrap(some(BLOCK_BYTES));
                            var unused = disk.kill(Target.BACKEND, KillMode.ERROR);
                            client.write((long) i * BLOCK_BYTES, data);
                            assertFalse(data.hasRemaining());
                            ByteBuffer read = ByteBuffer.allocate(BLOCK_BYTES);
                            client.read((long) i * BLOCK_BYTES, read);
                            assertEquals(data.flip(), read.flip());
                        }
                        client.flush();
                        client.writeZeroes(0, BLOCK_BYTES);
                        client.discard(BLOCK_BYTES, BLOCK_BYTES);
                        client.writeThrough(0, ByteBuffer.allocate(512));
                        BlockIoException beyond =
                                assertThrows(
                                        BlockIoException.class,
                                        () ->
                                                client.read(
                                                        CAPACITY_BYTES, ByteBuffer.allocate(512)));
                        assertEquals(ChainStatus.INVALID, beyond.status());
                        while (!isInterrupted(client)) {
                            assertTrue(Thread.interrupted());
                        }
                        assertTrue(Thread.interrupted());
                    }
                    assertTrue(disk.statistics().backendRestarts.get() > 0);
                });
    }

    /** Whether an interrupted thread had to wait for an answer: one that is there already is returned. */
    private static boolean isInterrupted(BlockingClient client) throws IOException {
        Thread.currentThread().interrupt();
        try {
            client.flush();
            return false;
        } catch (InterruptedIOException e) {
            return true;
        }
    }

    @Test
    void aChannelIsAFileOfTheDisksSize() {
        withDisk(
                (kit, disk) -> {
                    byte[] bytes = some(CAPACITY_BYTES);
                    SeekableByteChannel channel = disk.openChannel();
                    assertEquals(CAPACITY_BYTES, channel.size());
                    ByteBuffer data = ByteBuffer.wrap(bytes);
                    while (data.hasRemaining()) {
                        data.limit(Math.min(CAPACITY_BYTES, data.position() + (64 << 10)));
                        channel.write(data);
                        data.limit(CAPACITY_BYTES);
                    }
                    assertEquals(CAPACITY_BYTES, channel.position());
                    assertEquals(-1, channel.read(ByteBuffer.allocate(512)));
                    assertThrows(IOException.class, () -> channel.write(ByteBuffer.allocate(512)));
                    ByteBuffer rest = ByteBuffer.allocate(2048);
                    channel.position(CAPACITY_BYTES - 1024);
                    assertEquals(1024, channel.read(rest));
                    assertEquals(1024, rest.remaining());
                    assertEquals(ByteBuffer.wrap(bytes, CAPACITY_BYTES - 1024, 1024), rest.flip());
                    channel.position(CAPACITY_BYTES - 512);
                    assertEquals(512, channel.write(ByteBuffer.allocate(1024)), "up to the end");
                    assertThrows(IOException.class, () -> channel.truncate(512));
                    channel.truncate(CAPACITY_BYTES);
                    await(disk.grow(2L * CAPACITY_BYTES));
                    assertEquals(2L * CAPACITY_BYTES, channel.size());
                    assertEquals(512, channel.write(ByteBuffer.allocate(512)), "the new part");
                    channel.close();
                    channel.close();
                    assertFalse(channel.isOpen());
                    assertThrows(ClosedChannelException.class, channel::size);
                });
    }

    @Test
    void aStreamGoesToTheDiskAndComesBackThroughDeaths() {
        withDisk(
                (kit, disk) -> {
                    BlockClient client = disk.openClient();
                    byte[] bytes = some(CAPACITY_BYTES - 1024);
                    List<ByteString> elements = new ArrayList<>();
                    for (int at = 0; at < bytes.length; ) {
                        int length = Math.min(bytes.length - at, 512 * (1 + random.nextInt(40)));
                        elements.add(ByteString.fromArray(bytes, at, length));
                        elements.add(ByteString.emptyByteString());
                        at += length;
                    }
                    long written =
                            await(
                                    Source.from(elements)
                                            .map(
                                                    each -> {
                                                        var unused =
                                                                disk.kill(
                                                                        Target.BACKEND,
                                                                        KillMode.ERROR);
                                                        return each;
                                                    })
                                            .runWith(
                                                    DiskStreams.sink(client, 512, 16 << 10, 4),
                                                    kit.system()));
                    assertEquals(bytes.length, written);
                    ByteString back =
                            await(
                                    DiskStreams.source(client, 512, bytes.length, 5 * 512, 4)
                                            .runFold(
                                                    ByteString.emptyByteString(),
                                                    ByteString::concat,
                                                    kit.system()));
                    assertArrayEquals(bytes, back.toArray());
                    assertTrue(disk.statistics().backendRestarts.get() > 0);
                });
    }

    @Test
    void aStreamHearsOfAnErrorAndReadsNoFurtherThanIsAskedFor() {
        withDisk(
                (kit, disk) -> {
                    BlockClient client = disk.openClient();
                    ByteString tooMuch = ByteString.fromArray(new byte[1024]);
                    Throwable failure =
                            failureOf(
                                    Source.single(tooMuch)
                                            .runWith(
                                                    DiskStreams.sink(
                                                            client, CAPACITY_BYTES - 512, 512, 1),
                                                    kit.system()));
                    assertTrue(failure instanceof BlockIoException, failure::toString);
                    long before = disk.statistics().completedChains.get();
                    var queue =
                            DiskStreams.source(client, 0, CAPACITY_BYTES, BLOCK_BYTES, 4)
                                    .runWith(Sink.queue(), kit.system());
                    assertTrue(await(queue.pull()).isPresent());
                    await(client.flush());
                    long reads = disk.statistics().completedChains.get() - before;
                    assertTrue(reads < BLOCKS / 2, reads + " chains for one element");
                    queue.cancel();
                });
    }
}
