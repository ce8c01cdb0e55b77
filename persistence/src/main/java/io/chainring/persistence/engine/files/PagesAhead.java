package io.chainring.persistence.engine.files;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.CallbackThreadInitializer;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the pages exist to which leveldbjni writes. That library (2013) lengthens a file by {@code ftruncate}, maps
 * the new part and copies into it: logs, tables and MANIFEST alike. A page that the file system cannot provide then is a
 * SIGBUS, which ends the process.
 *
 * <pre>
 *   before   ftruncate(longer) ---------------------------> mmap --> copy --> no page: SIGBUS
 *   now      lengthen: posix_fallocate(the new part) --ok--> mmap --> copy
 *                                                  --no---> ENOSPC, a write that failed
 * </pre>
 *
 * <p>Its calls of {@code ftruncate} go through one cell of its table of imports ({@link ImportSlot}); the cell is set to a
 * function of ours, which has the blocks allocated instead of making a hole. Shortening stays what it is. Nothing else in the
 * process is touched.
 *
 * <p>On Linux with a 64-bit x86 processor. It holds as far as the file system keeps what it has allocated: ext4, XFS and
 * tmpfs do, one that copies on write may not.
 */
public final class PagesAhead {
    private static final int SEEK_END = 2;
    private static final String FUNCTION = "ftruncate";

    /** The system's functions, as the library itself would have found them; {@code off_t} has 64 bits. */
    private static final class LibC {
        static {
            Native.register(LibC.class, NativeLibrary.getProcess());
        }

        static native int ftruncate(int file, long lengthBytes);

        static native int posix_fallocate(int file, long offsetBytes, long lengthBytes);

        static native long lseek(int file, long offsetBytes, int whence);
    }

    /** Directories with a file that could not be lengthened, and which. */
    private static final Map<Path, String> REFUSED = new ConcurrentHashMap<>();

    private static final Logger LOG = LoggerFactory.getLogger(PagesAhead.class);

    /** In the place of {@code ftruncate}. */
    interface Lengthen extends Callback {
        /** 0, or -1 with the reason in {@code errno}. */
        int call(int file, long lengthBytes);
    }

    /** Held for the life of the process: the library calls it. */
    private static final Lengthen LENGTHEN = PagesAhead::lengthen;

    private PagesAhead() {}

    private static int lengthen(int file, long lengthBytes) {
        // The library writes through mappings only: nothing else goes by this position.
        long sizeBytes = LibC.lseek(file, 0, SEEK_END);
        if (sizeBytes < 0 || lengthBytes <= sizeBytes) {
            return LibC.ftruncate(file, lengthBytes);
        }
        int error = LibC.posix_fallocate(file, sizeBytes, lengthBytes - sizeBytes);
        if (error == 0) {
            return LibC.ftruncate(file, lengthBytes);
        }
        // What it could allocate of the part is given back; where that fails zeros stay at the end,
        // as after a kill.
        LibC.ftruncate(file, sizeBytes);
        refused(file, error);
        Native.setLastError(error);
        return -1;
    }

    private static void refused(int file, int error) {
        try {
            Path name = Files.readSymbolicLink(Path.of("/proc/self/fd/" + file));
            REFUSED.put(
                    name.getParent(),
                    "%s cannot be lengthened (error %s of the system: is there space left on the device?)"
                            .formatted(name.getFileName(), error));
        } catch (IOException e) {
            LOG.debug("a file without a name could not be lengthened", e);
        }
    }

    /** What was refused in a directory is not known any more: it is opened again. @param directory its real path */
    public static void forget(Path directory) {
        REFUSED.remove(directory);
    }

    /**
     * Tells of files that could not be lengthened since then. leveldbjni tries tables again after some seconds; reading goes on.
     *
     * @param directory its real path
     */
    public static BackgroundWatch watch(Path directory) {
        return new BackgroundWatch() {
            @Override
            public @Nullable String failure() {
                return REFUSED.isEmpty() ? null : REFUSED.get(directory);
            }

            @Override
            public boolean isReadable() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    /**
     * Takes the cell over; once, when the library is loaded and before it opens anything.
     *
     * @return why it cannot be done here, or null
     */
    public static synchronized @Nullable String install() {
        if (!Platform.isLinux() || !Platform.isIntel() || !Platform.is64Bit()) {
            return "only on Linux with a 64-bit x86 processor";
        }
        try {
            Mapping mapped = find();
            if (mapped == null) {
                return "its file is not among the process's mappings";
            }
            OptionalLong cell = ImportSlot.of(mapped.file, FUNCTION);
            if (cell.isEmpty()) {
                return mapped.file + " has no import of " + FUNCTION;
            }
            long address = mapped.address + cell.getAsLong();
            if (!isWritable(address)) {
                return "its imports cannot be changed";
            }
            Native.setCallbackThreadInitializer(
                    LENGTHEN, new CallbackThreadInitializer(true, false, "leveldbjni-compaction"));
            new Pointer(address).setPointer(0, CallbackReference.getFunctionPointer(LENGTHEN));
            return null;
        } catch (IOException | LinkageError e) {
            return String.valueOf(e.getMessage());
        }
    }

    private record Mapping(long address, Path file) {}

    /** Lines of {@code /proc/self/maps}: {@code from-to rights offset device inode path}. */
    private static @Nullable Mapping find() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.endsWith(".so") && line.contains("/libleveldbjni"))
                    .map(line -> line.split(" +", 6))
                    .filter(part -> Long.parseLong(part[2], 16) == 0)
                    .map(part -> new Mapping(from(part[0]), Path.of(part[5])))
                    .findFirst()
                    .orElse(null);
        }
    }

    private static boolean isWritable(long address) throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.map(line -> line.split(" +", 3))
                    .anyMatch(
                            part ->
                                    part[1].startsWith("rw")
                                            && from(part[0]) <= address
                                            && address < to(part[0]));
        }
    }

    private static long from(String range) {
        return Long.parseUnsignedLong(range.substring(0, range.indexOf('-')), 16);
    }

    private static long to(String range) {
        return Long.parseUnsignedLong(range.substring(range.indexOf('-') + 1), 16);
    }
}
