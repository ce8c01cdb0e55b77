package io.chainring.simulation.world;

import io.chainring.ring.record.BackendSerializer;
import io.chainring.ring.record.BackendSnapshot;
import io.chainring.ring.record.BackendState;
import io.chainring.ring.record.TurnEvent;
import io.chainring.simulation.history.Violation;
import io.chainring.simulation.mirror.JournalMirror;
import io.chainring.simulation.plan.Draws;
import java.io.NotSerializableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An append-only list of encoded records with one write under way at most, and snapshots that replace the records
 * before them. What a reader gets went through the codec.
 */
final class SimJournal {
    private static final BackendSerializer SERIALIZER = new BackendSerializer();

    private record Pending(byte[] bytes, TurnEvent record, Runnable acknowledge) {}

    private record Snapshot(byte[] bytes, int records) {}

    private final Draws random;
    private final List<byte[]> records = new ArrayList<>();
    private JournalMirror mirror = new JournalMirror();
    private int mirrored;
    private @Nullable Pending pending;
    private @Nullable Snapshot snapshot;
    private @Nullable Snapshot pendingSnapshot;
    private int deleted;

    SimJournal(Draws random) {
        this.random = random;
    }

    /** What is acknowledged so far. */
    JournalMirror mirror() {
        return mirror;
    }

    boolean isBusy() {
        return pending != null;
    }

    void persist(TurnEvent record, Runnable acknowledge) {
        Violation.check(pending == null, "I10", () -> "two records are under way");
        byte[] bytes = SERIALIZER.toBinary(record);
        Violation.check(
                decode(bytes).equals(record), "codec", () -> "another record than " + record);
        pending = new Pending(bytes, record, acknowledge);
    }

    /** Stores the record under way; the acknowledgement is then under way too. */
    void write() {
        Pending write = pending;
        if (write != null) {
            pending = null;
            records.add(write.bytes);
            write.acknowledge.run();
        }
    }

    /** The backend has heard of everything that is stored. */
    void acknowledged() {
        while (mirrored < records.size()) {
            mirror.apply(decode(records.get(mirrored++)));
        }
    }

    void offerSnapshot(BackendState state) {
        byte[] bytes = SERIALIZER.toBinary(BackendSnapshot.of(state));
        pendingSnapshot = new Snapshot(bytes, records.size());
    }

    /** True when one was stored, and old records are deleted. */
    boolean storeSnapshot() {
        Snapshot stored = pendingSnapshot;
        boolean deletes = false;
        if (stored != null) {
            pendingSnapshot = null;
            snapshot = stored;
            if (random.nextBoolean()) {
                deleted = stored.records;
                deletes = true;
            }
        }
        return deletes;
    }

    boolean isSnapshotUnderWay() {
        return pendingSnapshot != null;
    }

    /** The record under way is not stored. */
    void reject() {
        pending = null;
    }

    /** The backend died: the write under way is stored or lost, nobody knows which (K2). */
    void settle() {
        Pending write = pending;
        pending = null;
        if (write != null && random.nextBoolean()) {
            records.add(write.bytes);
        }
        if (random.nextBoolean()) {
            storeSnapshot();
        }
        pendingSnapshot = null;
    }

    /** Power is lost and the journal was not synced: its tail is gone. */
    void losePower(int most) {
        int keep = Math.max(deleted, records.size() - random.nextInt(most + 1));
        if (snapshot != null) {
            keep = Math.max(keep, snapshot.records);
        }
        records.subList(keep, records.size()).clear();
        mirror = new JournalMirror();
        mirrored = 0;
        acknowledged();
    }

    /** The state as a new incarnation replays it. */
    BackendState replay() {
        acknowledged();
        BackendState fromSnapshot = replayFromSnapshot();
        if (deleted == 0) {
            BackendState fromStart = new BackendState();
            records.forEach(bytes -> fromStart.apply(decode(bytes)));
            Violation.check(
                    Arrays.equals(encoded(fromStart), encoded(fromSnapshot)),
                    "K8",
                    () -> "the snapshot and what follows it is not what all records together are");
        }
        return fromSnapshot;
    }

    private static byte[] encoded(BackendState state) {
        return SERIALIZER.toBinary(BackendSnapshot.of(state));
    }

    private BackendState replayFromSnapshot() {
        BackendState state = new BackendState();
        int from = 0;
        Snapshot stored = snapshot;
        if (stored != null) {
            try {
                Object read = SERIALIZER.fromBinary(stored.bytes, "arrays1");
                state = ((BackendSnapshot) read).thaw();
            } catch (NotSerializableException e) {
                throw new IllegalStateException(e);
            }
            from = stored.records;
        }
        for (byte[] bytes : records.subList(from, records.size())) {
            state.apply(decode(bytes));
        }
        return state;
    }

    private static TurnEvent decode(byte[] bytes) {
        try {
            return (TurnEvent) SERIALIZER.fromBinary(bytes, "turn1");
        } catch (NotSerializableException e) {
            throw new IllegalStateException(e);
        }
    }
}
