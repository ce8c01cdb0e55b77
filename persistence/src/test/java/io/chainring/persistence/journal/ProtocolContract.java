package io.chainring.persistence.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.typesafe.config.ConfigFactory;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.store.Store;
import java.nio.file.Path;
import java.util.List;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.JournalProtocol.DeleteMessagesTo;
import org.apache.pekko.persistence.JournalProtocol.LoopMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.RecoverySuccess;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessages;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessagesFailure;
import org.apache.pekko.persistence.JournalProtocol.ReplayedMessage;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageFailure;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageRejected;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesFailed;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesSuccessful$;
import org.apache.pekko.persistence.NonPersistentRepr;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which answers a journal gives, to whom and in which order: what persistent actors rely on without looking. */
abstract class ProtocolContract {
    @TempDir Path directory;
    JournalProbe journal;

    abstract boolean fsync();

    @BeforeEach
    void open() {
        open("");
    }

    private void open(String more) {
        journal =
                JournalProbe.open(
                        ConfigFactory.parseString(more)
                                .withFallback(
                                        JournalProbe.config(directory, "leveldbjni", fsync())));
    }

    @AfterEach
    void close() {
        journal.close();
    }

    void reopen(String more) {
        close();
        open(more);
    }

    private PersistentRepr from(PersistentRepr event, ActorRef sender) {
        return event.update(event.sequenceNr(), event.persistenceId(), false, sender, "w");
    }

