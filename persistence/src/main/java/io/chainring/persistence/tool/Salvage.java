package io.chainring.persistence.tool;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordReader;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import io.chainring.persistence.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Copies every entry that can still be read into a new database, which then takes the place of the old one. Where a block of
 * a table is damaged, the rest of that persistence id's entries of that kind is left out and reading goes on with the next.
 */
final class Salvage {
    private static final int BATCH_ENTRIES = 500;

    private final Engine source;
    private final Engine target;
    private final Consumer<String> lost;
    private final List<Engine.Change> batch = new ArrayList<>();

    private Salvage(Engine source, Engine target, Consumer<String> lost) {
        this.source = source;
        this.target = target;
        this.lost = lost;
    }

    static void rebuild(Path directory, Engines.Kind kind, Consumer<String> lost)
            throws IOException {
        Path fresh = directory.resolveSibling(directory.getFileName() + ".repaired");
        EngineOptions options = EngineOptions.DEFAULT.withParanoid(false);
        // Of an attempt that did not come to its end.
        Directories.deleteDatabase(fresh);
        try (Engine source = Engines.open(kind, directory, options)) {
            mustBeOurs(directory, source);
            try (Engine target = Engines.open(kind, fresh, options)) {
                Salvage salvage = new Salvage(source, target, lost);
                salvage.addFormat();
                for (byte k = Keys.META; k <= Keys.SNAPSHOT_PART; k++) {
                    salvage.copy(k);
                }
                salvage.flush();
            }
        }
        // The folder "lost", where LevelDB puts what it could not read, stays.
        Directories.deleteDatabase(directory);
        for (String name : Directories.names(fresh)) {
            Files.move(fresh.resolve(name), directory.resolve(name));
        }
        Files.delete(fresh);
    }

    /** A damaged database of others cannot be told from ours before it can be read. */
    private static void mustBeOurs(Path directory, Engine source) {
        boolean[] foreign = {false};
        try {
            source.scan(
                    new byte[0],
                    Keys.first(Keys.META),
                    (key, value) -> {
                        foreign[0] = true;
                        return false;
                    });
        } catch (EngineException e) {
            // Its first block is what is damaged; copying says so, too.
            foreign[0] = false;
        }
        if (foreign[0]) {
            throw new StoreException.NotAJournal(
                    directory,
                    "is a LevelDB database but not a Chainring journal; LevelDB has repaired it, nothing else is done");
        }
    }

    /** The record that says the format may be lost with its block; without it nothing that is kept could be opened. */
    private void addFormat() {
        byte[] key = Keys.meta(Records.FORMAT);
        byte[] value = Records.meta(new RecordWriter(), key, Records.FORMAT_VERSION);
        add(Engine.Change.put(key, value));
    }

    private void copy(byte kind) {
        byte[] from = Keys.first(kind);
        while (from.length > 0) {
            byte[][] last = {from};
            try {
                source.scan(
                        from,
                        Keys.above(kind),
                        (key, value) -> {
                            last[0] = key;
                            if (isIntact(kind, key, value)) {
                                add(Engine.Change.put(key, value));
                            }
                            return true;
                        });
                from = new byte[0];
            } catch (EngineException e) {
                lost.accept(e.getMessage());
                from = next(kind, last[0]);
            }
        }
    }

    /**
     * LevelDB's own repair gives damaged blocks new checksums; what is in them is told by ours. Events and counters are looked
     * at when each persistence id is cut, and parts of snapshots have the checksum of the whole.
     */
    private boolean isIntact(byte kind, byte[] key, byte[] value) {
        if (kind == Keys.EVENT || kind == Keys.COUNTER || kind == Keys.SNAPSHOT_PART) {
            return true;
        }
        try {
            return new RecordReader(key, value).flags() >= 0;
        } catch (FormatException e) {
            lost.accept(String.valueOf(e.getMessage()));
            // A snapshot stays: without it an actor that has deleted its events would begin with
            // nothing, and not notice.
            return kind == Keys.SNAPSHOT;
        }
    }

    /** Where to go on after damage: with the next number, if this kind has numbers. */
    private static byte[] next(byte kind, byte[] last) {
        boolean named = kind == Keys.META || kind == Keys.NAME || kind == Keys.TAG_NAME;
        if (named || last.length < 9) {
            return new byte[0];
        }
        return Keys.first(kind, Keys.longAt(last, 1) + 1);
    }

    private void add(Engine.Change change) {
        batch.add(change);
        if (batch.size() == BATCH_ENTRIES) {
            flush();
        }
    }

    private void flush() {
        if (!batch.isEmpty()) {
            target.write(batch, true);
            batch.clear();
        }
    }
}
