package io.chainring.persistence.store;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Refuses writes before the file system is full. Both libraries write their logs through mapped memory: on a full file
 * system the native one dies with SIGBUS and takes the JVM along. A refused write touched nothing, and the next one is
 * tried when there is space again. Called under the store's lock.
 */
final class SpaceGuard {
    /** How the free space is found out; a seam for tests. */
    @FunctionalInterface
    interface Probe {
        long usableBytes() throws IOException;
    }

    private static final long CHECK_EVERY_BYTES = 1 << 20;
    private static final long CHECK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Path directory;
    private final long minFreeBytes;
    private final Probe probe;
    private long bytesSinceCheck;
    private long nextCheckNanos = System.nanoTime();
    private boolean full;

    SpaceGuard(Path directory, long minFreeBytes, Probe probe) {
        this.directory = directory;
        this.minFreeBytes = minFreeBytes;
        this.probe = probe;
    }

    static SpaceGuard of(Path directory, long minFreeBytes) throws IOException {
        FileStore files = Files.getFileStore(directory);
        return new SpaceGuard(directory, minFreeBytes, files::getUsableSpace);
    }

    /**
     * Looks at the free space now and then.
     *
     * @throws StoreException.Unavailable if there is less than the configured minimum
     */
    void check() {
        if (full
                || bytesSinceCheck >= CHECK_EVERY_BYTES
                || System.nanoTime() - nextCheckNanos >= 0) {
            look();
        }
        if (full) {
            throw new StoreException.Unavailable(
                    directory,
                    "the directory is full: less than "
                            + minFreeBytes
                            + " bytes free (min-free-space); free some, it goes on by itself",
                    null);
        }
    }

    /** So much was written. */
    void written(long bytes) {
        bytesSinceCheck += bytes;
    }

    private void look() {
        bytesSinceCheck = 0;
        nextCheckNanos = System.nanoTime() + CHECK_EVERY_NANOS;
        try {
            full = probe.usableBytes() < minFreeBytes;
        } catch (IOException e) {
            throw new StoreException.Unavailable(
                    directory, "cannot find out its free space: " + e, e);
        }
    }
}
