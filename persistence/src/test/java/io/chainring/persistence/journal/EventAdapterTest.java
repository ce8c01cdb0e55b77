package io.chainring.persistence.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesSuccessful$;
import org.apache.pekko.persistence.journal.EventAdapter;
import org.apache.pekko.persistence.journal.EventSeq;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event adapters: to the journal with manifest and tags; back into none, one or several events. */
final class EventAdapterTest {
    @TempDir Path directory;
    private JournalProbe journal;

    /** Numbers are stored as text; what is read depends on what the text says. */
    public static final class NumberAdapter implements EventAdapter {
        @Override
        public String manifest(Object event) {
            return "number-" + event;
        }

        @Override
        public Object toJournal(Object event) {
            return new Tagged("n:" + event, Set.of("numbers"));
        }

        @Override
        public EventSeq fromJournal(Object event, String manifest) {
            String text = (String) event;
            if (!text.startsWith("n:")) {
                return EventSeq.single(text);
            }
            int number = Integer.parseInt(text.substring(2));
            if (number == 0) {
                return EventSeq.empty();
            }
            return number == 1
                    ? EventSeq.single(number + "/" + manifest)
                    : EventSeq.create(number + "/" + manifest, "again");
        }
    }

    @BeforeEach
    void open() {
        journal =
                JournalProbe.open(
                        ConfigFactory.parseString(
                                        "chainring.persistence.leveldb.journal {\n"
                                                + "  event-adapters.number = \""
                                                + NumberAdapter.class.getName()
                                                + "\"\n  event-adapter-bindings {\n"
                                                + "    \"java.lang.Integer\" = number\n"
                                                + "    \"java.lang.String\" = number\n"
                                                + "  }\n}")
                                .withFallback(JournalProbe.config(directory, "leveldbjni", false)));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    @Test
    void adaptsBothWays() {
        TestProbe actor = journal.probe();
        for (int n = 0; n <= 2; n++) {
            journal.send(actor, JournalProbe.atomic(journal.event("p", n + 1, n)));
            actor.expectMsg(WriteMessagesSuccessful$.MODULE$);
            assertEquals(
                    n,
                    actor.expectMsgClass(WriteMessageSuccess.class).persistent().payload(),
                    "the actor gets its own event back");
        }
        JournalProbe.Replayed replayed = journal.replay("p");
        assertEquals(List.of("1/number-1", "2/number-2", "again"), replayed.payloads());
        assertEquals(List.of(2L, 3L, 3L), replayed.sequenceNrs());
        assertEquals(3, replayed.highest());
    }

    @Test
    void whatTheAdapterTakesOutStillCountsForTheHighestNumber() {
        TestProbe actor = journal.probe();
        journal.send(actor, JournalProbe.atomic(journal.event("p", 1, 0)));
        actor.expectMsg(WriteMessagesSuccessful$.MODULE$);
        assertEquals(List.of(), journal.replay("p").payloads());
        assertEquals(1, journal.replay("p").highest());
    }
}
