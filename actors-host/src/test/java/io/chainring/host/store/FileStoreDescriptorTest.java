package io.chainring.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening takes descriptors and claims, and gives back what it took however it ends. */
class FileStoreDescriptorTest {
    private static final int TIMES = 200;

    @TempDir Path folder;

    @Test
    void opensWhereProcCannotBeRead() throws Exception {
        String hideAndRun =
                "mount -t tmpfs tmpfs /proc/$$/fd && echo hidden && ulimit -n 100 && exec \"$@\"";
        Process process =
                new ProcessBuilder(
                                "unshare",
                                "-rm",
                                "sh",
                                "-c",
                                hideAndRun,
                                "sh",
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                OpenOften.class.getName(),
                                folder.toString())
                        .redirectError(new File(folder.toFile(), "errors"))
                        .start();
        String said = new String(process.getInputStream().readAllBytes());
        int code = process.waitFor();
        assumeTrue(
                said.startsWith("hidden"),
                "this machine lacks user namespaces with mounts (unshare -rm)");
        String errors = Files.readString(folder.resolve("errors"));
        assertEquals(0, code, errors);
        assertTrue(said.endsWith("native\n"), said);
    }

    /** Opens and closes an image more often than it has descriptors, in a process of its own. */
    static final class OpenOften {
        private OpenOften() {}

        public static void main(String[] args) throws IOException {
            Path path = Path.of(args[0]).resolve("d.img");
            for (int i = 0; i < TIMES; i++) {
                FileBlockStore.open(path, FileStoreOptions.DEFAULT.withCreateSizeBytes(1 << 20))
                        .close();
            }
            ImageFile file = ImageFile.open(path, FileStoreOptions.DEFAULT);
            System.out.println(file.nativeFile() != null ? "native" : "plain");
            file.close();
        }
    }

    @Test
    void whatRefusesAnImageKeepsNeitherDescriptorNorClaim() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(descriptors), "this machine lacks /proc/self/fd");
        Path path = folder.resolve("d.img");
        Files.write(path, new byte[1000]);
        FileStoreOptions wrong = FileStoreOptions.DEFAULT.withCreateSizeBytes(1024);
        long before = count(descriptors, path);
        for (int i = 0; i < 3; i++) {
            for (FileStoreOptions options :
                    new FileStoreOptions[] {
                        wrong, wrong.withReadOnly(true), wrong.withNativeCalls(false)
                    }) {
                assertThrows(
                        StoreOpenException.class, () -> FileBlockStore.open(path, options).close());
            }
        }
        assertEquals(before, count(descriptors, path));
        Files.write(path, new byte[1024]);
        FileBlockStore.open(path, FileStoreOptions.DEFAULT).close();
        assertEquals(before, count(descriptors, path));
    }

    /** Descriptors of one file; others of the process come and go. */
    private static long count(Path descriptors, Path file) throws IOException {
        try (Stream<Path> all = Files.list(descriptors)) {
            return all.filter(each -> isOf(each, file)).count();
        }
    }

    private static boolean isOf(Path descriptor, Path file) {
        try {
            return Files.isSameFile(descriptor, file);
        } catch (IOException e) {
            return false; // Closed since it was listed.
        }
    }
}
