package io.chainring.base.space;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;

/** A file system of a few megabytes that a test can fill: a tmpfs over a folder. */
public final class SmallFileSystem implements AutoCloseable {
    private static final int PIECE_BYTES = 64 << 10;
    private static final int LIMIT_SECONDS = 120;

    private final Path folder;

    private SmallFileSystem(Path folder) {
        this.folder = folder;
    }

    /** Mounts one; skips the test where that is not allowed. */
    public static SmallFileSystem mount(Path folder, int mebibytes) throws Exception {
        assumeTrue(
                run(
                                "mount",
                                "-t",
                                "tmpfs",
                                "-o",
                                "size=" + mebibytes + "m",
                                "tmpfs",
                                folder.toString())
                        == 0,
                "missing: the right to mount a tmpfs");
        return new SmallFileSystem(folder);
    }

    /** Takes all but so many bytes, in a file of pieces of 64 KiB; what was taken before is given back first. */
    public void leave(long bytes) throws IOException {
        FileStore files = Files.getFileStore(folder);
        byte[] piece = new byte[PIECE_BYTES];
        try (OutputStream out = Files.newOutputStream(filler())) {
            while (files.getUsableSpace() > bytes) {
                out.write(piece);
            }
        }
    }

    /** Another program takes all, to the last byte. */
    public void fillWithAnotherProgram() throws Exception {
        assertEquals(
                1,
                run("dd", "if=/dev/zero", "of=" + filler(), "bs=64k"),
                "dd stops where there is no space");
    }

    /** Gives back a part of what was taken, and never more in between. */
    public void giveBack(long bytes) throws IOException {
        try (FileChannel file = FileChannel.open(filler(), StandardOpenOption.WRITE)) {
            file.truncate(file.size() - bytes);
        }
    }

    /** Gives back what was taken. */
    public void makeRoom() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return folder.resolve("filler");
    }

    /** Unmounts it, also while something in it is open. */
    @Override
    public void close() throws Exception {
        assertEquals(0, run("umount", "-l", folder.toString()), "umount " + folder);
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            return -1;
        }
        return process.exitValue();
    }
}
