package io.chainring.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.store.Store;
import io.chainring.ring.record.BackendSerializer;
import io.chainring.ring.record.BackendSnapshot;
import io.chainring.ring.record.BackendState;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code journal show --arrays}: the two arrays of a disk's ring at any event that is still there. */
final class ShowArraysTest {
    private static final String ID = "disk-a";
    private static final TurnEvent BEGINS =
            new TurnEvent(1, true, List.of(), List.of(), List.of(), List.of(), 1, List.of());
    private static final TurnEvent ATTACHES =
            turn(1, List.of(), List.of(new TurnEvent.Attached(0, 77, 4)), List.of());
    private static final TurnEvent WRITES =
            turn(
                    1,
                    List.of(),
                    List.of(),
                    List.of(
                            new TurnEvent.Begun(0, 0, 1, Operation.WRITE, 0, 4096, 8192),
                            new TurnEvent.Begun(0, 3, 1, Operation.FLUSH, 0, 0, 0)));
    private static final TurnEvent COMPLETES =
            turn(
                    3,
                    List.of(new TurnEvent.Completed(0, 0, 1, ChainStatus.OK, 0)),
                    List.of(),
                    List.of());

    @TempDir Path directory;

    private final BackendSerializer serializer = new BackendSerializer();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private static TurnEvent turn(
            long firstSequence,
            List<TurnEvent.Completed> completed,
            List<TurnEvent.Attached> attached,
            List<TurnEvent.Begun> begun) {
        return new TurnEvent(
                1, false, List.of(), completed, List.of(), attached, firstSequence, begun);
    }

    private Store filled() {
        Store store = Store.open(StoreSettings.forTools(directory, "auto"));
        long sequenceNr = 0;
        for (TurnEvent event : List.of(BEGINS, ATTACHES, WRITES, COMPLETES)) {
            append(store, ++sequenceNr, serialized(event));
        }
        return store;
    }

    private Serialized serialized(Object object) {
        return new Serialized(
                BackendSerializer.IDENTIFIER,
                serializer.manifest(object),
                serializer.toBinary(object));
    }

    private static void append(Store store, long sequenceNr, Serialized payload) {
        AtomicAppend.Event event =
                new AtomicAppend.Event(sequenceNr, payload, "", "w", Set.of(), null);
        store.append(List.of(new AtomicAppend(ID, List.of(event))), true);
    }

    private int show(String... options) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        CommandLine line =
                new CommandLine(new JournalCommand())
                        .setOut(new PrintWriter(out))
                        .setErr(new PrintWriter(err));
        String[] all = new String[options.length + 3];
        all[0] = "show";
        all[1] = directory.toString();
        all[2] = ID;
        System.arraycopy(options, 0, all, 3, options.length);
        return line.execute(all);
    }

    private boolean shown(String pattern) {
        return out.toString().replaceAll(" +", " ").contains(pattern);
    }

    @Test
    void arraysAreDrawnAsTheyStoodAfterAnyEvent() {
        filled().close();
        assertEquals(0, show("--arrays", "--to", "3"));
        assertTrue(shown("after event 3: epoch 1, next begin sequence 3, 2 chains in flight"));
        assertTrue(shown("ring 77, slot 0, 4 descriptors, 2 marked"), out.toString());
        assertTrue(shown("0 #1 1 - WRITE 4096+8192"), out.toString());
        assertEquals(0, show("--arrays"));
        assertTrue(shown("after event 4: epoch 1, next begin sequence 3, 1 chains in flight"));
        assertTrue(shown("0 0 1 OK, 0 bytes"), out.toString());
        assertTrue(shown("3 #2 1 - FLUSH"), out.toString());
    }

    @Test
    void whatWasDeletedIsNotTakenForNothing() {
        Store store = filled();
        BackendState state = new BackendState();
        List.of(BEGINS, ATTACHES, WRITES).forEach(state::apply);
        new SnapshotArea(store)
                .save(ID, new SnapshotArea.Id(3, 1), serialized(BackendSnapshot.of(state)), null);
        store.deleteTo(ID, 3, true);
        store.close();
        assertEquals(2, show("--arrays", "--to", "2"));
        assertEquals(
                "chainring: disk-a: events up to 3 are deleted, and no snapshot up to --to holds what they did;"
                        + " see: journal ls\n",
                err.toString());
        assertFalse(shown("after event"), out.toString());
        assertEquals(0, show("--arrays", "--to", "3"));
        assertTrue(shown("after event 3: epoch 1, next begin sequence 3, 2 chains in flight"));
        assertEquals(0, show("--arrays"));
        assertTrue(shown("after event 4: epoch 1, next begin sequence 3, 1 chains in flight"));
    }

    @Test
    void recordThatIsNoneIsNamedAndTheOthersAreShown() {
        Store store = filled();
        append(store, 5, new Serialized(BackendSerializer.IDENTIFIER, "turn1", new byte[] {1, 2}));
        append(store, 6, serialized(COMPLETES));
        append(store, 7, new Serialized(4, "", new byte[] {3}));
        store.close();
        assertEquals(0, show());
        assertEquals(8, out.toString().lines().count(), out.toString());
        assertTrue(shown("2 bytes cannot be read: "), out.toString());
        assertEquals(2, show("--arrays"));
        assertTrue(err.toString().startsWith("chainring: disk-a, event 5: "), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
        assertEquals(0, show("--arrays", "--to", "4"));
    }
}
