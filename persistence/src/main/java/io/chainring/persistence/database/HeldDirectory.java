package io.chainring.persistence.database;

import io.chainring.base.files.PrivateFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A directory that nobody else opens, here or in another process, as long as it is held: who changes its files without a
 * library holds the library's LOCK. The file LOCK must stay what it is meanwhile, and nobody in this process may open it.
 */
public final class HeldDirectory implements AutoCloseable {
    /** Name of the file. */
    public static final String LOCK = "LOCK";

    private final Path taken;
    private final FileChannel channel;

    private HeldDirectory(Path taken, FileChannel channel) {
        this.taken = taken;
        this.channel = channel;
    }

    /**
     * Holds a directory.
     *
     * @throws StoreException.Locked if somebody else has it open
     */
    public static HeldDirectory take(Path directory) {
        Path taken = OpenDirectories.take(directory);
        FileChannel channel = null;
        try {
            channel = PrivateFiles.openOrCreate(directory.resolve(LOCK));
            @Nullable FileLock lock = channel.tryLock();
            if (lock == null) {
                throw new StoreException.Locked(directory, null);
            }
            return new HeldDirectory(taken, channel);
        } catch (OverlappingFileLockException e) {
            giveUp(taken, channel);
            throw new StoreException.Locked(directory, e);
        } catch (IOException e) {
            giveUp(taken, channel);
            throw new StoreException.Unavailable(
                    directory, "cannot be locked, it must be writable: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            giveUp(taken, channel);
            throw e;
        }
    }

    private static void giveUp(Path taken, @Nullable FileChannel channel) {
        OpenDirectories.giveBack(taken);
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(taken.toString(), e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        OpenDirectories.giveBack(taken);
        channel.close();
    }
}
