package io.chainring.gateway.nbd;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import io.chainring.base.files.SystemPath;
import java.nio.file.Path;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to change the names in a folder, among servers that ask for it: flock(2) on the folder itself. Leaves no file
 * behind, excludes also those in one process, and ends with the process.
 *
 * <p>Anybody who may read the folder can hold it, so it is waited for a bounded time, and whoever needs it has to be safe
 * against losses without it.
 */
final class FolderLock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FolderLock.class);
    private static final Duration WAIT_LIMIT = Duration.ofSeconds(1);
    private static final Duration POLL = Duration.ofMillis(2);

    private static final int O_RDONLY = 0;
    private static final int O_CLOEXEC = 0x80000;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int EINTR = 4;
    private static final int EWOULDBLOCK = 11;
    private static final int NONE = -1;

    private final int descriptor;

    private FolderLock(int descriptor) {
        this.descriptor = descriptor;
    }

    /** fcntl.h and sys/file.h of Linux. */
    private static final class LibC {
        static {
            if (!Platform.isLinux()) {
                throw new UnsatisfiedLinkError("needs Linux");
            }
            Native.register(LibC.class, Platform.C_LIBRARY_NAME);
        }

        private LibC() {}

        static native int open(byte[] path, int flags) throws LastErrorException;

        static native int flock(int descriptor, int operation) throws LastErrorException;

        static native int close(int descriptor) throws LastErrorException;
    }

    /** Waits until nobody else holds it; where it cannot be had, the lock that is returned excludes nobody. */
    static FolderLock of(Path folder) {
        return of(folder, WAIT_LIMIT);
    }

    static FolderLock of(Path folder, Duration waitLimit) {
        FolderLock lock = new FolderLock(open(folder));
        long giveUpAtNanos = System.nanoTime() + waitLimit.toNanos();
        while (lock.descriptor != NONE && !lock.take(folder)) {
            if (System.nanoTime() - giveUpAtNanos > 0 || !pause()) {
                LOG.warn(
                        "{} is locked (flock) by another process, which was waited for {} ms: going on without",
                        folder,
                        waitLimit.toMillis());
                break;
            }
        }
        return lock;
    }

    private static int open(Path folder) {
        try {
            return LibC.open(SystemPath.bytes(folder), O_RDONLY | O_CLOEXEC);
        } catch (LastErrorException | LinkageError e) {
            LOG.debug("{} cannot be locked", folder, e);
            return NONE;
        }
    }

    /** False while somebody else holds it. */
    private boolean take(Path folder) {
        try {
            LibC.flock(descriptor, LOCK_EX | LOCK_NB);
            return true;
        } catch (LastErrorException e) {
            if (e.getErrorCode() == EWOULDBLOCK || e.getErrorCode() == EINTR) {
                return false;
            }
            LOG.debug("{} cannot be locked", folder, e);
            return true;
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(POLL.toMillis());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Does not fail; gives the lock up with the descriptor. */
    @Override
    public void close() {
        if (descriptor == NONE) {
            return;
        }
        try {
            LibC.close(descriptor);
        } catch (LastErrorException e) {
            LOG.debug("closing a locked folder", e);
        }
    }
}
