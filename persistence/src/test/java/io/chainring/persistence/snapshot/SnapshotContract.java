package io.chainring.persistence.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.Records;
import io.chainring.persistence.journal.JournalProbe;
import io.chainring.persistence.journal.ReferenceSerializer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.DeleteSnapshotSuccess;
import org.apache.pekko.persistence.DeleteSnapshotsSuccess;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.SaveSnapshotFailure;
import org.apache.pekko.persistence.SaveSnapshotSuccess;
import org.apache.pekko.persistence.SelectedSnapshot;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotProtocol;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.OptionConverters;

/** What every snapshot store must do: all that Pekko's own kit asks, and our additions. */
abstract class SnapshotContract {
    @TempDir Path directory;
    private JournalProbe journal;
    private TestProbe probe;
    private final List<SnapshotMetadata> saved = new ArrayList<>();

    abstract String engine();

    abstract boolean fsync();

    @BeforeEach
    void open() {
        open("");
    }

    private void open(String more) {
        journal =
                JournalProbe.open(
                        ConfigFactory.parseString(more)
                                .withFallback(JournalProbe.config(directory, engine(), fsync())));
        probe = journal.probe();
    }

    private void reopen(String more) {
        close();
        open(more);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private SnapshotMetadata save(String id, long sequenceNr, Object snapshot) {
        send(new SnapshotProtocol.SaveSnapshot(new SnapshotMetadata(id, sequenceNr, 0L), snapshot));
        return probe.expectMsgClass(SaveSnapshotSuccess.class).metadata();
    }

    private void saveFive() {
        for (int n = 10; n <= 14; n++) {
            SnapshotMetadata metadata = save("p", n, "s-" + n);
            saved.add(metadata);
            // The next one gets a later time, so that times can be told apart below.
            while (System.currentTimeMillis() <= metadata.timestamp()) {
                Thread.onSpinWait();
            }
        }
    }

    private void send(Object message) {
        journal.snapshots().tell(message, probe.ref());
    }

    private Optional<SelectedSnapshot> load(
            String id, SnapshotSelectionCriteria criteria, long toSequenceNr) {
        send(new SnapshotProtocol.LoadSnapshot(id, criteria, toSequenceNr));
        SnapshotProtocol.LoadSnapshotResult result =
                probe.expectMsgClass(SnapshotProtocol.LoadSnapshotResult.class);
        return OptionConverters.toJava(result.snapshot());
    }

    private Object loaded(SnapshotSelectionCriteria criteria, long to) {
        return load("p", criteria, to).map(SelectedSnapshot::snapshot).orElse("nothing");
    }

    private static SnapshotSelectionCriteria upTo(long sequenceNr, long timestamp) {
        return SnapshotSelectionCriteria.create(sequenceNr, timestamp);
    }

    /** A snapshot whose serializer meets an error when it is written, or when it is read. */
    record Broken(boolean whenWritten) implements java.io.Serializable {
        Object writeReplace() {
            if (whenWritten) {
                throw new StackOverflowError("injected");
            }
            return new Unreadable();
        }
    }

    static final class Unreadable implements java.io.Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(java.io.ObjectInputStream in) {
            throw new StackOverflowError("injected");
        }
    }

