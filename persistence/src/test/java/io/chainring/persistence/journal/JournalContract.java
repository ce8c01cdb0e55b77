package io.chainring.persistence.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.chainring.persistence.journal.JournalProbe.Replayed;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.JournalProtocol.DeleteMessagesTo;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageRejected;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesFailed;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesSuccessful$;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every journal must do, whatever engine and durability: all that Pekko's own kit asks, and our additions. */
abstract class JournalContract {
    @TempDir Path directory;
    JournalProbe journal;

    abstract String engine();

    abstract boolean fsync();

    @BeforeEach
    void open() {
        journal = JournalProbe.open(JournalProbe.config(directory, engine(), fsync()));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    void reopen() {
        close();
        open();
    }

    private void delete(String id, long to) {
        TestProbe probe = journal.probe();
        journal.journal().tell(new DeleteMessagesTo(id, to, probe.ref()), probe.ref());
        probe.expectMsg(new DeleteMessagesSuccess(to));
    }

    @Test
    void replaysAllEventsInOrder() {
        journal.write("p", 1, 5);
        Replayed replayed = journal.replay("p");
        assertEquals(List.of("a-1", "a-2", "a-3", "a-4", "a-5"), replayed.payloads());
        assertEquals(5, replayed.highest());
        PersistentRepr first = replayed.events().get(0);
        assertEquals("p", first.persistenceId());
        assertEquals(journal.writerUuid, first.writerUuid());
    }

    @Test
    void replaysBetweenBoundsAndUpToMaximum() {
        journal.write("p", 1, 5);
        assertEquals(List.of(3L, 4L, 5L), journal.replay("p", 3, Long.MAX_VALUE, 99).sequenceNrs());
        assertEquals(List.of(1L, 2L, 3L), journal.replay("p", 1, 3, 99).sequenceNrs());
        assertEquals(List.of(2L, 3L), journal.replay("p", 2, 5, 2).sequenceNrs());
        assertEquals(List.of(2L), journal.replay("p", 2, 2, 99).sequenceNrs());
        assertEquals(List.of(), journal.replay("p", 1, 5, 0).sequenceNrs());
        assertEquals(List.of(), journal.replay("p", 4, 3, 99).sequenceNrs());
        assertEquals(List.of(), journal.replay("p", 1, 0, 99).sequenceNrs());
        assertEquals(5, journal.replay("p", 1, 0, 0).highest());
    }

    @Test
    void unknownPersistenceIdHasNothing() {
        Replayed replayed = journal.replay("nobody");
        assertEquals(List.of(), replayed.payloads());
        assertEquals(0, replayed.highest());
    }

    @Test
    void atomicWriteOfSeveralEventsIsWholeOrRejectedWhole() {
        TestProbe probe = journal.probe();
        journal.send(
                probe,
                JournalProbe.atomic(
                        journal.event("p", 1, "x"),
                        journal.event("p", 2, new Object()),
                        journal.event("p", 3, "z")),
                JournalProbe.atomic(journal.event("q", 1, "good")));
        probe.expectMsg(WriteMessagesSuccessful$.MODULE$);
        for (long n = 1; n <= 3; n++) {
            WriteMessageRejected rejected = probe.expectMsgClass(WriteMessageRejected.class);
            assertEquals(n, rejected.message().sequenceNr());
        }
        probe.expectMsgClass(WriteMessageSuccess.class);
        assertEquals(List.of(), journal.replay("p").payloads());
        assertEquals(0, journal.replay("p").highest());
        assertEquals(List.of("good"), journal.replay("q").payloads());
        journal.write("p", 1, 1);
        assertEquals(List.of("a-1"), journal.replay("p").payloads());
    }

    @Test
    void survivesReopeningWithHighestSequenceNumber() {
        journal.write("p", 1, 300);
        journal.write("q", 1, 3);
        reopen();
        assertEquals(300, journal.replay("p").highest());
        assertEquals(300, journal.replay("p").events().size());
        assertEquals(3, journal.replay("q").highest());
        journal.write("p", 301, 301);
        assertEquals(301, journal.replay("p").highest());
    }

    @Test
    void deletesUpToSequenceNumberAndKeepsHighest() {
        journal.write("p", 1, 200);
        delete("p", 150);
        assertEquals(50, journal.replay("p").events().size());
        assertEquals(200, journal.replay("p").highest());
        delete("p", Long.MAX_VALUE);
        assertEquals(List.of(), journal.replay("p").payloads());
        assertEquals(200, journal.replay("p").highest());
        reopen();
        assertEquals(List.of(), journal.replay("p").payloads());
        assertEquals(200, journal.replay("p").highest());
        journal.write("p", 201, 203);
        assertEquals(List.of(201L, 202L, 203L), journal.replay("p").sequenceNrs());
    }

    @Test
    void deletionBeyondHighestDeletesNothingYetToCome() {
        journal.write("p", 1, 3);
        delete("p", 1000);
        journal.write("p", 4, 5);
        assertEquals(List.of(4L, 5L), journal.replay("p").sequenceNrs());
    }

    @Test
    void sequenceNumberIsTakenOnce() {
        journal.write("p", 1, 3);
        TestProbe probe = journal.probe();
        journal.send(probe, JournalProbe.atomic(journal.event("p", 3, "other")));
        probe.expectMsgClass(WriteMessagesFailed.class);
        assertEquals(List.of("a-1", "a-2", "a-3"), journal.replay("p").payloads());
    }

    @Test
    void keepsMetadataManifestAndTimestamp() {
        TestProbe probe = journal.probe();
        long before = System.currentTimeMillis();
        PersistentRepr repr =
                journal.event("p", 1, new Tagged("tagged", Set.of("red", "blue")))
                        .withManifest("kind-7")
                        .withMetadata("meta");
        journal.send(probe, JournalProbe.atomic(repr));
        probe.expectMsg(WriteMessagesSuccessful$.MODULE$);
        WriteMessageSuccess success = probe.expectMsgClass(WriteMessageSuccess.class);
        assertInstanceOf(Tagged.class, success.persistent().payload());
        PersistentRepr read = journal.replay("p").events().get(0);
        assertEquals("tagged", read.payload());
        assertEquals("kind-7", read.manifest());
        assertEquals("meta", read.metadata().get());
        assertEquals(true, read.timestamp() >= before);
    }
}
