package io.chainring.persistence.engine;

import io.chainring.base.files.LibraryFolder;
import io.chainring.base.files.PrivateFiles;
import io.chainring.base.text.Printable;
import io.chainring.persistence.engine.files.LeftLock;
import io.chainring.persistence.engine.files.PagesAhead;
import io.chainring.persistence.engine.files.TableWatch;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import org.fusesource.leveldbjni.JniDBFactory;
import org.iq80.leveldb.CompressionType;
import org.iq80.leveldb.DB;
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
 * <p>{@code system} is LevelDB as the system's packages have it. {@code leveldbjni} is a native library of 2013 that comes
 * with this program, for x86 only (Linux, macOS, Windows): it writes its files through mapped memory, and where the file
 * system has no page for it the system ends the process. {@code iq80} is the same format in Java and runs anywhere. Each
 * opens the others' directory: all write uncompressed blocks, and what the older two would not know is renamed for them.
 */
public final class Engines {
    private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

    private static final List<String> NAMES = List.of("auto", "system", "leveldbjni", "iq80");

    private static final String MAPPED_WRITER = "leveldb.mmap";

    static {
        // Its mapped writer syncs only the window of 1 MiB that it has mapped just then, and meets
        // a
        // full file system as an error at any place. Read once, when its classes are loaded.
        System.setProperty(MAPPED_WRITER, "false");
    }

    private Engines() {}

    /** The libraries. */
    public enum Kind {
        /** LevelDB of the system's packages. */
        SYSTEM,
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
     * Checks a configured name.
     *
     * @throws IllegalArgumentException with the names that there are
     */
    public static String known(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("one of " + String.join(", ", NAMES));
        }
        return name;
    }

    /**
     * Finds the library for a configured name.
     *
     * @param name {@code auto}, {@code system}, {@code leveldbjni} or {@code iq80}
     * @param libraries where leveldbjni's library is unpacked, see {@link LibraryFolder#find}; the first call of a
     *     process counts
     * @throws IllegalArgumentException if the name is none of these
     * @throws EngineException if a native one is asked for and cannot be loaded here
     */
    public static Kind choose(String name, String libraries) {
        return switch (known(name)) {
            case "system" -> loaded(Kind.SYSTEM, LibLevelDb.problem());
            case "leveldbjni" -> loaded(Kind.LEVELDBJNI, NativeLibrary.problem(libraries));
            case "iq80" -> Kind.IQ80;
            default ->
                    LibLevelDb.problem() == null
                            ? Kind.SYSTEM
                            : NativeLibrary.problem(libraries) == null
                                    ? Kind.LEVELDBJNI
                                    : Kind.IQ80;
        };
    }

    private static Kind loaded(Kind kind, @Nullable String problem) {
        if (problem != null) {
            throw new EngineException(
                    "engine " + kind.id() + " cannot be loaded here: " + problem, null);
        }
        return kind;
    }

    /**
     * Opens a directory.
     *
     * @throws EngineException with the library's words if it cannot be opened (locked, damaged, no permission)
     */
    public static Engine open(Kind kind, Path directory, EngineOptions options) {
        try {
            if (options.createIfMissing()) {
                PrivateFiles.createFolders(directory);
            }
            prepare(kind, directory);
            if (kind == Kind.SYSTEM) {
                return new SystemEngine(directory, options);
            }
            if (kind == Kind.IQ80 && Iq80DBFactory.USE_MMAP) {
                throw new IOException(
                        "another part of this program has loaded it with its mapped writer, which does not sync all that it"
                                + " has written; start Java with -D"
                                + MAPPED_WRITER
                                + "=false");
            }
            Path real = directory.toRealPath();
            PagesAhead.forget(real);
            DB db = factory(kind).open(directory.toFile(), toLibrary(options));
            return new LibraryEngine(
                    kind.id(),
                    directory,
                    db,
                    kind == Kind.IQ80,
                    compactor(directory, db),
                    db instanceof DbImpl java ? new TableWatch(java) : PagesAhead.watch(real));
        } catch (IOException | ReflectiveOperationException | RuntimeException e) {
            if (kind == Kind.IQ80) {
                LeftLock.replace(directory, e);
            }
            throw new EngineException(
                    directory + ": cannot open with " + kind.id() + ": " + words(e), e);
        }
    }

    /** Under the lock; where somebody holds it, the library says so when it opens. */
    private static void prepare(Kind kind, Path directory) throws IOException {
        Path current = directory.resolve("CURRENT");
        Path lockFile = directory.resolve("LOCK");
        if (!Files.exists(current) || !Files.exists(lockFile)) {
            return;
        }
        try (FileChannel channel =
                        FileChannel.open(
                                lockFile, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            Path manifest = directory.resolve(Files.readString(current).strip());
            if (lock == null || !Files.exists(manifest)) {
                return;
            }
            OptionalLong cut = TornManifest.cut(manifest);
            if (cut.isPresent()) {
                LOG.info("{}: cut off its torn end at byte {}", manifest, cut.getAsLong());
            }
            if (kind != Kind.SYSTEM) {
                renameTables(directory);
            }
            int corrected = kind == Kind.IQ80 ? 0 : ManifestSizes.correct(directory, manifest);
            if (corrected > 0) {
                LOG.info("{}: corrected the sizes of {} tables of iq80", directory, corrected);
            }
        } catch (OverlappingFileLockException e) {
            LOG.debug("{} is open in this process", directory, e);
        }
    }

    /** Newer versions call a table NUMBER.ldb, and look for NUMBER.sst as well; older ones know the latter name alone. */
    private static void renameTables(Path directory) throws IOException {
        try (DirectoryStream<Path> tables = Files.newDirectoryStream(directory, "*.ldb")) {
            for (Path table : tables) {
                String name = table.getFileName().toString();
                // A table of the older name beside it was never part of the database: its number
                // was given again.
                Files.move(
                        table,
                        table.resolveSibling(name.substring(0, name.length() - 4) + ".sst"),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /**
     * Lets the library rebuild a damaged directory from what is still readable.
     *
     * @throws EngineException if the library cannot do it ({@code iq80} has no repair)
     */
    public static void repair(Kind kind, Path directory) {
        try {
            if (kind == Kind.SYSTEM) {
                SystemEngine.repair(directory);
                return;
            }
            renameTables(directory);
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
        return message == null ? error.getClass().getSimpleName() : Printable.line(message);
    }

    /** The Java library has no compaction of a range behind the common API, but it can do it level by level. */
    private static BiConsumer<byte[], byte[]> compactor(Path directory, DB db) {
        if (!(db instanceof DbImpl java)) {
            return db::compactRange;
        }
        // Tables that another library, or another log's recovery, made without fences.
        if (Fences.areMissing(directory)) {
            java.compactRange(
                    0, Slices.wrappedBuffer(Fences.LOW), Slices.wrappedBuffer(Fences.HIGH));
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
}
