package io.chainring.persistence.engine.files;

import io.chainring.base.files.PrivateFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * The lock that iq80 leaves behind when it fails to open a directory: it takes the lock first, and whatever is wrong then
 * leaves nobody who could release it. Until a garbage collection comes by, the JVM refuses every further lock of that file,
 * and the true cause would not be seen again. A lock belongs to a file and not to its name: a new file takes the name.
 */
public final class LeftLock {
    private static final String LOCK = "LOCK";

    private LeftLock() {}

    /**
     * Called after an opening that failed, by whom nobody else in this process may open the directory meanwhile.
     *
     * @param failure of the opening; it hears of what fails here
     */
    public static void replace(Path directory, Exception failure) {
        Path file = directory.resolve(LOCK);
        if (failure instanceof OverlappingFileLockException || !Files.exists(file)) {
            // Somebody in this process has it open.
            return;
        }
        try (FileChannel channel =
                        FileChannel.open(
                                file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            // Free, or another process's: there is nothing to do.
        } catch (OverlappingFileLockException e) {
            putNewFile(file, failure);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    private static void putNewFile(Path file, Exception failure) {
        Path other = file.resolveSibling(LOCK + ".new");
        try {
            Files.deleteIfExists(other);
            PrivateFiles.createNew(other).close();
            Files.move(
                    other,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }
}
