package io.chainring.host.embed;

import static io.chainring.host.embed.EmbeddedFixture.await;
import static io.chainring.host.embed.EmbeddedFixture.failureOf;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.chainring.host.store.FileBlockStore;
import io.chainring.host.store.FileStoreOptions;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.client.BlockIoException;
import io.chainring.ring.request.ChainStatus;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application reads and writes any range of a disk of any size. */
final class EmbeddedRangesTest {
    private static final int BYTES = (3 << 20) + 1;

    @TempDir Path folder;

    private static void isInvalid(CompletionStage<?> stage) {
        BlockIoException refused = assertInstanceOf(BlockIoException.class, failureOf(stage));
        assertEquals(ChainStatus.INVALID, refused.status());
    }

    @Test
    void anyRangeOfADiskOfAnySize() {
        EmbeddedFixture.with(
                EmbeddedFixture.onFiles(folder.resolve("journal")),
                (kit, unused) -> {
                    Path image = folder.resolve("odd.img");
                    FileStoreOptions size = FileStoreOptions.DEFAULT.withCreateSizeBytes(BYTES);
                    EmbeddedDisk disk =
                            Chainring.get(kit.system())
                                    .open("odd", FileBlockStore.open(image, size));
                    assertEquals(BYTES, disk.capacityBytes());
                    BlockClient client = disk.openClient();
                    byte[] large = new byte[BYTES - 5];
                    new Random(1).nextBytes(large);
                    // Longer than a chain: pieces, each at an odd place.
                    await(client.write(5, ByteBuffer.wrap(large)));
                    assertEquals(ByteBuffer.wrap(large), await(client.read(5, large.length)));
                    await(client.writeThrough(BYTES - 1, ByteBuffer.wrap(new byte[] {77})));
                    await(client.writeZeroes(511, 2));
                    await(client.discard(3, 1));
                    assertEquals(77, await(client.read(BYTES - 1, 1)).get(0));
                    assertEquals(0, await(client.read(511, 2)).getShort(0));
                    assertEquals(large[508], await(client.read(513, 1)).get(0));
                    isInvalid(client.read(BYTES - 1, 2));
                    isInvalid(client.write(BYTES, ByteBuffer.allocate(1)));
                    isInvalid(client.write(-1, ByteBuffer.allocate(1)));
                    isInvalid(client.read(0, 0));
                    await(disk.grow(BYTES + 9));
                    await(client.write(BYTES + 7, ByteBuffer.wrap(new byte[] {1, 2})));
                    assertEquals(BYTES + 9, Files.size(image));
                });
    }
}
