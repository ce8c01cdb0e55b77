package io.chainring.host.store;

import com.sun.jna.LastErrorException;
import io.chainring.base.files.SystemPath;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A second descriptor of an image, for the calls that {@code FileChannel} does not offer. No interrupt
 * closes it, so it also remembers every write-back error of the file since it was opened.
 *
 * <p>The system drops the process's locks of a file as soon as <em>any</em> descriptor of it is closed:
 * this one must be opened before the lock is taken and closed after the channel that holds it.
 */
final class NativeFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NativeFile.class);

    /**
     * From here to 2^63 the system may round a position up to the end of its page, beyond what it can count, and then say
     * that nothing is there (tmpfs; pages have up to 64 KiB).
     */
    static final long HIGHEST_BYTES = Long.MAX_VALUE & -(64L << 10);

    private final String name;
    private final int fd;

    /** Calls hold it shared; closing holds it alone, so that no call meets a number that is somebody else's file by now. */
    private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();

    private boolean closed;

    private NativeFile(String name, int fd) {
        this.name = name;
        this.fd = fd;
    }

    /** Whether this machine offers these calls. */
    static boolean available() {
        return Availability.WHY_NOT == null;
    }

    private static final class Availability {
        static final @Nullable String WHY_NOT = probe();

        private static @Nullable String probe() {
            try {
                return LibC.strerror(LibC.ENOSPC) == null ? "no C library" : null;
            } catch (LinkageError e) {
                LOG.info("no native file calls, disks do without holes: {}", e.getMessage());
                return String.valueOf(e.getMessage());
            }
        }
    }

    /** Null when this machine does not offer these calls, or not for this file. */
    static @Nullable NativeFile open(Path path, boolean readOnly) {
        if (!available()) {
            return null;
        }
        int flags = (readOnly ? LibC.O_RDONLY : LibC.O_RDWR) | LibC.O_CLOEXEC | LibC.O_NOFOLLOW;
        try {
            byte[] name = SystemPath.bytes(path);
            int fd = (int) uninterrupted(() -> LibC.open(name, flags));
            return new NativeFile(path.toString(), fd);
        } catch (LastErrorException e) {
            LOG.info("no native file calls on {}: {}", path, LibC.strerror(e.getErrorCode()));
            return null;
        }
    }

    /**
     * Gives the space of the range back; it reads as zeros afterwards.
     *
     * @return false, with nothing changed, when the file system cannot do it
     */
    boolean punchHole(long offsetBytes, long lengthBytes) throws IOException {
        return allocate(LibC.FALLOC_FL_PUNCH_HOLE, offsetBytes, lengthBytes);
    }

    /**
     * Zeroes the range and keeps or takes the space for it.
     *
     * @return false, with nothing changed, when the file system cannot do it
     */
    boolean zeroRange(long offsetBytes, long lengthBytes) throws IOException {
        return allocate(LibC.FALLOC_FL_ZERO_RANGE, offsetBytes, lengthBytes);
    }

    private boolean allocate(int mode, long offsetBytes, long lengthBytes) throws IOException {
        if (lengthBytes == 0) {
            return true;
        }
        Lock lock = enter();
        try {
            int how = mode | LibC.FALLOC_FL_KEEP_SIZE;
            uninterrupted(() -> LibC.fallocate(fd, how, offsetBytes, lengthBytes));
            return true;
        } catch (LastErrorException e) {
            return switch (e.getErrorCode()) {
                case LibC.EOPNOTSUPP, LibC.ENOSYS, LibC.EINVAL -> false;
                default -> throw failure("fallocate", e);
            };
        } finally {
            lock.unlock();
        }
    }

    /**
     * Where the next byte at or after the offset is that may be allocated; from {@link #HIGHEST_BYTES} on all may be. Behind
     * the end of the file when there is none.
     */
    long seekData(long offsetBytes) throws IOException {
        if (offsetBytes >= HIGHEST_BYTES) {
            return offsetBytes;
        }
        long data = seek(offsetBytes, LibC.SEEK_DATA);
        return data < 0 ? HIGHEST_BYTES : Math.min(data, HIGHEST_BYTES);
    }

    /**
     * Where the next hole at or after the offset is, the end of the file counting as one; -1 behind the end, and from {@link
     * #HIGHEST_BYTES} on, where there is none.
     */
    long seekHole(long offsetBytes) throws IOException {
        return offsetBytes >= HIGHEST_BYTES ? -1 : seek(offsetBytes, LibC.SEEK_HOLE);
    }

    private long seek(long offsetBytes, int whence) throws IOException {
        Lock lock = enter();
        try {
            return uninterrupted(() -> LibC.lseek(fd, offsetBytes, whence));
        } catch (LastErrorException e) {
            if (e.getErrorCode() == LibC.ENXIO) {
                return -1;
            }
            throw failure("lseek", e);
        } finally {
            lock.unlock();
        }
    }

    /** Sets the length of the file; what is new reads as zeros and takes no space. */
    void setLength(long lengthBytes) throws IOException {
        Lock lock = enter();
        try {
            uninterrupted(() -> LibC.ftruncate(fd, lengthBytes));
        } catch (LastErrorException e) {
            throw failure("ftruncate", e);
        } finally {
            lock.unlock();
        }
    }

    /** fdatasync(2). After a failure a second call says nothing about what the first one lost. */
    void sync() throws IOException {
        Lock lock = enter();
        try {
            uninterrupted(() -> LibC.fdatasync(fd));
        } catch (LastErrorException e) {
            throw failure("fdatasync", e);
        } finally {
            lock.unlock();
        }
    }

    /** A system call with a number for an answer. */
    private interface Call {
        long answer() throws LastErrorException;
    }

    /** A signal to the thread may end a call before it has done anything: then it is made again. */
    private static long uninterrupted(Call call) {
        while (true) {
            try {
                return call.answer();
            } catch (LastErrorException e) {
                if (e.getErrorCode() != LibC.EINTR) {
                    throw e;
                }
            }
        }
    }

    private Lock enter() throws IOException {
        Lock lock = inUse.readLock();
        lock.lock();
        if (closed) {
            lock.unlock();
            throw new IOException(name + " is closed");
        }
        return lock;
    }

    private IOException failure(String call, LastErrorException e) {
        String text = call + " on " + name + ": " + LibC.strerror(e.getErrorCode());
        if (e.getErrorCode() == LibC.ENOSPC || e.getErrorCode() == LibC.EDQUOT) {
            return new StoreNoSpaceException(text, e);
        }
        return new IOException(text, e);
    }

    @Override
    public void close() throws IOException {
        Lock lock = inUse.writeLock();
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                LibC.close(fd);
            }
        } catch (LastErrorException e) {
            // Interrupted or not, Linux has let go of the descriptor: a second close could meet
            // another file's.
            if (e.getErrorCode() != LibC.EINTR) {
                throw failure("close", e);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether an error text of the system, in its present language, says that there is no space left. */
    static boolean saysNoSpace(String text) {
        if (text.contains("No space left on device") || text.contains("quota exceeded")) {
            return true;
        }
        return available()
                && (text.contains(LibC.strerror(LibC.ENOSPC))
                        || text.contains(LibC.strerror(LibC.EDQUOT)));
    }
}
