package io.chainring.persistence.mend;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.CounterRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordReader;
import io.chainring.persistence.format.Records;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Persistence ids whose name is lost and whose events, snapshots or counters are not. References of their tags tell the name;
 * where there are none, they get one that says so.
 */
final class MendedNames {
    private static final String UNKNOWN = "name-lost-by-damage-";

    private final Mending mending;
    private final Set<Long> named = new HashSet<>();
    private final Set<Long> nameless = new TreeSet<>();

    MendedNames(Mending mending) {
        this.mending = mending;
    }

    void mend() {
        EngineView engine = mending.engine();
        for (byte kind : new byte[] {Keys.NAME, Keys.TAG_NAME}) {
            engine.scan(
                    Keys.first(kind),
                    Keys.above(kind),
                    (key, value) -> named.add(Records.number(key, value)) || true);
        }
        findNameless(engine, Keys.EVENT);
        findNameless(engine, Keys.SNAPSHOT);
        findCounters(engine);
        if (nameless.isEmpty()) {
            return;
        }
        Map<Long, String> found = new HashMap<>();
        engine.scan(
                Keys.first(Keys.TAG),
                Keys.above(Keys.TAG),
                (key, value) -> {
                    findName(key, value, found);
                    return true;
                });
        for (long number : nameless) {
            String name = found.get(number);
            if (name == null || engine.get(Keys.name(name)) != null) {
                name = UNKNOWN + number;
                mending.report(
                        name, "its name is lost; it is kept under this one, with all it has");
            }
            byte[] key = Keys.name(name);
            mending.change(Engine.Change.put(key, Records.name(mending.writer(), key, number)));
        }
    }

    /** Goes from number to number, not from entry to entry. */
    private void findNameless(EngineView engine, byte kind) {
        long[] next = {1};
        while (next[0] > 0) {
            long from = next[0];
            next[0] = 0;
            engine.scan(
                    Keys.first(kind, from),
                    Keys.above(kind),
                    (key, value) -> {
                        long number = Keys.longAt(key, 1);
                        next[0] = number + 1;
                        if (!named.contains(number)) {
                            nameless.add(number);
                        }
                        return false;
                    });
        }
    }

    /** Those of tags have another shape. */
    private void findCounters(EngineView engine) {
        engine.scan(
                Keys.first(Keys.COUNTER),
                Keys.above(Keys.COUNTER),
                (key, value) -> {
                    long number = Keys.longAt(key, 1);
                    if (!named.contains(number) && isOfPersistenceId(key, value)) {
                        nameless.add(number);
                    }
                    return true;
                });
    }

    private static boolean isOfPersistenceId(byte[] key, byte[] value) {
        try {
            return CounterRecord.decode(key, value).highest() > 0;
        } catch (FormatException e) {
            return false;
        }
    }

    private void findName(byte[] key, byte[] value, Map<Long, String> found) {
        try {
            RecordReader reader = new RecordReader(key, value);
            long number = reader.i64();
            reader.i64();
            if (nameless.contains(number)) {
                found.put(number, reader.text());
            }
        } catch (FormatException e) {
            // A damaged reference tells nothing; it is made again from its event.
            found.remove(0L);
        }
    }
}
