package io.chainring.persistence.tool;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.Keys;
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
        try (Engine source = Engines.open(kind, directory, options);
                Engine target = Engines.open(kind, fresh, options)) {
            Salvage salvage = new Salvage(source, target, lost);
            for (byte k = Keys.META; k <= Keys.SNAPSHOT_PART; k++) {
                salvage.copy(k);
            }
            salvage.flush();
        }
        for (String name : Directories.names(directory)) {
            // The folder "lost", where LevelDB puts what it could not read, stays.
            if (!Files.isDirectory(directory.resolve(name))) {
                Files.deleteIfExists(directory.resolve(name));
            }
        }
        for (String name : Directories.names(fresh)) {
            Files.move(fresh.resolve(name), directory.resolve(name));
        }
        Files.delete(fresh);
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
                            add(Engine.Change.put(key, value));
                            return true;
                        });
                from = new byte[0];
            } catch (EngineException e) {
                lost.accept(e.getMessage());
                from = next(kind, last[0]);
            }
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
