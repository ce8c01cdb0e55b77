package io.chainring.persistence.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.base.text.Printable;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.store.Store;
import java.io.NotSerializableException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageRejected;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesSuccessful$;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Names that others chose: what can't be stored as it is, and how the rest is quoted. */
final class ForeignTextTest {
    private static final String HOSTILE =
            "x\n12:00:00.000 ERROR all is lost\u001b[2J\u202e" + "y".repeat(3000);

    @TempDir Path directory;
    private JournalProbe journal;

    @BeforeEach
    void open() {
        journal =
                JournalProbe.open(
                        ConfigFactory.parseString(
                                        "chainring.persistence.leveldb { max-event-size = 1000, max-snapshot-size = 1000 }")
                                .withFallback(JournalProbe.config(directory, "leveldbjni", false)));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private Throwable rejection(String id, Object payload) {
        TestProbe probe = journal.probe();
        journal.send(probe, JournalProbe.atomic(journal.event(id, 1, payload)));
        probe.expectMsg(WriteMessagesSuccessful$.MODULE$);
        return probe.expectMsgClass(WriteMessageRejected.class).cause();
    }

    /** Both would be "a?" in UTF-8, and have one history. */
    @Test
    void halfOfACharacterIsRejectedInIdsAndTags() {
        for (String half : List.of("a\uD800", "a\uDC00", "\uDC00\uD800", "a\uD800b")) {
            assertTrue(
                    String.valueOf(rejection(half, "event").getMessage())
                            .startsWith("persistence id has half of a character"));
            Throwable tag = rejection("p", new Tagged("event", Set.of(half)));
            assertTrue(
                    String.valueOf(tag.getMessage()).startsWith("tag has half of a character"),
                    tag::toString);
            assertEquals(NotSerializableException.class, tag.getClass());
        }
        journal.write("a\uD83D\uDE00", 1, 1);
        assertEquals(1, journal.replay("a\uD83D\uDE00").events().size());
        assertEquals(0, journal.replay("a??").highest());
    }

    private static void quotes(Executable call) {
        String message = String.valueOf(assertThrows(RuntimeException.class, call).getMessage());
        isQuoted(message);
    }

    private static void isQuoted(String message) {
        assertTrue(message.codePoints().allMatch(Printable::isPrintable), message);
        assertTrue(message.contains("x\\n12:00:00.000 ERROR"), message);
        assertTrue(message.length() < 600, () -> message.length() + " characters");
    }

    @Test
    void messagesQuoteIds() throws Exception {
        journal.write(HOSTILE, 1, 2);
        isQuoted(String.valueOf(rejection(HOSTILE, "z".repeat(2000)).getMessage()));
        Store store =
                Objects.requireNonNull(
                        LeveldbPersistence.get(journal.system)
                                .openStore(directory.toAbsolutePath().normalize()));
        AtomicAppend again =
                new AtomicAppend(
                        HOSTILE,
                        List.of(
                                new AtomicAppend.Event(
                                        1,
                                        new Serialized(1, "", new byte[1]),
                                        "",
                                        "w",
                                        Set.of(),
                                        null)));
        store.append(List.of(again), false);
        isQuoted(String.valueOf(again.refusal()).replaceFirst("^[^:]*: ", ""));
        SnapshotArea snapshots = new SnapshotArea(store);
        Serialized large = new Serialized(1, "", new byte[2000]);
        quotes(() -> snapshots.save(HOSTILE, new SnapshotArea.Id(1, 1), large, null));
        assertEquals(
                StoreException.SequenceNrTaken.class,
                Objects.requireNonNull(again.refusal()).getClass());
    }
}
