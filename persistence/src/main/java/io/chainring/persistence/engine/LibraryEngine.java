package io.chainring.persistence.engine;

import io.chainring.persistence.engine.files.BackgroundWatch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BiPredicate;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.DBIterator;
import org.iq80.leveldb.ReadOptions;
import org.iq80.leveldb.WriteBatch;
import org.iq80.leveldb.WriteOptions;
import org.jspecify.annotations.Nullable;

/**
 * An engine over the API that both libraries implement.
 *
 * <p>A {@link UseLock} keeps every call away from a closed database.
 */
final class LibraryEngine implements Engine {
    private static final int GET_ATTEMPTS = 5;

    private final String name;
    private final Path directory;
    private final DB db;
    private final WriteOptions synced = new WriteOptions().sync(true);
    private final WriteOptions unsynced = new WriteOptions().sync(false);
    private final ReadOptions checked = new ReadOptions().verifyChecksums(true);
    private final UseLock use;
    private final BiConsumer<byte[], byte[]> compactor;
    private final BackgroundWatch watch;

    /** {@link Fences} go along with each batch. */
    private final boolean fenced;

    /** Looked at after each batch, under its monitor; null where the library says by itself what it could not write. */
    private final @Nullable WholeLog log;

    LibraryEngine(
            String name,
            Path directory,
            DB db,
            boolean fenced,
            BiConsumer<byte[], byte[]> compactor,
            BackgroundWatch watch) {
        this.fenced = fenced;
        this.compactor = compactor;
        this.watch = watch;
        this.name = name;
        this.directory = directory;
        this.db = db;
        this.use = new UseLock(directory);
        this.log = fenced ? new WholeLog(directory) : null;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        use.enter();
        try {
            byte[] value = getAgain(key, 1);
            requireReadable();
            return value;
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException e) {
            throw unreadable(e);
        } finally {
            use.leave();
        }
    }

    /**
     * The Java library's get does not hold the version that it looks into: a compaction may remove a table before the get
     * opens it. The next try looks into the version without that table.
     */
    private byte @Nullable [] getAgain(byte[] key, int attempt) {
        try {
            return db.get(key, checked);
        } catch (RuntimeException e) {
            if (attempt == GET_ATTEMPTS || !Engines.words(e).startsWith("Could not open table")) {
                throw e;
            }
            return getAgain(key, attempt + 1);
        }
    }

    @Override
    public void put(byte[] key, byte[] value, boolean sync) {
        if (fenced) {
            write(List.of(Change.put(key, value)), sync);
            return;
        }
        use.enter();
        try {
            requireWell();
            db.put(key, value, sync ? synced : unsynced);
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException e) {
            throw failed("write", e);
        } finally {
            use.leave();
        }
    }

    @Override
    public void write(List<Change> changes, boolean sync) {
        List<Change> all = changes;
        if (fenced) {
            all = new ArrayList<>(changes.size() + 2);
            all.addAll(changes);
            all.add(Change.put(Fences.LOW, Fences.NOTHING));
            all.add(Change.put(Fences.HIGH, Fences.NOTHING));
        }
        use.enter();
        try (WriteBatch batch = db.createWriteBatch()) {
            for (Change change : all) {
                byte[] value = change.value();
                if (value == null) {
                    batch.delete(change.key());
                } else {
                    batch.put(change.key(), value);
                }
            }
            requireWell();
            write(all, batch, sync ? synced : unsynced);
            requireWell();
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException | IOException e) {
            throw failed("write", e);
        } finally {
            use.leave();
        }
    }

    private void write(List<Change> changes, WriteBatch batch, WriteOptions how)
            throws IOException {
        WholeLog whole = log;
        if (whole == null) {
            db.write(batch, how);
            return;
        }
        synchronized (whole) {
            db.write(batch, how);
            whole.mustHave(changes);
        }
    }

    @Override
    public void scan(byte[] fromKey, byte[] toKey, BiPredicate<byte[], byte[]> visitor) {
        use.enter();
        try (DBIterator iterator = db.iterator(checked)) {
            requireReadable();
            Map.Entry<byte[], byte[]> entry = firstEntry(iterator, fromKey);
            while (entry != null
                    && Arrays.compareUnsigned(entry.getKey(), toKey) < 0
                    && (Fences.is(entry.getKey())
                            || visitor.test(entry.getKey(), entry.getValue()))) {
                entry = nextEntry(iterator);
            }
        } catch (IOException e) {
            throw unreadable(e);
        } finally {
            use.leave();
        }
    }

    private Map.@Nullable Entry<byte[], byte[]> firstEntry(DBIterator iterator, byte[] fromKey) {
        try {
            iterator.seek(fromKey);
        } catch (RuntimeException e) {
            throw unreadable(e);
        }
        return nextEntry(iterator);
    }

    /** The visitor's exceptions are its own; only the library's are failures to read. */
    private Map.@Nullable Entry<byte[], byte[]> nextEntry(DBIterator iterator) {
        try {
            return iterator.hasNext() ? iterator.next() : null;
        } catch (RuntimeException e) {
            throw unreadable(e);
        }
    }

    @Override
    public void compact(byte[] fromKey, byte[] toKey) {
        use.enter();
        try {
            requireWell();
            compactor.accept(fromKey, toKey);
            requireWell();
        } catch (EngineException e) {
            throw e;
        } catch (RuntimeException e) {
            throw failed("compact", e);
        } finally {
            use.leave();
        }
    }

    @Override
    public void close() {
        use.close(
                () -> {
                    try {
                        watch.close();
                        db.close();
                    } catch (RuntimeException | IOException e) {
                        throw failed("close", e);
                    }
                });
    }

    /** Where the library fails in the background, a write is not begun, and has not ended well. */
    private void requireWell() {
        String failure = watch.failure();
        if (failure != null) {
            throw new EngineException(directory + ": cannot write a table: " + failure, null);
        }
    }

    private void requireReadable() {
        if (!watch.isReadable()) {
            throw new EngineException.Closed(
                    directory + ": a table cannot be written: " + watch.failure());
        }
    }

    private EngineException.Read unreadable(Exception cause) {
        return new EngineException.Read(
                directory + ": cannot read: " + Engines.words(cause), cause);
    }

    private EngineException failed(String what, Exception cause) {
        return new EngineException(
                directory + ": cannot " + what + ": " + Engines.words(cause), cause);
    }
}
