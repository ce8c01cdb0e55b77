package io.chainring.persistence.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.journal.JournalProbe;
import io.chainring.persistence.query.LeveldbReadJournal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.JournalProtocol.DeleteMessagesTo;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.WriteMessages;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesSuccessful$;
import org.apache.pekko.persistence.Persistence;
import org.apache.pekko.persistence.PersistentEnvelope;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.testkit.TestProbe;
import org.apache.pekko.testkit.javadsl.TestKit;
import org.fusesource.leveldbjni.JniDBFactory;
import org.iq80.leveldb.CompressionType;
import org.iq80.leveldb.DB;
import org.iq80.leveldb.Options;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.jdk.javaapi.CollectionConverters;

/** A journal written by Pekko's stock plugin is read by ours after the import: events, deletions, tags. */
final class StockImportTest {
    @TempDir Path root;

    private void writeStock(Path directory) {
        Config config =
                ConfigFactory.parseString(
                                "pekko.loglevel = OFF\n"
                                        + "pekko.persistence.journal.leveldb { fsync = off, dir = \""
                                        + directory
                                        + "\" }")
                        .withFallback(ConfigFactory.load());
        ActorSystem system = ActorSystem.create("stock", config);
        try {
            ActorRef journal =
                    Persistence.get(system)
                            .journalFor("pekko.persistence.journal.leveldb", ConfigFactory.empty());
            TestProbe probe = new TestProbe(system);
            for (long n = 1; n <= 700; n++) {
                write(
                        journal,
                        probe,
                        "a",
                        n,
                        n % 2 == 0 ? new Tagged("a" + n, Set.of("even")) : "a" + n);
            }
            for (long n = 1; n <= 5; n++) {
                write(journal, probe, "b", n, "b" + n);
                write(journal, probe, "gone", n, "g" + n);
            }
            delete(journal, probe, "a", 10);
            delete(journal, probe, "gone", 5);
        } finally {
            TestKit.shutdownActorSystem(system);
        }
    }

    /** As Pekko's plugin leaves them once its first 4 MiB are written. */
    private static void makeTables(Path directory) throws IOException {
        Options options = new Options().compressionType(CompressionType.SNAPPY);
        try (DB stock = JniDBFactory.factory.open(directory.toFile(), options)) {
            // What is in a log becomes a table by opening it again.
            stock.put(new byte[] {(byte) 0xFE}, new byte[0]);
            stock.delete(new byte[] {(byte) 0xFE});
        }
        try (DB stock = JniDBFactory.factory.open(directory.toFile(), options)) {
            stock.compactRange(new byte[] {0}, new byte[] {(byte) 0xFF});
        }
    }

    /** The Java library has no Snappy of its own. */
    @Test
    void compressedTablesAreReadByTheJavaLibraryToo() throws Exception {
        Path stock = root.resolve("stock");
        Path ours = root.resolve("ours");
        writeStock(stock);
        makeTables(stock);
        assertEquals(new StockImport(3, 695), StockImport.of(stock, ours, "iq80"));
        try (JournalProbe journal = JournalProbe.open(JournalProbe.config(ours, "iq80", false))) {
            assertEquals(690, journal.replay("a").events().size());
            assertEquals("a11", journal.replay("a").payloads().get(0));
        }
    }

    private static void delete(ActorRef journal, TestProbe probe, String id, long to) {
        journal.tell(new DeleteMessagesTo(id, to, probe.ref()), probe.ref());
        probe.expectMsg(new DeleteMessagesSuccess(to));
    }

    private static void write(
            ActorRef journal, TestProbe probe, String id, long sequenceNr, Object payload) {
        PersistentRepr event =
                PersistentRepr.apply(
                        payload, sequenceNr, id, "", false, ActorRef.noSender(), "writer-" + id);
        List<PersistentEnvelope> one = List.of(JournalProbe.atomic(event));
        journal.tell(
                new WriteMessages(CollectionConverters.asScala(one).toList(), probe.ref(), 1),
                probe.ref());
        probe.expectMsg(WriteMessagesSuccessful$.MODULE$);
        probe.expectMsgClass(WriteMessageSuccess.class);
    }

    @Test
    void everythingArrives() throws Exception {
        Path stock = root.resolve("stock");
        Path ours = root.resolve("ours");
        writeStock(stock);
        assertEquals(new StockImport(3, 695), StockImport.of(stock, ours, "auto"));
        assertThrows(StoreException.class, () -> StockImport.of(stock, ours, "auto"));
        try (JournalProbe journal =
                JournalProbe.open(JournalProbe.config(ours, "leveldbjni", false))) {
            JournalProbe.Replayed a = journal.replay("a");
            assertEquals(690, a.events().size());
            assertEquals("a11", a.payloads().get(0));
            assertEquals("writer-a", a.events().get(0).writerUuid());
            assertEquals(700, a.highest());
            assertEquals(List.of("b1", "b2", "b3", "b4", "b5"), journal.replay("b").payloads());
            assertEquals(List.of(), journal.replay("gone").payloads());
            assertEquals(5, journal.replay("gone").highest());
            journal.write("a", 701, 701);
            LeveldbReadJournal queries =
                    PersistenceQuery.get(journal.system)
                            .getReadJournalFor(
                                    LeveldbReadJournal.class, LeveldbReadJournal.IDENTIFIER);
            List<EventEnvelope> even =
                    queries.currentEventsByTag("even", Offset.noOffset())
                            .runWith(Sink.seq(), journal.system)
                            .toCompletableFuture()
                            .get(120, TimeUnit.SECONDS);
            assertEquals(345, even.size());
            assertEquals("a12", even.get(0).event());
        }
    }
}
