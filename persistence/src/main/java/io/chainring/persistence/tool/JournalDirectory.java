package io.chainring.persistence.tool;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.store.EventReader;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.StoreInspection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A journal directory opened by a tool: no actor system, no background deletion of finished actors. Nobody else may have it
 * open; a directory that does not exist is an error and is not created.
 */
public final class JournalDirectory implements AutoCloseable {
    private static final int PAGE = 1000;

    private final Store store;
    private final StoreInspection inspection;

    private JournalDirectory(Store store) {
        this.store = store;
        this.inspection = new StoreInspection(store);
    }

    /**
     * One persistence id.
     *
     * @param persistenceId its name
     * @param highest highest sequence number
     * @param deletedTo events up to here are deleted
     * @param snapshots sequence numbers of its snapshots, ascending
     */
    public record Entry(String persistenceId, long highest, long deletedTo, List<Long> snapshots) {
        /** How many events there are. */
        public long events() {
            return highest - deletedTo;
        }
    }

    /**
     * One event.
     *
     * @param persistenceId whose
     * @param sequenceNr its number
     * @param event what is stored
     */
    public record Event(String persistenceId, long sequenceNr, EventRecord event) {}

    /**
     * Opens a directory.
     *
     * @param engine {@code auto}, {@code leveldbjni} or {@code iq80}
     * @throws StoreException in one line, if it is not there, in use, damaged, or not a journal
     */
    public static JournalDirectory open(Path directory, String engine) {
        Path absolute = directory.toAbsolutePath().normalize();
        Directories.mustHoldDatabase(absolute);
        return new JournalDirectory(Store.open(StoreSettings.forTools(absolute, engine)));
    }

    /** Opens a directory for an import; it is created if it is missing. */
    static JournalDirectory create(Path directory, String engine) {
        return new JournalDirectory(
                Store.open(StoreSettings.forTools(directory.toAbsolutePath().normalize(), engine)));
    }

    StoreInspection inspection() {
        return inspection;
    }

    Store store() {
        return store;
    }

    /** Visits all persistence ids, in the order of their bytes. */
    public void list(Consumer<Entry> visitor) {
        forEachId(id -> visitor.accept(entry(id)));
    }

    /** One persistence id, or null if the journal does not know it. */
    public @Nullable Entry find(String persistenceId) {
        Entry entry = entry(persistenceId);
        return entry.highest == 0 && entry.snapshots.isEmpty() ? null : entry;
    }

    /**
     * Reads events of one persistence id.
     *
     * @param visitor returns false to stop
     */
    public void events(
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            EventReader.Visitor visitor) {
        store.readEvents(persistenceId, fromSequenceNr, toSequenceNr, visitor);
    }

    /** The youngest snapshot at or below a sequence number, or null. */
    public SnapshotArea.@Nullable Stored snapshot(String persistenceId, long toSequenceNr) {
        return new SnapshotArea(store)
                .loadYoungest(persistenceId, (sequenceNr, time) -> sequenceNr <= toSequenceNr);
    }

    /** Gives the space of everything deleted back; returns bytes on disk before and after. */
    public long[] compact() {
        long before = Directories.sizeBytes(store.directory());
        inspection.finishDeletions();
        inspection.compactAll();
        return new long[] {before, Directories.sizeBytes(store.directory())};
    }

    void forEachId(Consumer<String> visitor) {
        String[] last = {null};
        List<String> page = new ArrayList<>();
        do {
            page.clear();
            inspection.persistenceIds(last[0], PAGE, page::add);
            for (String id : page) {
                visitor.accept(id);
                last[0] = id;
            }
        } while (page.size() == PAGE);
    }

    private Entry entry(String persistenceId) {
        return new Entry(
                persistenceId,
                store.highestSequenceNr(persistenceId),
                inspection.deletedTo(persistenceId),
                new SnapshotArea(store).sequenceNrs(persistenceId));
    }

    @Override
    public void close() {
        store.close();
    }
}
