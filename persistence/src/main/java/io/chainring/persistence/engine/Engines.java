package io.chainring.persistence.engine;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.fusesource.leveldbjni.JniDBFactory;
import org.iq80.leveldb.CompressionType;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBException;
import org.iq80.leveldb.DBFactory;
import org.iq80.leveldb.Options;
import org.iq80.leveldb.impl.DbConstants;
import org.iq80.leveldb.impl.DbImpl;
import org.iq80.leveldb.impl.Iq80DBFactory;
import org.iq80.leveldb.util.Slices;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses and opens the LevelDB library.
 *
 * <p>{@code leveldbjni} is the native library; it ships for x86 only (Linux, macOS, Windows). {@code iq80} is the same
 * format in Java and runs anywhere. Each opens the other's directory: both write uncompressed blocks, because the
 * native library was built without Snappy on some platforms.
 */
public final class Engines {
    private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

    private Engines() {}

    /** The libraries. */
    public enum Kind {
        /** Native LevelDB through JNI. */
        LEVELDBJNI,
        /** LevelDB in Java. */
        IQ80;

        /** The name used in configuration and messages. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Finds the library for a configured name.
     *
     * @param name {@code auto}, {@code leveldbjni} or {@code iq80}
     * @throws IllegalArgumentException if the name is none of these
     * @throws EngineException if {@code leveldbjni} is asked for and cannot be loaded here
     */
    public static Kind choose(String name) {
        switch (name) {
            case "iq80":
                return Kind.IQ80;
            case "leveldbjni":
                if (Native.PROBLEM != null) {
                    throw new EngineException(
                            "engine leveldbjni cannot be loaded here: " + Native.PROBLEM, null);
                }
                return Kind.LEVELDBJNI;
            case "auto":
                return Native.PROBLEM == null ? Kind.LEVELDBJNI : Kind.IQ80;
            default:
                throw new IllegalArgumentException(
                        "engine must be auto, leveldbjni or iq80, not: " + name);
        }
    }

    /**
     * Opens a directory.
     *
     * @throws EngineException with the library's words if it cannot be opened (locked, damaged, no permission)
     */
    public static Engine open(Kind kind, Path directory, EngineOptions options) {
        try {
            if (options.createIfMissing()) {
                Files.createDirectories(directory);
            }
            if (kind == Kind.LEVELDBJNI) {
                correctSizes(directory);
            }
            DB db = factory(kind).open(directory.toFile(), toLibrary(options));
            return new LibraryEngine(kind.id(), directory, db, compactor(db));
        } catch (IOException | RuntimeException e) {
            throw new EngineException(
                    directory + ": cannot open with " + kind.id() + ": " + words(e), e);
        }
    }

    /** Under the lock; where somebody holds it, the library says so when it opens. */
    private static void correctSizes(Path directory) throws IOException {
        Path current = directory.resolve("CURRENT");
        Path lockFile = directory.resolve("LOCK");
        if (!Files.exists(current) || !Files.exists(lockFile)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(lockFile, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            Path manifest = directory.resolve(Files.readString(current).strip());
            if (lock == null || !Files.exists(manifest)) {
                return;
            }
            int corrected = ManifestSizes.correct(directory, manifest);
            if (corrected > 0) {
                LOG.info("{}: corrected the sizes of {} tables of iq80", directory, corrected);
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("{} is open in this process", directory, e);
        }
    }

    /**
     * Lets the library rebuild a damaged directory from what is still readable.
     *
     * @throws EngineException if the library cannot do it ({@code iq80} has no repair)
     */
    public static void repair(Kind kind, Path directory) {
        try {
            factory(kind).repair(directory.toFile(), toLibrary(EngineOptions.DEFAULT));
        } catch (IOException | RuntimeException e) {
            throw new EngineException(
                    directory + ": cannot repair with " + kind.id() + ": " + words(e), e);
        }
    }

    /** What an error says, without the names of the exceptions that the libraries put around it. */
    public static String words(Throwable error) {
        Throwable inner = error.getCause();
        String message = error.getMessage();
        if (inner != null && inner.toString().equals(message)) {
            return words(inner);
        }
        return message == null ? error.getClass().getSimpleName() : message;
    }

    /** The Java library has no compaction of a range behind the common API, but it can do it level by level. */
    private static BiConsumer<byte[], byte[]> compactor(DB db) {
        if (!(db instanceof DbImpl java)) {
            return db::compactRange;
        }
        return (from, to) -> {
            java.flushMemTable();
            for (int level = 0; level < DbConstants.NUM_LEVELS - 1; level++) {
                java.compactRange(level, Slices.wrappedBuffer(from), Slices.wrappedBuffer(to));
            }
        };
    }

    private static DBFactory factory(Kind kind) {
        return kind == Kind.LEVELDBJNI ? JniDBFactory.factory : Iq80DBFactory.factory;
    }

    private static Options toLibrary(EngineOptions options) {
        return new Options()
                .createIfMissing(options.createIfMissing())
                .compressionType(CompressionType.NONE)
                .writeBufferSize(options.writeBufferBytes())
                .cacheSize(options.cacheBytes())
                .paranoidChecks(options.paranoid())
                .verifyChecksums(true);
    }

    /** Tries the native library once; the holder idiom makes that lazy and safe. */
    private static final class Native {
        static final @Nullable String PROBLEM = load();

        private static @Nullable String load() {
            try {
                File probe = Files.createTempDirectory("chainring-leveldbjni").toFile();
                try {
                    JniDBFactory.factory.open(probe, new Options().createIfMissing(true)).close();
                } finally {
                    JniDBFactory.factory.destroy(probe, new Options());
                    Files.deleteIfExists(probe.toPath());
                }
                return null;
            } catch (IOException | DBException | LinkageError e) {
                LOG.info(
                        "No native LevelDB here ({} on {}), using the Java one (iq80): {}",
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        words(e));
                return words(e);
            }
        }
    }
}
