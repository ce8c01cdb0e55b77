package io.chainring.persistence.mend;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.store.SnapshotArea;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Snapshots that can't be read are removed where an older one, or all events, stand for them. Where nothing does, the
 * snapshot stays: without it the actor would begin with nothing, and not notice.
 */
final class MendedSnapshots {
    private final Mending mending;

    /** Ids whose deleted events no snapshot stands for, and nothing tells that there was one: up to which event. */
    private final Map<String, Long> bare = new LinkedHashMap<>();

    MendedSnapshots(Mending mending) {
        this.mending = mending;
    }

    /** Sequence number of the youngest one that can be read; 0 if there is none. */
    static long youngest(EngineView engine, long number) {
        List<byte[]> keys = new ArrayList<>();
        engine.scan(
                Keys.first(Keys.SNAPSHOT, number),
                Keys.above(Keys.SNAPSHOT, number),
                (key, value) -> keys.add(key));
        for (int i = keys.size() - 1; i >= 0; i--) {
            byte[] value = engine.get(keys.get(i));
            if (value != null && isReadable(engine, keys.get(i), value)) {
                return Keys.longAt(keys.get(i), 9);
            }
        }
        return 0;
    }

    void mend(String persistenceId, long number, long deletedTo) {
        EngineView engine = mending.engine();
        List<byte[]> unreadable = new ArrayList<>();
        boolean[] covered = {deletedTo == 0};
        engine.scan(
                Keys.first(Keys.SNAPSHOT, number),
                Keys.above(Keys.SNAPSHOT, number),
                (key, value) -> {
                    if (!isReadable(engine, key, value)) {
                        unreadable.add(key);
                        reportUnreadable(persistenceId, key, covered[0]);
                        if (covered[0]) {
                            remove(engine, key);
                        }
                    } else if (Keys.longAt(key, 9) >= deletedTo) {
                        covered[0] = true;
                    }
                    return true;
                });
        boolean lost =
                mending.mayBeLost(
                        Keys.first(Keys.SNAPSHOT, number), Keys.above(Keys.SNAPSHOT, number));
        if (lost) {
            mending.report(
                    persistenceId,
                    covered[0]
                            ? "a younger snapshot is lost, if there was one"
                            : "its snapshot is lost, and the events up to "
                                    + deletedTo
                                    + " that it stood for are deleted");
        } else if (!covered[0] && unreadable.isEmpty()) {
            bare.put(persistenceId, deletedTo);
        }
    }

    /** Where something is lost of which nobody knows whose it was, it may have been a snapshot. */
    void reportBare() {
        bare.forEach(
                (persistenceId, deletedTo) ->
                        mending.report(
                                persistenceId,
                                "events up to "
                                        + deletedTo
                                        + " are deleted and no snapshot covers them: if there was one, it is lost"));
    }

    private void reportUnreadable(String persistenceId, byte[] key, boolean covered) {
        mending.report(
                persistenceId,
                "its snapshot at %s can't be read%s"
                        .formatted(
                                Keys.longAt(key, 9),
                                covered
                                        ? ", and is removed: what is before it stands for it"
                                        : "; it stays, because events that only it covers are deleted"));
    }

    private static boolean isReadable(EngineView engine, byte[] key, byte[] value) {
        try {
            SnapshotArea.check(engine, key, value);
            return true;
        } catch (FormatException e) {
            return false;
        }
    }

    private void remove(EngineView engine, byte[] key) {
        mending.change(Engine.Change.delete(key));
        long number = Keys.longAt(key, 1);
        long sequenceNr = Keys.longAt(key, 9);
        long millis = Keys.longAt(key, 17);
        engine.scan(
                Keys.snapshotPart(number, sequenceNr, millis, 0),
                Keys.snapshotPart(number, sequenceNr, millis, -1),
                (part, value) -> {
                    mending.change(Engine.Change.delete(part));
                    return true;
                });
    }
}
