package io.chainring.persistence.engine;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The C interface of the LevelDB that the system's packages bring ({@code leveldb/c.h}). Pointers are {@code long}: 64 bits
 * only. Lengths are in bytes; an error comes as a text in a cell that was 0 before, and is given back by {@link #leveldb_free}.
 */
final class LibLevelDb {
    private static final Logger LOG = LoggerFactory.getLogger(LibLevelDb.class);

    /** Versions before write through mapped memory: a full file system would end the JVM. */
    private static final int LEAST_VERSION = 115;

    /** From {@code dlfcn.h}, without RTLD_GLOBAL. */
    private static final int RTLD_NOW = 2;

    private static final List<String> NAMES =
            List.of("libleveldb.so.1d", "libleveldb.so.1", "libleveldb.so", "libleveldb.dylib");

    private static final List<String> FOLDERS =
            List.of(
                    "/usr/local/lib",
                    "/usr/lib64",
                    "/usr/lib",
                    "/lib64",
                    "/lib",
                    "/opt/homebrew/lib");

    private LibLevelDb() {}

    /** Loads the library once; the holder idiom makes that lazy and safe. */
    private static final class Loaded {
        static final @Nullable String PROBLEM = said(load());

        private static @Nullable String said(@Nullable String problem) {
            if (problem != null) {
                LOG.info("The LevelDB of the system's packages is not used: {}", problem);
            }
            return problem;
        }

        private static @Nullable String load() {
            try {
                if (Native.POINTER_SIZE != Long.BYTES) {
                    return "needs 64 bits";
                }
                Path file = find();
                if (file == null) {
                    return "no libleveldb among the system's libraries (Debian: apt install libleveldb1d)";
                }
                // Otherwise leveldbjni, which has the same names in it, would be bound to this
                // library's.
                Map<String, Object> visibleToNobody = Map.of(Library.OPTION_OPEN_FLAGS, RTLD_NOW);
                Native.register(
                        LibLevelDb.class,
                        NativeLibrary.getInstance(file.toString(), visibleToNobody));
                int version = leveldb_major_version() * 100 + leveldb_minor_version();
                return version < LEAST_VERSION ? file + " is older than LevelDB 1.15" : null;
            } catch (LinkageError | IOException e) {
                return String.valueOf(e.getMessage());
            }
        }

        private static @Nullable Path find() throws IOException {
            List<Path> folders = new ArrayList<>();
            Path usr = Path.of("/usr/lib");
            if (Files.isDirectory(usr)) {
                // Debian has a folder for each kind of processor; dlopen refuses another kind's.
                String processor = System.getProperty("os.arch").replace("amd64", "x86_64");
                try (DirectoryStream<Path> multiarch =
                        Files.newDirectoryStream(usr, processor + "-linux-gnu*")) {
                    multiarch.forEach(folders::add);
                }
            }
            FOLDERS.forEach(folder -> folders.add(Path.of(folder)));
            for (Path folder : folders) {
                for (String name : NAMES) {
                    if (Files.exists(folder.resolve(name))) {
                        return folder.resolve(name);
                    }
                }
            }
            return null;
        }
    }

    /** Why it cannot be used here; null if it can. */
    static @Nullable String problem() {
        return Loaded.PROBLEM;
    }

    static native int leveldb_major_version();

    static native int leveldb_minor_version();

    static native long leveldb_open(long options, byte[] zeroEndedName, long[] error);

    static native void leveldb_close(long db);

    static native void leveldb_put(
            long db,
            long options,
            byte[] key,
            long keyLength,
            byte[] value,
            long valueLength,
            long[] error);

    static native void leveldb_write(long db, long options, long batch, long[] error);

    static native long leveldb_get(
            long db, long options, byte[] key, long keyLength, long[] length, long[] error);

    static native void leveldb_compact_range(
            long db, byte[] from, long fromLength, byte[] to, long toLength);

    static native void leveldb_repair_db(long options, byte[] zeroEndedName, long[] error);

    static native void leveldb_free(long pointer);

    static native long leveldb_writebatch_create();

    static native void leveldb_writebatch_destroy(long batch);

    static native void leveldb_writebatch_put(
            long batch, byte[] key, long keyLength, byte[] value, long valueLength);

    static native void leveldb_writebatch_delete(long batch, byte[] key, long keyLength);

    static native long leveldb_create_iterator(long db, long options);

    static native void leveldb_iter_destroy(long iterator);

    static native byte leveldb_iter_valid(long iterator);

    static native void leveldb_iter_seek(long iterator, byte[] key, long keyLength);

    static native void leveldb_iter_next(long iterator);

    static native long leveldb_iter_key(long iterator, long[] length);

    static native long leveldb_iter_value(long iterator, long[] length);

    static native void leveldb_iter_get_error(long iterator, long[] error);

    static native long leveldb_options_create();

    static native void leveldb_options_destroy(long options);

    static native void leveldb_options_set_create_if_missing(long options, byte yes);

    static native void leveldb_options_set_paranoid_checks(long options, byte yes);

    static native void leveldb_options_set_write_buffer_size(long options, long bytes);

    static native void leveldb_options_set_compression(long options, int none);

    static native void leveldb_options_set_cache(long options, long cache);

    static native long leveldb_cache_create_lru(long bytes);

    static native void leveldb_cache_destroy(long cache);

    static native long leveldb_readoptions_create();

    static native void leveldb_readoptions_destroy(long options);

    static native void leveldb_readoptions_set_verify_checksums(long options, byte yes);

    static native long leveldb_writeoptions_create();

    static native void leveldb_writeoptions_destroy(long options);

    static native void leveldb_writeoptions_set_sync(long options, byte yes);
}
