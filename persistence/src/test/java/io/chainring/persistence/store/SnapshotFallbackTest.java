package io.chainring.persistence.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged snapshot is passed over only where events make up for it. */
final class SnapshotFallbackTest {
    private static final int IN_PARTS = 100_000;

    @TempDir Path directory;

    private @Nullable Store store;

    @AfterEach
    void close() {
        if (store != null) {
            store.close();
        }
    }

    private Store withADamagedOneOverAnOlderOne(long deletedTo) {
        Store opened = opened();
        save(5);
        save(8);
        opened.deleteTo("p", deletedTo, true);
        losePartOf(8);
        return opened;
    }

    @Test
    void anOlderOneIsTakenWhoseEventsAreThere() {
        withADamagedOneOverAnOlderOne(5);
        assertEquals(5, youngest());
    }

    @Test
    void noneIsTakenWhereAllEventsAreThere() {
        opened();
        save(8);
        losePartOf(8);
        assertNull(new SnapshotArea(opened()).loadYoungest("p", (sequenceNr, time) -> true));
    }

    @Test
    void itIsDamageWhereEventsBehindTheOlderOneAreGone() {
        withADamagedOneOverAnOlderOne(6);
        assertThrows(StoreException.Damaged.class, this::youngest);
    }

    @Test
    void theOlderOneIsTakenWhateverIsGoneWhereThatIsAskedFor() {
        Store opened = withADamagedOneOverAnOlderOne(6);
        assertEquals(
                5L,
                new SnapshotArea(opened)
                        .<Long>loadYoungest(
                                "p",
                                (sequenceNr, time) -> true,
                                SnapshotArea.WhenUnreadable.OLDER,
                                stored -> stored.id().sequenceNr()));
        losePartOf(5);
        assertThrows(
                StoreException.Damaged.class,
                () ->
                        new SnapshotArea(opened)
                                .<Long>loadYoungest(
                                        "p",
                                        (sequenceNr, time) -> true,
                                        SnapshotArea.WhenUnreadable.OLDER,
                                        stored -> stored.id().sequenceNr()));
    }

    @Test
    void itIsDamageWhereThereIsNoOtherAndEventsAreGone() {
        Store opened = opened();
        save(8);
        opened.deleteTo("p", 1, true);
        losePartOf(8);
        assertThrows(StoreException.Damaged.class, this::youngest);
    }

    private Store opened() {
        Store opened = store;
        if (opened == null) {
            opened = Store.open(Stores.settings(directory, "iq80", true));
            Stores.append(opened, "p", 1, 10, "t");
            store = opened;
        }
        return opened;
    }

    private void save(long sequenceNr) {
        new SnapshotArea(opened())
                .save(
                        "p",
                        new SnapshotArea.Id(sequenceNr, sequenceNr),
                        new Serialized(7, "s", new byte[IN_PARTS]),
                        null);
    }

    private void losePartOf(long sequenceNr) {
        long number = opened().persistenceIds().numberOf("p");
        opened().write(
                        List.of(
                                Engine.Change.delete(
                                        Keys.snapshotPart(number, sequenceNr, sequenceNr, 1))));
    }

    private long youngest() {
        SnapshotArea.Stored found =
                new SnapshotArea(opened()).loadYoungest("p", (sequenceNr, time) -> true);
        return Objects.requireNonNull(found).id().sequenceNr();
    }
}