    @Test
    void rejectedOneAmongSeveralLeavesTheOthers() {
        journal.write("p", 1, 5);
        TestProbe probe = journal.probe();
        journal.send(
                probe,
                JournalProbe.atomic(journal.event("p", 6, "b-6")),
                JournalProbe.atomic(journal.event("p", 7, new Object())),
                JournalProbe.atomic(journal.event("p", 8, "b-8"), journal.event("p", 9, "b-9")));
        probe.expectMsg(WriteMessagesSuccessful$.MODULE$);
        assertEquals(6, probe.expectMsgClass(WriteMessageSuccess.class).persistent().sequenceNr());
        assertEquals(7, probe.expectMsgClass(WriteMessageRejected.class).message().sequenceNr());
        assertEquals(8, probe.expectMsgClass(WriteMessageSuccess.class).persistent().sequenceNr());
        assertEquals(9, probe.expectMsgClass(WriteMessageSuccess.class).persistent().sequenceNr());
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L, 8L, 9L), journal.replay("p").sequenceNrs());
    }

    @Test
    void loopedMessagesKeepTheirPlaceAndEverySenderIsItsOwn() {
        TestProbe actor = journal.probe();
        TestProbe one = journal.probe();
        TestProbe two = journal.probe();
        journal.send(
                actor,
                JournalProbe.atomic(from(journal.event("p", 1, "first"), one.ref())),
                new NonPersistentRepr("between", two.ref()),
                JournalProbe.atomic(from(journal.event("p", 2, "second"), two.ref())));
        actor.expectMsg(WriteMessagesSuccessful$.MODULE$);
        assertEquals(journal.journal(), actor.lastSender());
        assertEquals(
                "first", actor.expectMsgClass(WriteMessageSuccess.class).persistent().payload());
        assertEquals(one.ref(), actor.lastSender());
        LoopMessageSuccess looped = actor.expectMsgClass(LoopMessageSuccess.class);
        assertEquals("between", looped.message());
        assertEquals(1, looped.actorInstanceId());
        assertEquals(two.ref(), actor.lastSender());
        WriteMessageSuccess second = actor.expectMsgClass(WriteMessageSuccess.class);
        assertEquals("second", second.persistent().payload());
        assertEquals(1, second.actorInstanceId());
        assertEquals(List.of("first", "second"), journal.replay("p").payloads());
    }

    @Test
    void requestWithoutEventsIsAnswered() {
        TestProbe actor = journal.probe();
        journal.send(actor, new NonPersistentRepr("alone", actor.ref()));
        actor.expectMsg(WriteMessagesSuccessful$.MODULE$);
        assertEquals("alone", actor.expectMsgClass(LoopMessageSuccess.class).message());
    }

    @Test
    void failureFailsEveryEventOfTheRequestAndStillLoops() {
        journal.write("p", 1, 2);
        TestProbe actor = journal.probe();
        journal.send(
                actor,
                JournalProbe.atomic(journal.event("p", 2, "taken")),
                new NonPersistentRepr("between", actor.ref()),
                JournalProbe.atomic(journal.event("p", 3, "x"), journal.event("p", 4, "y")));
        actor.expectMsgClass(WriteMessagesFailed.class);
        assertEquals(2, actor.expectMsgClass(WriteMessageFailure.class).message().sequenceNr());
        assertEquals("between", actor.expectMsgClass(LoopMessageSuccess.class).message());
        assertEquals(3, actor.expectMsgClass(WriteMessageFailure.class).message().sequenceNr());
        assertEquals(4, actor.expectMsgClass(WriteMessageFailure.class).message().sequenceNr());
    }

    @Test
    void highestSequenceNumberWaitsForPendingWrites() {
        TestProbe writer = journal.probe();
        TestProbe reader = journal.probe();
        for (int n = 1; n <= 300; n++) {
            journal.send(writer, JournalProbe.atomic(journal.event("p", n, "a-" + n)));
        }
        journal.journal().tell(new ReplayMessages(1, 0, 0, "p", reader.ref()), reader.ref());
        assertEquals(300, reader.expectMsgClass(RecoverySuccess.class).highestSequenceNr());
    }

    @Test
    void commandsArePublishedWhenAskedFor() {
        reopen("pekko.persistence.publish-plugin-commands = on");
        journal.write("p", 1, 5);
        TestProbe subscriber = journal.probe();
        TestProbe actor = journal.probe();
        journal.system.getEventStream().subscribe(subscriber.ref(), DeleteMessagesTo.class);
        DeleteMessagesTo command = new DeleteMessagesTo("p", 3, actor.ref());
        journal.journal().tell(command, actor.ref());
        subscriber.expectMsg(command);
        actor.expectMsg(new DeleteMessagesSuccess(3));
        assertEquals(List.of("a-4", "a-5"), journal.replay("p").payloads());
    }

    @Test
    void actorReferencesAreStoredWithTheirAddressAndComeBackAlive() {
        reopen(ReferenceSerializer.CONFIG);
        TestProbe named = journal.probe();
        TestProbe actor = journal.probe();
        ReferenceSerializer.Named event = new ReferenceSerializer.Named(named.ref());
        journal.send(actor, JournalProbe.atomic(journal.event("p", 1, event)));
        actor.expectMsg(WriteMessagesSuccessful$.MODULE$);
        assertEquals(event, journal.replay("p").payloads().get(0));
    }

    /** An event whose serializer meets an error: of its own, or of the machine. */
    static final class Unwritable implements java.io.Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(java.io.ObjectOutputStream out) {
            throw new StackOverflowError("injected");
        }
    }

    /** An event, or a snapshot, that cannot be read again. */
    static final class Unreadable implements java.io.Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(java.io.ObjectInputStream in) {
            throw new StackOverflowError("injected");
        }
    }

    @Test
    void errorOfASerializerIsAnswered() {
        TestProbe actor = journal.probe();
        journal.send(actor, JournalProbe.atomic(journal.event("p", 1, new Unwritable())));
        actor.expectMsg(WriteMessagesSuccessful$.MODULE$);
        assertEquals(1, actor.expectMsgClass(WriteMessageRejected.class).message().sequenceNr());
        journal.write("p", 1, 1);
        assertEquals(List.of("a-1"), journal.replay("p").payloads());
    }

    @Test
    void errorInAReplayIsAnswered() {
        TestProbe actor = journal.probe();
        journal.send(actor, JournalProbe.atomic(journal.event("p", 1, new Unreadable())));
        actor.expectMsg(WriteMessagesSuccessful$.MODULE$);
        actor.expectMsgClass(WriteMessageSuccess.class);
        journal.journal()
                .tell(new ReplayMessages(1, Long.MAX_VALUE, 10, "p", actor.ref()), actor.ref());
        actor.expectMsgClass(ReplayMessagesFailure.class);
    }

    @Test
    void replayThatNobodyRunsIsAnswered() {
        reopen(RejectingConfigurator.CONFIG);
        TestProbe actor = journal.probe();
        journal.journal()
                .tell(new ReplayMessages(1, Long.MAX_VALUE, 10, "p", actor.ref()), actor.ref());
        actor.expectMsgClass(ReplayMessagesFailure.class);
    }

    /** Whoever hears of writes and fails is not the writer's trouble. */
    @Test
    void failureOfAListenerLeavesTheWriteStored() {
        journal.write("p", 1, 1);
        Store store = LeveldbPersistence.get(journal.system).openStore(directory);
        assertNotNull(store);
        store.addChangeListener(
                append -> {
                    throw new IllegalStateException("injected");
                });
        journal.write("p", 2, 3);
        assertEquals(List.of("a-1", "a-2", "a-3"), journal.replay("p").payloads());
    }

    /** Two writers: the second takes over at 3, the first writes once more at 4. */
    private void writeWithOverlap() {
        TestProbe actor = journal.probe();
        String[] writers = {"old", "old", "new", "old"};
        for (int i = 0; i < writers.length; i++) {
            PersistentRepr event = journal.event("p", i + 1, "e-" + (i + 1));
            journal.send(
                    actor,
                    JournalProbe.atomic(
                            event.update(i + 1L, "p", false, ActorRef.noSender(), writers[i])));
            actor.expectMsg(WriteMessagesSuccessful$.MODULE$);
            actor.expectMsgClass(WriteMessageSuccess.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "off,                   'e-1,e-2,e-3,e-4'",
        "warn,                  'e-1,e-2,e-3,e-4'",
        "repair-by-discard-old, 'e-1,e-2,e-3'",
        "fail,                  failed"
    })
    void replayFilterIsHonoured(String mode, String expected) {
        reopen("chainring.persistence.leveldb.journal.replay-filter.mode = " + mode);
        writeWithOverlap();
        TestProbe actor = journal.probe();
        journal.journal()
                .tell(
                        new ReplayMessages(1, Long.MAX_VALUE, Long.MAX_VALUE, "p", actor.ref()),
                        actor.ref());
        StringBuilder seen = new StringBuilder();
        Object message = actor.expectMsgClass(Object.class);
        while (message instanceof ReplayedMessage replayed) {
            seen.append(seen.length() == 0 ? "" : ",").append(replayed.persistent().payload());
            message = actor.expectMsgClass(Object.class);
        }
        if (message instanceof ReplayMessagesFailure) {
            seen.setLength(0);
            seen.append("failed");
        }
        assertEquals(expected, seen.toString());
    }
}
