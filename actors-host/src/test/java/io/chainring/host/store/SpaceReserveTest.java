package io.chainring.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What images leave to journals (H5): new space is refused, what has its space goes on. */
final class SpaceReserveTest {
    private static final int MEBI = 1 << 20;
    private static final long RESERVE = 100 * MEBI;

    @TempDir Path folder;

    private final AtomicLong free = new AtomicLong(1L << 40);

    private SpaceReserve reserve() throws IOException {
        return SpaceReserve.on(folder, RESERVE, free::get);
    }

    private FileBlockStore open(SpaceReserve reserve, boolean nativeCalls) throws IOException {
        return FileBlockStore.open(
                folder.resolve("d.img"),
                FileStoreOptions.DEFAULT
                        .withCreateSizeBytes(8 * MEBI)
                        .withNativeCalls(nativeCalls)
                        .withReserve(reserve));
    }

    private static ByteBuffer[] data(int lengthBytes, int value) {
        ByteBuffer buffer = ByteBuffer.allocate(lengthBytes);
        buffer.put(0, (byte) value);
        return new ByteBuffer[] {buffer};
    }

    private static byte firstByte(FileBlockStore store, long offset) throws IOException {
        ByteBuffer[] back = data(MEBI, 0);
        store.read(offset, back);
        return back[0].get(0);
    }

    private void take(SpaceReserve reserve, long leftBytes) {
        free.set(leftBytes);
        reserve.space().look();
    }

    @Test
    void newSpaceIsRefusedAndEverythingElseGoesOn() throws IOException {
        assumeTrue(NativeFile.available(), "this machine lacks fallocate");
        try (SpaceReserve reserve = reserve();
                FileBlockStore store = open(reserve, true)) {
            store.write(MEBI, data(MEBI, 1));
            assertEquals("", store.status().reason());
            take(reserve, RESERVE - 1);

            StoreNoSpaceException refused =
                    assertThrows(
                            StoreNoSpaceException.class,
                            () -> store.write(4 * MEBI, data(MEBI, 2)));
            assertTrue(String.valueOf(refused.getMessage()).contains("d.img"));
            assertTrue(String.valueOf(refused.getMessage()).contains("" + (RESERVE - 1)));
            // Half of it has its space, half has not: it is refused whole.
            assertThrows(
                    StoreNoSpaceException.class, () -> store.write(MEBI + MEBI / 2, data(MEBI, 2)));
            assertThrows(
                    StoreNoSpaceException.class,
                    () -> store.writeZeroes(4 * MEBI, MEBI, false, false));

            store.write(MEBI, data(MEBI, 3));
            assertEquals(3, firstByte(store, MEBI));
            assertEquals(0, firstByte(store, 4 * MEBI));
            store.flush();
            store.grow(9 * MEBI);
            store.writeZeroes(4 * MEBI, MEBI, true, true);
            store.discard(MEBI, MEBI / 2);
            // What was given back is a hole like any other.
            assertThrows(StoreNoSpaceException.class, () -> store.write(MEBI, data(512, 4)));
            assertEquals(StoreStatus.State.OPEN, store.status().state());
            assertTrue(store.status().reason().contains(folder.toString()));

            take(reserve, 2 * RESERVE);
            store.write(4 * MEBI, data(MEBI, 5));
            assertEquals(5, firstByte(store, 4 * MEBI));
            assertEquals("", store.status().reason());
        }
    }

    @Test
    void withoutTheSystemsWordOnHolesNoWriteIsKnownToHaveItsSpace() throws IOException {
        try (SpaceReserve reserve = reserve();
                FileBlockStore store = open(reserve, false)) {
            store.write(0, data(MEBI, 1));
            take(reserve, 0);
            assertThrows(StoreNoSpaceException.class, () -> store.write(0, data(MEBI, 2)));
            assertEquals(1, firstByte(store, 0));
            take(reserve, 2 * RESERVE);
            store.write(0, data(MEBI, 2));
            assertEquals(2, firstByte(store, 0));
        }
    }

    @Test
    void whileThereIsRoomOneInManyWritesAsksForTheFreeSpace() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        Thread writer = Thread.currentThread();
        try (SpaceReserve counted =
                        SpaceReserve.on(
                                folder,
                                RESERVE,
                                () -> {
                                    if (Thread.currentThread() == writer) {
                                        asked.incrementAndGet();
                                    }
                                    return 1L << 40;
                                });
                FileBlockStore store = open(counted, true)) {
            int before = asked.get();
            for (int i = 0; i < 1024; i++) {
                store.write(0, data(4096, i));
            }
            assertEquals(before, asked.get(), "4 MiB of writes are less than what is looked after");
        }
    }

    @Test
    void anImageElsewhereHasNothingToLeave() throws IOException {
        Path elsewhere = Path.of("/dev/shm");
        assumeTrue(
                Files.isDirectory(elsewhere)
                        && !Files.getFileStore(elsewhere).equals(Files.getFileStore(folder)),
                "this machine lacks a second file system at /dev/shm");
        try (SpaceReserve reserve = reserve()) {
            assertTrue(reserve.concerns(folder));
            assertFalse(reserve.concerns(elsewhere));
        }
    }

    @Test
    void theSettingIsAutoOrBytes() {
        assertEquals(
                7,
                SpaceReserve.configuredBytes(
                        ConfigFactory.parseString("chainring.host.space-reserve = auto"), 7));
        assertEquals(
                2 * MEBI,
                SpaceReserve.configuredBytes(
                        ConfigFactory.parseString("chainring.host.space-reserve = 2 MiB"), 7));
        assertEquals(
                0,
                SpaceReserve.configuredBytes(
                        ConfigFactory.parseString("chainring.host.space-reserve = 0"), 7));
    }
}
