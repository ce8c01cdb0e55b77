package io.chainring.host.store;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import io.chainring.base.space.FreeSpace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The space that images leave to the journals with which they share a file system.
 *
 * <p>A journal that has no space stops all of its disks, reads too; an image that has none stops what needs new space of
 * one disk. So the images stop first: while less than the reserve is free, a write into a hole of a sparse image, and zeros
 * that would allocate one, end with {@link StoreNoSpaceException}, before anything is touched. Reads, writes of ranges that
 * have their space, and discards go on.
 *
 * <p>What a write costs: a read of a field; only while space is low a system call, which asks whether the range has a hole.
 */
public final class SpaceReserve implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SpaceReserve.class);
    private static final String SETTING = "chainring.host.space-reserve";
    private static final long TERABYTE = 1L << 40;

    private final Path directory;
    private final long reserveBytes;
    private final FreeSpace space;

    private SpaceReserve(Path directory, long reserveBytes, FreeSpace.Probe probe)
            throws IOException {
        this.directory = directory;
        this.reserveBytes = reserveBytes;
        this.space = FreeSpace.watch(probe, reserveBytes, new Told());
    }

    /** One line when it begins, one when it is over. */
    private final class Told implements FreeSpace.Listener {
        @Override
        public void low(long freeBytes) {
            LOG.warn("{}", text(freeBytes));
        }

        @Override
        public void ampleAgain(long freeBytes) {
            LOG.info(
                    "The file system of {} has {} bytes free again: disks may take new space",
                    directory,
                    freeBytes);
        }
    }

    /**
     * Keeps space free on the file system of a directory.
     *
     * @param directory where the journals are
     * @param reserveBytes what images leave free; 0: nothing
     * @throws IOException if the system does not say how much is free
     */
    public static SpaceReserve on(Path directory, long reserveBytes) throws IOException {
        return new SpaceReserve(
                directory, reserveBytes, Files.getFileStore(directory)::getUsableSpace);
    }

    static SpaceReserve on(Path directory, long reserveBytes, FreeSpace.Probe probe)
            throws IOException {
        return new SpaceReserve(directory, reserveBytes, probe);
    }

    /**
     * The configured reserve, {@code chainring.host.space-reserve}, in bytes.
     *
     * @param whenAuto what it is when the setting says {@code auto}
     */
    public static long configuredBytes(Config whole, long whenAuto) {
        Settings host = Settings.at(whole, "chainring.host");
        return host.text("space-reserve").equals("auto")
                ? whenAuto
                : host.bytes("space-reserve", 0, TERABYTE);
    }

    /** Whether a file takes its space from where this reserve is. */
    boolean concerns(Path file) throws IOException {
        return reserveBytes > 0 && sameFileSystem(file, directory);
    }

    /** Subvolumes have numbers of their own and one space: then the name of what is mounted tells. */
    private static boolean sameFileSystem(Path one, Path other) throws IOException {
        if (one.getFileSystem().supportedFileAttributeViews().contains("unix")
                && Objects.equals(
                        Files.getAttribute(one, "unix:dev"),
                        Files.getAttribute(other, "unix:dev"))) {
            return true;
        }
        var first = Files.getFileStore(one);
        var second = Files.getFileStore(other);
        return first.name().equals(second.name())
                && first.type().equals(second.type())
                && first.getTotalSpace() == second.getTotalSpace();
    }

    FreeSpace space() {
        return space;
    }

    /** Whether images may take no new space now. */
    boolean isLow() {
        return space.isLow();
    }

    /** What is wrong, and what to do. */
    String text() {
        return text(space.freeBytes());
    }

    private String text(long freeBytes) {
        return String.format(
                "The file system of %s has %s bytes free, less than the %s kept for the journals"
                        + " (%s): writes of disks that need new space end with ENOSPC, everything else"
                        + " goes on; free some",
                directory, freeBytes, reserveBytes, SETTING);
    }

    /** Ends the watch. */
    @Override
    public void close() {
        space.close();
    }
}
