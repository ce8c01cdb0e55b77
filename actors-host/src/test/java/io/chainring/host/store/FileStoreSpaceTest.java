package io.chainring.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The space behind an image: given back, taken, and at its end (H2). */
class FileStoreSpaceTest {
    private static final int MEBI = 1 << 20;

    @TempDir Path folder;

    @Test
    void discardsAndUnmappingZeroesGiveSpaceBack() throws IOException {
        assumeTrue(NativeFile.available(), "this machine lacks fallocate");
        Path path = folder.resolve("d.img");
        try (BlockStore store =
                FileBlockStore.open(path, FileStoreOptions.DEFAULT.withCreateSizeBytes(8 * MEBI))) {
            assertEquals(0, allocatedBytes(path));
            store.write(MEBI, new ByteBuffer[] {ByteBuffer.allocate(4 * MEBI)});
            store.flush();
            long full = allocatedBytes(path);
            assertTrue(full >= 4 * MEBI, "allocated " + full);
            assertEquals(List.of("1h", "4d", "3h"), extents(store));

            store.discard(2 * MEBI, MEBI);
            store.flush();
            assertEquals(List.of("1h", "1d", "1h", "2d", "3h"), extents(store));
            store.writeZeroes(3 * MEBI, MEBI, true, true);
            store.flush();
            assertEquals(List.of("1h", "1d", "2h", "1d", "3h"), extents(store));
            long rest = allocatedBytes(path);
            assertTrue(rest <= full - 2 * MEBI, "allocated " + rest + " of " + full);

            store.grow(9 * MEBI);
            assertEquals(List.of("1h", "1d", "2h", "1d", "4h"), extents(store));
            assertEquals(rest, allocatedBytes(path));
        }
        assertEquals(9 * MEBI, Files.size(path));
    }

    @Test
    void withoutNativeCallsEverythingCountsAsData() throws IOException {
        FileStoreOptions options =
                FileStoreOptions.DEFAULT.withCreateSizeBytes(MEBI).withNativeCalls(false);
        try (BlockStore store = FileBlockStore.open(folder.resolve("d.img"), options)) {
            assertEquals(List.of("1d"), extents(store));
            store.discard(0, MEBI);
            assertThrows(
                    FastZeroesUnsupportedException.class,
                    () -> store.writeZeroes(0, MEBI, true, true));
        }
    }

    private static List<String> extents(BlockStore store) throws IOException {
        List<String> parts = new ArrayList<>();
        store.extents(
                0,
                store.capacityBytes(),
                (length, hole, zero) -> {
                    assertEquals(hole, zero);
                    return parts.add(length / MEBI + (hole ? "h" : "d"));
                });
        return parts;
    }

    private static long allocatedBytes(Path path) throws IOException {
        Process du = new ProcessBuilder("du", "-k", path.toString()).start();
        String kibibytes = new String(du.getInputStream().readAllBytes()).split("\\s")[0];
        return Long.parseLong(kibibytes) * 1024;
    }

    @Test
    void aFullFileSystemIsNoSpaceAndNothingIsLost() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String mountAndRun = "mount -t tmpfs -o size=1m tmpfs \"$1\" && shift && exec \"$@\"";
        Process process =
                new ProcessBuilder(
                                "unshare",
                                "-rm",
                                "sh",
                                "-c",
                                mountAndRun,
                                "sh",
                                folder.toString(),
                                java,
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                FillUp.class.getName(),
                                folder.toString())
                        .redirectError(new File(folder.toFile(), "errors"))
                        .start();
        List<String> said = new String(process.getInputStream().readAllBytes()).lines().toList();
        int code = process.waitFor();
        assumeTrue(
                code != 1 || said.contains("mounted"),
                "this machine lacks user namespaces with mounts (unshare -rm)");
        assertEquals(0, code, () -> said + " " + errors());
        assertEquals("kept", said.get(said.size() - 1));
    }

    private String errors() {
        try {
            return Files.readString(folder.resolve("errors"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Fills a file system of one mebibyte, in a process of its own. */
    static final class FillUp {
        private FillUp() {}

        public static void main(String[] args) throws IOException {
            System.out.println("mounted");
            Path folder = Path.of(args[0]);
            try (BlockStore store =
                    FileBlockStore.open(
                            folder.resolve("d.img"),
                            FileStoreOptions.DEFAULT.withCreateSizeBytes(4 * MEBI))) {
                ByteBuffer[] first = {ByteBuffer.allocate(512 * 1024)};
                first[0].put(3, (byte) 3);
                store.write(0, first);
                store.flush();
                try {
                    store.write(MEBI, new ByteBuffer[] {ByteBuffer.allocate(2 * MEBI)});
                    throw new IllegalStateException("the file system did not fill up");
                } catch (StoreNoSpaceException e) {
                    System.out.println(e.getMessage());
                }
                store.discard(MEBI, 2 * MEBI);
                store.write(MEBI, new ByteBuffer[] {ByteBuffer.allocate(4096)});
                store.flush();
                ByteBuffer[] back = {ByteBuffer.allocate(512 * 1024)};
                store.read(0, back);
                boolean same = back[0].equals(first[0]);
                System.out.println(
                        same && store.status().state() == StoreStatus.State.OPEN ? "kept" : "lost");
            }
        }
    }
}
