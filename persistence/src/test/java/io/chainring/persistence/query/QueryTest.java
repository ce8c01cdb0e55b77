package io.chainring.persistence.query;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.persistence.LeveldbHealthCheck;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.journal.JournalProbe;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.NotUsed;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesSuccessful$;
import org.apache.pekko.persistence.SaveSnapshotSuccess;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotProtocol;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By persistence id, by tag, all persistence ids: what is there, and what arrives. */
final class QueryTest {
    @TempDir Path directory;
    private JournalProbe journal;
    private LeveldbReadJournal queries;

    @BeforeEach
    void open() {
        journal = JournalProbe.open(JournalProbe.config(directory, "leveldbjni", false));
        queries =
                PersistenceQuery.get(journal.system)
                        .getReadJournalFor(LeveldbReadJournal.class, LeveldbReadJournal.IDENTIFIER);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private void tagged(String id, long sequenceNr, String... tags) {
        TestProbe probe = journal.probe();
        journal.send(
                probe,
                JournalProbe.atomic(
                        journal.event(id, sequenceNr, new Tagged(id + sequenceNr, Set.of(tags)))));
        probe.expectMsg(WriteMessagesSuccessful$.MODULE$);
        probe.expectMsgClass(WriteMessageSuccess.class);
    }

    private <T> List<T> all(Source<T, NotUsed> source) throws Exception {
        return source.runWith(Sink.seq(), journal.system)
                .toCompletableFuture()
                .get(120, TimeUnit.SECONDS);
    }

    private <T> BlockingQueue<T> follow(Source<T, NotUsed> source) {
        BlockingQueue<T> queue = new LinkedBlockingQueue<>();
        var unused = source.runWith(Sink.foreach(queue::add), journal.system);
        return queue;
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T next = queue.poll(20, TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing arrived");
        }
        return next;
    }

    @Test
    void currentEventsOfOne() throws Exception {
        journal.write("p", 1, 600);
        List<EventEnvelope> events = all(queries.currentEventsByPersistenceId("p", 2, 599));
        assertEquals(598, events.size());
        assertEquals("a-2", events.get(0).event());
        assertEquals(2, events.get(0).sequenceNr());
        assertEquals(Offset.sequence(2), events.get(0).offset());
        assertEquals(
                List.of(), all(queries.currentEventsByPersistenceId("nobody", 1, Long.MAX_VALUE)));
    }

    @Test
    void liveEventsOfOneArriveAndEndAtTheBound() throws Exception {
        journal.write("p", 1, 2);
        BlockingQueue<EventEnvelope> live = follow(queries.eventsByPersistenceId("p", 1, 5));
        assertEquals(1, next(live).sequenceNr());
        assertEquals(2, next(live).sequenceNr());
        journal.write("other", 1, 1);
        journal.write("p", 3, 9);
        assertEquals(3, next(live).sequenceNr());
        assertEquals(4, next(live).sequenceNr());
        assertEquals(5, next(live).sequenceNr());
        assertEquals(5, all(queries.eventsByPersistenceId("p", 1, 5)).size());
    }

    @Test
    void eventsByTagNowAndLive() throws Exception {
        tagged("p", 1, "red");
        tagged("p", 2, "blue");
        tagged("q", 1, "red", "blue");
        List<EventEnvelope> red = all(queries.currentEventsByTag("red", Offset.noOffset()));
        assertEquals(List.of("p1", "q1"), red.stream().map(EventEnvelope::event).toList());
        assertEquals("q", red.get(1).persistenceId());
        assertEquals(
                List.of("q1"),
                all(queries.currentEventsByTag("red", red.get(0).offset())).stream()
                        .map(EventEnvelope::event)
                        .toList());
        BlockingQueue<EventEnvelope> live = follow(queries.eventsByTag("blue", Offset.sequence(1)));
        assertEquals("q1", next(live).event());
        tagged("r", 1, "red");
        tagged("r", 2, "blue");
        assertEquals("r2", next(live).event());
    }

    @Test
    void persistenceIdsNowAndLive() throws Exception {
        journal.write("b", 1, 1);
        journal.write("a", 1, 1);
        assertEquals(List.of("a", "b"), all(queries.currentPersistenceIds()));
        BlockingQueue<String> live = follow(queries.persistenceIds());
        assertEquals("a", next(live));
        assertEquals("b", next(live));
        journal.write("aa", 1, 2);
        assertEquals("aa", next(live));
    }

    /** Each event that arrives makes the next one, as a projection does that writes. */
    @Test
    void currentEventsByTagEndWithWhatWasThereWhenTheyBegan() throws Exception {
        // More than a stream takes ahead of its consumer.
        int before = 60;
        for (int n = 1; n <= before; n++) {
            tagged("p", n, "red");
        }
        AtomicLong next = new AtomicLong(before + 1);
        List<Object> found =
                all(
                        queries.currentEventsByTag("red", Offset.noOffset())
                                .map(
                                        event -> {
                                            tagged("p", next.getAndIncrement(), "red");
                                            return event.event();
                                        })
                                .take(200));
        assertEquals(before, found.size());
        assertEquals("p60", found.get(before - 1));
        assertEquals(2 * before, all(queries.currentEventsByTag("red", Offset.noOffset())).size());
        assertEquals(List.of(), all(queries.currentEventsByTag("none", Offset.noOffset())));
    }

    @Test
    void livePersistenceIdsAreThoseThatBeginWithAnyNumberOrASnapshotToo() throws Exception {
        journal.write("a", 1, 1);
        BlockingQueue<String> live = follow(queries.persistenceIds());
        assertEquals("a", next(live));
        journal.write("late", 5, 6);
        assertEquals("late", next(live));
        TestProbe probe = journal.probe();
        journal.snapshots()
                .tell(
                        new SnapshotProtocol.SaveSnapshot(
                                new SnapshotMetadata("only-a-snapshot", 7, 1), "state"),
                        probe.ref());
        probe.expectMsgClass(SaveSnapshotSuccess.class);
        assertEquals("only-a-snapshot", next(live));
        journal.write("a", 2, 2);
        journal.write("only-a-snapshot", 8, 8);
        journal.write("last", 1, 1);
        assertEquals("last", next(live));
    }

    /** The query opens the store, unsynced as it is told to; a journal that is to sync must not be taken along in that. */
    @Test
    void journalThatWantsOtherSettingsThanTheQueryBeforeItIsRefused() throws Exception {
        close();
        journal =
                JournalProbe.open(
                        ConfigFactory.parseString(JournalProbe.JOURNAL + ".fsync = on")
                                .withFallback(JournalProbe.config(directory, "leveldbjni", false)));
        queries =
                PersistenceQuery.get(journal.system)
                        .getReadJournalFor(LeveldbReadJournal.class, LeveldbReadJournal.IDENTIFIER);
        BlockingQueue<String> live = follow(queries.persistenceIds());
        await().until(
                        () ->
                                LeveldbPersistence.get(journal.system)
                                                .openStore(directory.toAbsolutePath().normalize())
                                        != null);
        TestProbe probe = journal.probe();
        journal.send(probe, JournalProbe.atomic(journal.event("p", 1, "never stored")));
        String refusal =
                String.valueOf(
                        probe.expectMsgClass(JournalProtocol.WriteMessagesFailed.class)
                                .cause()
                                .getMessage());
        assertTrue(refusal.contains("fsync = off, and on is wanted"), refusal);
        assertEquals(List.of(), List.copyOf(live));
    }

    @Test
    void healthCheckSeesAnOpenJournal() throws Exception {
        journal.write("p", 1, 1);
        assertEquals(
                true, new LeveldbHealthCheck(journal.system).get().toCompletableFuture().get());
    }
}
