package io.chainring.persistence.tool;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.engine.Salvaged;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordReader;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import io.chainring.persistence.store.StoreInspection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Copies every entry that can still be read of a damaged database into a new one. */
final class Salvage {
    private static final int BATCH_ENTRIES = 500;
    private static final long BATCH_BYTES = 1 << 20;

    /** A small write buffer: a repair needs no speed, and the room for what waits in memory must be there. */
    private static final EngineOptions OPTIONS = new EngineOptions(1 << 20, 8 << 20, true, true);

    /** What is written takes this beside its own: what waits in memory for a table, twice, and a new log. */
    private static final long ROOM_BYTES = 4L * OPTIONS.writeBufferBytes() + (1 << 20);

    /** An entry stands in a log and, before that is gone, in a table and in the one that it is merged into. */
    private static final int PLACES = 3;

    private final Path source;
    private final Path target;
    private final Engine engine;
    private final Consumer<String> lost;
    private final List<Engine.Change> batch = new ArrayList<>();
    private long batchBytes;

    private Salvage(Path source, Path target, Engine engine, Consumer<String> lost) {
        this.source = source;
        this.target = target;
        this.engine = engine;
        this.lost = lost;
    }

    /**
     * Makes the new database.
     *
     * @param lost gets a line for each entry that is left out
     * @return places that could not be read
     * @throws StoreException.NotAJournal if it is somebody else's
     */
    static List<Salvaged.Lost> copy(
            Path source,
            Path target,
            Engines.Kind kind,
            UnaryOperator<Engine> between,
            Consumer<String> lost)
            throws IOException {
        List<Salvaged.Lost> places = new ArrayList<>();
        try (Engine engine = between.apply(Engines.open(kind, target, OPTIONS))) {
            Salvage salvage = new Salvage(source, target, engine, lost);
            Salvaged.read(source, salvage::entry, places::add);
            salvage.addFormat();
            salvage.flush();
        }
        return places;
    }

    private void entry(byte[] key, byte[] value) {
        if (key.length == 0 || key[0] < Keys.META) {
            throw new StoreException.NotAJournal(
                    source, "is a LevelDB database but not a Chainring journal; nothing is done");
        }
        if (isIntact(key, value)) {
            add(Engine.Change.put(key, value));
        }
    }

    /** The record that says the format may be lost with its block; without it nothing that is kept could be opened. */
    private void addFormat() {
        byte[] key = Keys.meta(Records.FORMAT);
        byte[] value = Records.meta(new RecordWriter(), key, Records.FORMAT_VERSION);
        add(Engine.Change.put(key, value));
    }

    /**
     * Libraries may have given damaged blocks new checksums; what is in them is told by ours. Events and counters are looked
     * at when each persistence id is mended, and parts of snapshots have the checksum of the whole.
     */
    private boolean isIntact(byte[] key, byte[] value) {
        byte kind = key[0];
        try {
            Keys.check(key);
        } catch (FormatException e) {
            lost.accept(String.valueOf(e.getMessage()));
            return false;
        }
        if (kind == Keys.EVENT || kind == Keys.COUNTER || kind == Keys.SNAPSHOT_PART) {
            return true;
        }
        try {
            if (kind == Keys.NAME || kind == Keys.TAG_NAME) {
                return Records.number(key, value) > 0;
            }
            return new RecordReader(key, value).flags() >= 0;
        } catch (FormatException e) {
            if (kind == Keys.SNAPSHOT) {
                // It stays: without it an actor that has deleted its events would begin with
                // nothing, and not notice. What is done with it is decided and said later.
                return true;
            }
            lost.accept(String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void add(Engine.Change change) {
        batch.add(change);
        byte[] value = change.value();
        batchBytes += change.key().length + (value == null ? 0 : value.length);
        if (batch.size() == BATCH_ENTRIES || batchBytes >= BATCH_BYTES) {
            flush();
        }
    }

    private void flush() {
        if (!batch.isEmpty()) {
            try {
                StoreInspection.mustHaveRoom(
                        target, ROOM_BYTES + PLACES * batchBytes, "repairing it");
            } catch (IOException e) {
                throw new UncheckedIOException(target + ": its free space can't be found out", e);
            }
            engine.write(batch, true);
            batch.clear();
            batchBytes = 0;
        }
    }
}
