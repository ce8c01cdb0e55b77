package io.chainring.host.store;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * The system calls that the JDK has no door to. Linux with 64-bit offsets only; numbers from {@code
 * fcntl.h}, {@code linux/falloc.h} and {@code errno.h}, which, but for one, are the same on every such
 * machine that has a JVM.
 */
final class LibC {
    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CLOEXEC = 0x80000;

    /** ARM and POWER have numbers of their own for this one (their {@code asm/fcntl.h}). */
    static final int O_NOFOLLOW = Platform.isARM() || Platform.isPPC() ? 0x8000 : 0x20000;

    static final int FALLOC_FL_KEEP_SIZE = 0x01;
    static final int FALLOC_FL_PUNCH_HOLE = 0x02;
    static final int FALLOC_FL_ZERO_RANGE = 0x10;

    static final int SEEK_DATA = 3;
    static final int SEEK_HOLE = 4;

    static final int EINTR = 4;
    static final int ENXIO = 6;
    static final int EINVAL = 22;
    static final int ENOSPC = 28;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;
    static final int EDQUOT = 122;

    static {
        if (!Platform.isLinux() || Native.LONG_SIZE != Long.BYTES) {
            throw new UnsatisfiedLinkError("needs Linux with 64-bit offsets");
        }
        Native.register(LibC.class, Platform.C_LIBRARY_NAME);
    }

    private LibC() {}

    /** open(2); the path is the system's own bytes with a zero at the end. */
    static native int open(byte[] path, int flags) throws LastErrorException;

    static native int close(int fd) throws LastErrorException;

    static native int fdatasync(int fd) throws LastErrorException;

    static native int ftruncate(int fd, long lengthBytes) throws LastErrorException;

    static native int fallocate(int fd, int mode, long offsetBytes, long lengthBytes)
            throws LastErrorException;

    static native long lseek(int fd, long offsetBytes, int whence) throws LastErrorException;

    static native String strerror(int errno);
}
