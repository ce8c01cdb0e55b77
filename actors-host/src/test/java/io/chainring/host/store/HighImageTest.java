package io.chainring.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The largest disks that there are: their last bytes are as good as their first. */
class HighImageTest {
    private static final Path TMPFS = Path.of("/dev/shm");
    private static final int BLOCK = 4096;

    private static ByteBuffer[] block(int value) {
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        block.put(BLOCK - 1, (byte) value);
        return new ByteBuffer[] {block};
    }

    private static byte last(BlockStore store, long offset) throws IOException {
        ByteBuffer[] back = block(0);
        store.read(offset, back);
        return back[0].get(BLOCK - 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {512, 1024, 3584, 4096, 4608, 8192, 1L << 62})
    void endsAnywhereBelowTwoToThe63(long below) throws IOException {
        assumeTrue(Files.isDirectory(TMPFS), "this machine lacks a tmpfs at /dev/shm");
        long size = Long.MAX_VALUE - below + 1;
        Path folder = Files.createTempDirectory(TMPFS, "chainring-high");
        Path path = folder.resolve("d.img");
        AtomicLong free = new AtomicLong(1L << 40);
        try (SpaceReserve reserve = SpaceReserve.on(folder, 1 << 20, free::get)) {
            FileStoreOptions options = FileStoreOptions.DEFAULT.withReserve(reserve);
            try (BlockStore store = FileBlockStore.open(path, options.withCreateSizeBytes(size))) {
                assertEquals(size, store.capacityBytes());
                store.write(0, block(1));
                store.write(size - BLOCK, block(2));
                assertEquals(1, last(store, 0));
                assertEquals(2, last(store, size - BLOCK));
                List<Boolean> holes = new ArrayList<>();
                AtomicLong sum = new AtomicLong();
                store.extents(
                        0,
                        size,
                        (length, hole, zero) -> {
                            sum.addAndGet(length);
                            return holes.add(hole);
                        });
                assertEquals(List.of(false, true, false), holes);
                assertEquals(size, sum.get());
                store.extents(size - 512, 512, (length, hole, zero) -> holes.add(hole));
                assertEquals(List.of(false, true, false, false), holes);

                free.set(0);
                reserve.space().look();
                store.write(size - BLOCK, block(3));
                assertThrows(
                        StoreNoSpaceException.class,
                        () -> store.write(size / 2 & -BLOCK, block(4)));
                assertEquals(3, last(store, size - BLOCK));
                store.flush();
                for (long at = 0; at < size; ) {
                    long piece = store.pieceBytes(at, size - at);
                    store.discard(at, piece);
                    at += piece;
                }
                assertEquals(0, last(store, size - BLOCK));
                store.flush();
                assertEquals(StoreStatus.State.OPEN, store.status().state());
            }
            try (BlockStore store = FileBlockStore.open(path, options)) {
                assertEquals(size, store.capacityBytes());
            }
        } finally {
            Files.deleteIfExists(path);
            Files.delete(folder);
        }
    }
}
