package io.chainring.persistence.database;

import io.chainring.base.files.PrivateFiles;
import io.chainring.base.space.FreeSpace;
import io.chainring.base.space.SpaceMeter;
import io.chainring.persistence.fault.JournalFaults;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Refuses writes before the file system is full. leveldbjni writes through mapped memory: a page that the file system
 * cannot provide is a SIGBUS, which takes the JVM along. A refused write touched nothing, and the next one is tried when
 * there is space again.
 *
 * <p>Whoever writes asks here first, by {@link Database#requireRoom()}. The free space is known, not asked for: {@link
 * FreeSpace} watches it.
 */
public final class SpaceGuard implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpaceGuard.class);

    /** What opening writes beside the tables that it makes of the logs: a MANIFEST, a new log. */
    private static final long OPENING_BYTES = 2 << 20;

    private final Path directory;
    private final long minFreeBytes;
    private final FreeSpace space;
    private final SpaceMeter meter;

    public SpaceGuard(Path directory, long minFreeBytes, FreeSpace.Probe probe) throws IOException {
        this.directory = directory;
        this.minFreeBytes = minFreeBytes;
        this.space = FreeSpace.watch(probe, minFreeBytes, new Told());
        this.meter = new SpaceMeter(space);
    }

    static SpaceGuard of(Path directory, long minFreeBytes, @Nullable JournalFaults faults) {
        try {
            PrivateFiles.createFolders(directory);
            FreeSpace.Probe real = Files.getFileStore(directory)::getUsableSpace;
            if (faults == null) {
                return new SpaceGuard(directory, minFreeBytes, real);
            }
            SpaceGuard guard = new SpaceGuard(directory, minFreeBytes, faults.room(real));
            faults.looksForRoom(guard.space::look);
            return guard;
        } catch (IOException e) {
            throw new StoreException.Unavailable(
                    directory, "cannot be opened, or its free space found out: " + e, e);
        }
    }

    /** One line when it begins, one when it is over. */
    private final class Told implements FreeSpace.Listener {
        @Override
        public void low(long freeBytes) {
            LOG.warn("Journal {}: nothing is written: {}", directory, full(freeBytes));
        }

        @Override
        public void ampleAgain(long freeBytes) {
            LOG.info("Journal {}: {} bytes are free again, it goes on", directory, freeBytes);
        }
    }

    private String full(long freeBytes) {
        return "the directory is full: its file system has "
                + freeBytes
                + " bytes free, less than "
                + minFreeBytes
                + " (min-free-space); free some, it goes on by itself";
    }

    /**
     * Asked before each write; from any thread.
     *
     * @throws StoreException.Unavailable if there is less than the configured minimum
     */
    public void check() {
        // While it is low nothing is written, so that there is time to look: who comes first goes
        // on.
        if (meter.isLow() && space.look()) {
            throw new StoreException.Unavailable(directory, full(space.freeBytes()), null);
        }
    }

    /** So much was written. */
    public void written(long bytes) {
        meter.written(bytes);
    }

    /** Why nothing is written now, with the directory; null if there is room. */
    public @Nullable String problem() {
        return space.isLow() ? directory + ": " + full(space.freeBytes()) : null;
    }

    /**
     * Asked before a database is opened: LevelDB makes a table of each log then, whatever is in it.
     *
     * @throws StoreException.Unavailable if there is less than that takes
     */
    public static void checkForOpening(Path directory) {
        try {
            long needed = OPENING_BYTES;
            for (Path log : logs(directory)) {
                needed += sizeOf(log);
            }
            mustHaveRoom(directory, needed, "opening it");
        } catch (IOException e) {
            throw new UncheckedIOException("its free space cannot be found out", e);
        }
    }

    /**
     * Asked before something large.
     *
     * @throws StoreException.Unavailable if there is less free than that takes
     */
    public static void mustHaveRoom(Path directory, long neededBytes, String what)
            throws IOException {
        long free = Files.getFileStore(directory).getUsableSpace();
        if (free < neededBytes) {
            throw new StoreException.Unavailable(
                    directory,
                    String.format(
                            "the directory is full: %s takes up to %s bytes, its file system has %s"
                                    + " free; free some, or work on a copy elsewhere",
                            what, neededBytes, free),
                    null);
        }
    }

    private static List<Path> logs(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".log")).toList();
        }
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            // Another process has the directory, and removed it: opening says so.
            return 0;
        }
    }

    /** Ends the watch. */
    @Override
    public void close() {
        space.close();
    }
}