    @Test
    void errorsOfASerializerAreAnswered() {
        send(new SnapshotProtocol.SaveSnapshot(new SnapshotMetadata("p", 1, 0L), new Broken(true)));
        probe.expectMsgClass(SaveSnapshotFailure.class);
        save("p", 1, new Broken(false));
        send(
                new SnapshotProtocol.LoadSnapshot(
                        "p", SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
        probe.expectMsgClass(SnapshotProtocol.LoadSnapshotFailed.class);
        save("p", 2, "later");
        assertEquals("later", loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
    }

    @Test
    void loadsTheYoungestThatMatches() {
        saveFive();
        long max = Long.MAX_VALUE;
        assertEquals("s-14", loaded(SnapshotSelectionCriteria.latest(), max));
        assertEquals("s-13", loaded(upTo(13, max), max));
        assertEquals("s-12", loaded(SnapshotSelectionCriteria.latest(), 12));
        assertEquals("s-12", loaded(upTo(max, saved.get(2).timestamp()), max));
        assertEquals("s-11", loaded(upTo(11, saved.get(4).timestamp()), max));
        assertEquals("nothing", loaded(upTo(9, max), max));
        assertEquals("nothing", loaded(upTo(max, saved.get(0).timestamp() - 1), max));
        assertEquals("nothing", loaded(SnapshotSelectionCriteria.none(), max));
        assertEquals("nothing", loaded(SnapshotSelectionCriteria.create(max, max, 15, 0L), max));
        assertEquals(Optional.empty(), load("unknown", SnapshotSelectionCriteria.latest(), max));
    }

    @Test
    void survivesReopening() {
        saveFive();
        close();
        open();
        SelectedSnapshot read =
                load("p", SnapshotSelectionCriteria.latest(), Long.MAX_VALUE).orElseThrow();
        assertEquals("s-14", read.snapshot());
        assertEquals(saved.get(4), read.metadata());
    }

    @Test
    void deletesOneByItsMetadata() {
        saveFive();
        send(new SnapshotProtocol.DeleteSnapshot(saved.get(4)));
        assertEquals(saved.get(4), probe.expectMsgClass(DeleteSnapshotSuccess.class).metadata());
        assertEquals("s-13", loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
        send(new SnapshotProtocol.DeleteSnapshot(new SnapshotMetadata("p", 13, 0L)));
        probe.expectMsgClass(DeleteSnapshotSuccess.class);
        assertEquals("s-12", loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
    }

    @Test
    void deletesAllThatMatch() {
        saveFive();
        SnapshotSelectionCriteria criteria = upTo(12, saved.get(2).timestamp());
        send(new SnapshotProtocol.DeleteSnapshots("p", criteria));
        probe.expectMsg(new DeleteSnapshotsSuccess(criteria));
        assertEquals("nothing", loaded(criteria, Long.MAX_VALUE));
        assertEquals("s-13", loaded(upTo(13, Long.MAX_VALUE), Long.MAX_VALUE));
        send(new SnapshotProtocol.DeleteSnapshots("p", SnapshotSelectionCriteria.latest()));
        probe.expectMsgClass(DeleteSnapshotsSuccess.class);
        assertEquals("nothing", loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
    }

    @Test
    void laterOneOfTheSameSequenceNumberWins() {
        saveFive();
        save("p", 14, "again");
        assertEquals("again", loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
    }

    @Test
    void largeOnesComeBackWhole() {
        for (int size : new int[] {0, 1, 65_535, 65_536, 65_537, 1_000_000}) {
            byte[] bytes = new byte[size];
            new Random(size).nextBytes(bytes);
            save("p", size + 1, bytes);
            SelectedSnapshot read =
                    load("p", upTo(size + 1, Long.MAX_VALUE), Long.MAX_VALUE).orElseThrow();
            assertArrayEquals(bytes, (byte[]) read.snapshot());
        }
        send(new SnapshotProtocol.DeleteSnapshots("p", SnapshotSelectionCriteria.latest()));
        probe.expectMsgClass(DeleteSnapshotsSuccess.class);
        assertEquals("nothing", loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
    }

    /** What a large snapshot may lack: each of its parts, bytes of one, or of its record, which is written last. */
    private enum Loss {
        NOTHING,
        PART_0,
        PART_1,
        PART_2,
        PART_3,
        PART_4,
        BYTE_OF_A_PART,
        END_OF_A_PART,
        BYTE_OF_THE_RECORD
    }

    @Test
    void largeOneThatLacksSomethingGivesWayToTheOlderOneWhoseEventsAreThere() {
        saveAndLose(10);
        for (Loss loss : Loss.values()) {
            SelectedSnapshot found =
                    load(loss.name(), SnapshotSelectionCriteria.latest(), Long.MAX_VALUE)
                            .orElseThrow();
            if (loss == Loss.NOTHING) {
                assertArrayEquals(large(loss), (byte[]) found.snapshot());
            } else {
                assertEquals("s-10", found.snapshot(), loss.name());
                assertEquals(10, found.metadata().sequenceNr(), loss.name());
            }
            assertEquals(
                    LongStream.rangeClosed(11, 20).boxed().toList(),
                    journal.replay(loss.name()).sequenceNrs(),
                    loss.name());
        }
    }

    @Test
    void largeOneThatLacksSomethingIsDamageWhereEventsBehindTheOlderOneAreDeleted() {
        saveAndLose(11);
        for (Loss loss : Loss.values()) {
            if (loss != Loss.NOTHING) {
                send(
                        new SnapshotProtocol.LoadSnapshot(
                                loss.name(), SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
                Throwable cause =
                        probe.expectMsgClass(SnapshotProtocol.LoadSnapshotFailed.class).cause();
                assertTrue(cause instanceof StoreException.Damaged, loss + ": " + cause);
                String message = String.valueOf(cause.getMessage());
                assertTrue(message.startsWith(directory + ": "), message);
                assertTrue(message.contains(loss.name()), message);
                assertTrue(message.contains("chainring journal repair " + directory), message);
            }
        }
        SelectedSnapshot whole =
                load(Loss.NOTHING.name(), SnapshotSelectionCriteria.latest(), Long.MAX_VALUE)
                        .orElseThrow();
        assertArrayEquals(large(Loss.NOTHING), (byte[]) whole.snapshot());
    }

    private static byte[] large(Loss loss) {
        byte[] bytes = new byte[300_000];
        new Random(loss.ordinal()).nextBytes(bytes);
        return bytes;
    }

    /** For each loss an actor with 20 events and two snapshots, of which the younger one has lost that. */
    private void saveAndLose(long deletedTo) {
        EnumMap<Loss, SnapshotMetadata> large = new EnumMap<>(Loss.class);
        for (Loss loss : Loss.values()) {
            journal.write(loss.name(), 1, 20);
            save(loss.name(), 10, "s-10");
            large.put(loss, save(loss.name(), 20, large(loss)));
            journal.journal()
                    .tell(
                            new JournalProtocol.DeleteMessagesTo(
                                    loss.name(), deletedTo, probe.ref()),
                            probe.ref());
            probe.expectMsgClass(DeleteMessagesSuccess.class);
        }
        close();
        try (Engine raw =
                Engines.open(Engines.choose(engine(), ""), directory, EngineOptions.DEFAULT)) {
            large.forEach((loss, metadata) -> lose(raw, loss, metadata));
        }
        // Each is met, not only the first few.
        open(JournalProbe.SNAPSHOTS + ".circuit-breaker.max-failures = 1000");
    }

    private static void lose(Engine raw, Loss loss, SnapshotMetadata metadata) {
        byte[] name = Keys.name(metadata.persistenceId());
        long number = Records.number(name, value(raw, name));
        long sequenceNr = metadata.sequenceNr();
        long millis = metadata.timestamp();
        int part = Math.min(4, Math.max(0, loss.ordinal() - Loss.PART_0.ordinal()));
        byte[] key =
                loss == Loss.BYTE_OF_THE_RECORD
                        ? Keys.snapshot(number, sequenceNr, millis)
                        : Keys.snapshotPart(number, sequenceNr, millis, part);
        byte[] value = value(raw, key);
        switch (loss) {
            case NOTHING -> {}
            case END_OF_A_PART -> raw.put(key, Arrays.copyOf(value, value.length - 1), true);
            case BYTE_OF_A_PART, BYTE_OF_THE_RECORD -> {
                value[value.length / 2] ^= 1;
                raw.put(key, value, true);
            }
            default -> raw.write(List.of(Engine.Change.delete(key)), true);
        }
        assertNull(raw.get(Keys.snapshotPart(number, sequenceNr, millis, 5)));
    }

    private static byte[] value(Engine raw, byte[] key) {
        return Objects.requireNonNull(raw.get(key));
    }

    @Test
    void keepsMetadata() {
        send(
                new SnapshotProtocol.SaveSnapshot(
                        new SnapshotMetadata("p", 5, 0L).withMetadata("more"), "s"));
        probe.expectMsgClass(SaveSnapshotSuccess.class);
        SelectedSnapshot read =
                load("p", SnapshotSelectionCriteria.latest(), Long.MAX_VALUE).orElseThrow();
        assertEquals("more", read.metadata().metadata().get());
    }

    @Test
    void whatCannotBeSerializedFailsAndLeavesNothing() {
        saveFive();
        send(new SnapshotProtocol.SaveSnapshot(new SnapshotMetadata("p", 20, 0L), new Object()));
        probe.expectMsgClass(SaveSnapshotFailure.class);
        assertEquals("s-14", loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
    }

    @Test
    void eventsAndSnapshotsOfOneActorLiveSideBySide() {
        journal.write("p", 1, 20);
        save("p", 20, "s-20");
        assertEquals(20, journal.replay("p").highest());
        assertEquals("s-20", loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
        close();
        open();
        assertEquals(20, journal.replay("p").events().size());
        assertEquals("s-20", loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
    }

    @Test
    void deletionSparesWhatIsYounger() {
        saveFive();
        SnapshotMetadata fourth = saved.get(3);
        SnapshotSelectionCriteria criteria = upTo(fourth.sequenceNr(), fourth.timestamp() - 1);
        send(new SnapshotProtocol.DeleteSnapshots("p", criteria));
        probe.expectMsg(new DeleteSnapshotsSuccess(criteria));
        assertEquals("s-13", loaded(upTo(fourth.sequenceNr(), fourth.timestamp()), Long.MAX_VALUE));
        assertEquals("nothing", loaded(upTo(12, Long.MAX_VALUE), Long.MAX_VALUE));
    }

    @Test
    void commandsArePublishedWhenAskedFor() {
        reopen("pekko.persistence.publish-plugin-commands = on");
        saveFive();
        TestProbe subscriber = journal.probe();
        journal.system.getEventStream().subscribe(subscriber.ref(), SnapshotProtocol.Request.class);
        SnapshotProtocol.DeleteSnapshot one = new SnapshotProtocol.DeleteSnapshot(saved.get(0));
        send(one);
        subscriber.expectMsg(one);
        probe.expectMsgClass(DeleteSnapshotSuccess.class);
        SnapshotProtocol.DeleteSnapshots all =
                new SnapshotProtocol.DeleteSnapshots("p", SnapshotSelectionCriteria.latest());
        send(all);
        subscriber.expectMsg(all);
        probe.expectMsgClass(DeleteSnapshotsSuccess.class);
    }

    @Test
    void actorReferencesAreStoredWithTheirAddressAndComeBackAlive() {
        reopen(ReferenceSerializer.CONFIG);
        ReferenceSerializer.Named snapshot = new ReferenceSerializer.Named(probe.ref());
        save("p", 100, snapshot);
        assertEquals(snapshot, loaded(SnapshotSelectionCriteria.latest(), Long.MAX_VALUE));
    }
}
