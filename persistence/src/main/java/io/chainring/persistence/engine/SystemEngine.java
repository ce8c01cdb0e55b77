package io.chainring.persistence.engine;

import static io.chainring.persistence.engine.LibLevelDb.*;

import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * An engine over the system's LevelDB. It writes its files by write(2): where there is no space, a call fails, and the
 * process lives.
 *
 * <p>A database that is used after closing is freed memory; a {@link UseLock} keeps every call away from it.
 */
final class SystemEngine implements Engine {
    private static final byte YES = 1;

    private final Path directory;
    private final long options;
    private final long cache;
    private final long checked = leveldb_readoptions_create();
    private final long unsynced = leveldb_writeoptions_create();
    private final long synced = leveldb_writeoptions_create();
    private final long db;
    private final UseLock use;

    /**
     * Opens a directory.
     *
     * @throws EngineException with the library's words
     */
    SystemEngine(Path directory, EngineOptions how) {
        this.directory = directory;
        this.use = new UseLock(directory);
        this.options = options(how);
        this.cache = leveldb_cache_create_lru(how.cacheBytes());
        leveldb_options_set_cache(options, cache);
        leveldb_readoptions_set_verify_checksums(checked, YES);
        leveldb_writeoptions_set_sync(synced, YES);
        long[] error = new long[1];
        db = leveldb_open(options, systemName(directory), error);
        if (error[0] != 0) {
            freeOptions();
            throw new EngineException(words(error), null);
        }
    }

    private static long options(EngineOptions how) {
        long options = leveldb_options_create();
        leveldb_options_set_create_if_missing(options, how.createIfMissing() ? YES : 0);
        leveldb_options_set_paranoid_checks(options, how.paranoid() ? YES : 0);
        leveldb_options_set_write_buffer_size(options, how.writeBufferBytes());
        leveldb_options_set_compression(options, 0);
        return options;
    }

    /**
     * Lets LevelDB rebuild a damaged directory.
     *
     * @throws EngineException with the library's words
     */
    static void repair(Path directory) {
        long options = options(EngineOptions.DEFAULT);
        try {
            long[] error = new long[1];
            leveldb_repair_db(options, systemName(directory), error);
            if (error[0] != 0) {
                throw new EngineException(words(error), null);
            }
        } finally {
            leveldb_options_destroy(options);
        }
    }

    /** The path as the system has it, with a zero at its end: the URI of a path carries its bytes unchanged. */
    private static byte[] systemName(Path path) {
        String raw = path.toAbsolutePath().toUri().getRawPath();
        byte[] bytes = new byte[raw.length() + 1];
        int length = 0;
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) == '%') {
                bytes[length++] = (byte) Integer.parseInt(raw, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) raw.charAt(i);
            }
        }
        return Arrays.copyOf(bytes, length + 1);
    }

    /** Takes the text out of a cell that is not 0. */
    private static String words(long[] error) {
        try {
            return new Pointer(error[0]).getString(0, "UTF-8");
        } finally {
            leveldb_free(error[0]);
        }
    }

    private void checkRead(long[] error) {
        if (error[0] != 0) {
            throw new EngineException.Read(directory + ": cannot read: " + words(error), null);
        }
    }

    private void checkRead(long iterator) {
        long[] error = new long[1];
        leveldb_iter_get_error(iterator, error);
        checkRead(error);
    }

    private void checkWrite(long[] error) {
        if (error[0] != 0) {
            throw new EngineException(directory + ": cannot write: " + words(error), null);
        }
    }

    @Override
    public String name() {
        return Engines.Kind.SYSTEM.id();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        use.enter();
        try {
            long[] length = new long[1];
            long[] error = new long[1];
            long value = leveldb_get(db, checked, key, key.length, length, error);
            checkRead(error);
            if (value == 0) {
                return null;
            }
            try {
                return bytes(value, length);
            } finally {
                leveldb_free(value);
            }
        } finally {
            use.leave();
        }
    }

    private static byte[] bytes(long address, long[] length) {
        return new Pointer(address).getByteArray(0, Math.toIntExact(length[0]));
    }

    @Override
    public void put(byte[] key, byte[] value, boolean sync) {
        use.enter();
        try {
            long[] error = new long[1];
            leveldb_put(db, sync ? synced : unsynced, key, key.length, value, value.length, error);
            checkWrite(error);
        } finally {
            use.leave();
        }
    }

    @Override
    public void write(List<Change> changes, boolean sync) {
        use.enter();
        long batch = leveldb_writebatch_create();
        try {
            for (Change change : changes) {
                byte[] key = change.key();
                byte[] value = change.value();
                if (value == null) {
                    leveldb_writebatch_delete(batch, key, key.length);
                } else {
                    leveldb_writebatch_put(batch, key, key.length, value, value.length);
                }
            }
            long[] error = new long[1];
            leveldb_write(db, sync ? synced : unsynced, batch, error);
            checkWrite(error);
        } finally {
            leveldb_writebatch_destroy(batch);
            use.leave();
        }
    }

    @Override
    public void scan(byte[] fromKey, byte[] toKey, BiPredicate<byte[], byte[]> visitor) {
        use.enter();
        long iterator = leveldb_create_iterator(db, checked);
        try {
            long[] length = new long[1];
            leveldb_iter_seek(iterator, fromKey, fromKey.length);
            boolean more = true;
            while (more && leveldb_iter_valid(iterator) != 0) {
                // Behind a block that it can't read the library goes on with the next one.
                checkRead(iterator);
                byte[] key = bytes(leveldb_iter_key(iterator, length), length);
                more = Arrays.compareUnsigned(key, toKey) < 0;
                if (more) {
                    byte[] value = bytes(leveldb_iter_value(iterator, length), length);
                    more = Fences.is(key) || visitor.test(key, value);
                }
                if (more) {
                    leveldb_iter_next(iterator);
                }
            }
            checkRead(iterator);
        } finally {
            leveldb_iter_destroy(iterator);
            use.leave();
        }
    }

    @Override
    public void compact(byte[] fromKey, byte[] toKey) {
        use.enter();
        try {
            leveldb_compact_range(db, fromKey, fromKey.length, toKey, toKey.length);
        } finally {
            use.leave();
        }
    }

    @Override
    public void close() {
        use.close(
                () -> {
                    leveldb_close(db);
                    freeOptions();
                });
    }

    private void freeOptions() {
        leveldb_options_destroy(options);
        leveldb_cache_destroy(cache);
        leveldb_readoptions_destroy(checked);
        leveldb_writeoptions_destroy(unsynced);
        leveldb_writeoptions_destroy(synced);
    }
}
