package io.chainring.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a file does to a store while it is open: failing syncs (H3), truncation, interrupts (H4). */
class FileStoreFailureTest {
    private static final FileStoreOptions MEBIBYTE =
            FileStoreOptions.DEFAULT.withCreateSizeBytes(1 << 20);

    @TempDir Path folder;

    private static ByteBuffer[] sector() {
        return new ByteBuffer[] {ByteBuffer.allocate(512)};
    }

    @Test
    void aFailedSyncIsTheLastWordOnWritesAndFlushes() throws IOException {
        Path path = folder.resolve("d.img");
        AtomicBoolean broken = new AtomicBoolean();
        AtomicInteger syncs = new AtomicInteger();
        FileBlockStore.SyncCall sync =
                file -> {
                    syncs.incrementAndGet();
                    if (broken.get()) {
                        throw new IOException("Input/output error");
                    }
                };
        try (BlockStore store = FileBlockStore.open(path, MEBIBYTE, sync)) {
            store.write(0, sector());
            store.flush();
            broken.set(true);
            store.write(0, sector());
            assertThrows(StoreFailedException.class, store::flush);
            assertEquals(StoreStatus.State.FAILED, store.status().state());
            assertTrue(store.status().reason().contains("Input/output error"));
            assertTrue(store.status().reason().contains(path.toString()));

            broken.set(false);
            int before = syncs.get();
            assertThrows(StoreFailedException.class, store::flush);
            assertThrows(StoreFailedException.class, () -> store.write(0, sector()));
            assertThrows(StoreFailedException.class, () -> store.discard(0, 512));
            assertThrows(StoreFailedException.class, () -> store.writeZeroes(0, 512, true, false));
            assertThrows(StoreFailedException.class, () -> store.grow(2 << 20));
            assertEquals(before, syncs.get(), "a later sync would report success over lost data");
            store.read(0, sector());
        }
        try (BlockStore store = FileBlockStore.open(path, FileStoreOptions.DEFAULT)) {
            store.write(0, sector());
            store.flush();
            assertEquals(StoreStatus.State.OPEN, store.status().state());
        }
    }

    @Test
    void writeThroughSyncsEveryChange() throws IOException {
        AtomicInteger syncs = new AtomicInteger();
        try (BlockStore store =
                FileBlockStore.open(
                        folder.resolve("d.img"),
                        MEBIBYTE.withWriteThrough(true),
                        file -> syncs.incrementAndGet())) {
            store.write(0, sector());
            store.write(0, sector());
            store.writeZeroes(0, 512, false, false);
            assertEquals(3, syncs.get());
        }
    }

    @Test
    void aTruncatedFileIsAnErrorAndNeverZeros() throws IOException {
        for (boolean nativeCalls : new boolean[] {true, false}) {
            for (String found : new String[] {"read", "flush", "extents"}) {
                Path path = folder.resolve(found + nativeCalls + ".img");
                FileStoreOptions options = MEBIBYTE.withNativeCalls(nativeCalls);
                try (BlockStore store = FileBlockStore.open(path, options)) {
                    store.write(0, new ByteBuffer[] {ByteBuffer.allocate(1 << 20)});
                    try (RandomAccessFile outside = new RandomAccessFile(path.toFile(), "rw")) {
                        outside.setLength(512 * 1024 + 100);
                    }
                    StoreFailedException e =
                            assertThrows(StoreFailedException.class, () -> touch(store, found));
                    assertTrue(String.valueOf(e.getMessage()).contains("truncated"), e.toString());
                    assertEquals(StoreStatus.State.FAILED, store.status().state());
                    assertThrows(StoreFailedException.class, () -> store.write(0, sector()));
                    store.read(0, sector());
                }
                assertThrows(
                        StoreOpenException.class, () -> FileBlockStore.open(path, options).close());
                Files.delete(path);
            }
        }
    }

    private static void touch(BlockStore store, String how) throws IOException {
        switch (how) {
            case "read" -> store.read(512 * 1024, sector());
            case "flush" -> store.flush();
            default -> store.extents(0, 1 << 20, (length, hole, zero) -> true);
        }
    }

    @Test
    void interruptedCallsFinishAndTheFlagStays() throws Exception {
        for (boolean nativeCalls : new boolean[] {true, false}) {
            Path path = folder.resolve("interrupted" + nativeCalls + ".img");
            try (BlockStore store =
                    FileBlockStore.open(path, MEBIBYTE.withNativeCalls(nativeCalls))) {
                assertEquals(50, InterruptedIo.interruptDuringReads(store, 50));
                Thread.currentThread().interrupt();
                store.write(0, sector());
                store.flush();
                assertTrue(Thread.interrupted(), "the interrupt is the caller's");
                assertEquals(StoreStatus.State.OPEN, store.status().state());
            }
        }
    }

    @Test
    void anImageReplacedBehindAnInterruptIsNotWrittenTo() throws Exception {
        Path path = folder.resolve("d.img");
        try (BlockStore store = FileBlockStore.open(path, MEBIBYTE)) {
            Files.move(path, folder.resolve("away.img"));
            Files.write(path, new byte[1 << 20]);
            AssertionError e =
                    assertThrows(
                            AssertionError.class,
                            () -> InterruptedIo.interruptDuringReads(store, 1000));
            assertTrue(
                    String.valueOf(e.getCause()).contains("replaced"),
                    String.valueOf(e.getCause()));
            assertEquals(StoreStatus.State.FAILED, store.status().state());
        }
    }
}
