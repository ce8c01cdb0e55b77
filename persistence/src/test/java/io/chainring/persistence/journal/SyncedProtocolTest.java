package io.chainring.persistence.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.store.GroupCommit;
import io.chainring.persistence.store.Store;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.apache.pekko.actor.PoisonPill;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.JournalProtocol.DeleteMessagesTo;
import org.apache.pekko.persistence.JournalProtocol.RecoverySuccess;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessages;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageFailure;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesFailed;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesSuccessful$;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.Test;

final class SyncedProtocolTest extends ProtocolContract {
    private final CountDownLatch hold = new CountDownLatch(1);

    @Override
    boolean fsync() {
        return true;
    }

    /** Room for one record; the writer thread waits for {@link #hold}. */
    private void fillTheQueue() throws InterruptedException {
        reopen("chainring.persistence.leveldb.group-commit.queue-records = 1");
        journal.write("before", 1, 1);
        Store store = LeveldbPersistence.get(journal.system).openStore(directory);
        assertNotNull(store);
        // The journal is not its last user: the end of the journal does not wait for the writer.
        store = LeveldbPersistence.get(journal.system).acquire(store.settings());
        GroupCommit queue = store.groupCommit();
        assertNotNull(queue);
        CountDownLatch held = new CountDownLatch(1);
        queue.afterPending(
                () -> {
                    held.countDown();
                    try {
                        hold.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                failure -> {});
        held.await();
        journal.send(journal.probe(), JournalProbe.atomic(journal.event("other", 1, "o-1")));
    }

    private void ask(String id, TestProbe reader) {
        journal.journal()
                .tell(new ReplayMessages(1, Long.MAX_VALUE, 100, id, reader.ref()), reader.ref());
    }

    @Test
    void replayDoesNotPassWritesThatWaitBehindAFullQueue() throws InterruptedException {
        fillTheQueue();
        TestProbe predecessor = journal.probe();
        journal.send(predecessor, JournalProbe.atomic(journal.event("p", 1, "a-1")));
        TestProbe successor = journal.probe();
        journal.journal().tell(new ReplayMessages(1, 0, 0, "p", successor.ref()), successor.ref());
        hold.countDown();
        predecessor.expectMsg(WriteMessagesSuccessful$.MODULE$);
        assertEquals(1, successor.expectMsgClass(RecoverySuccess.class).highestSequenceNr());
        journal.send(successor, JournalProbe.atomic(journal.event("p", 2, "b-2")));
        successor.expectMsg(WriteMessagesSuccessful$.MODULE$);
        successor.expectMsgClass(WriteMessageSuccess.class);
        assertEquals(List.of("a-1", "b-2"), journal.replay("p").payloads());
    }

    @Test
    void deletionDoesNotPassWritesThatWaitBehindAFullQueue() throws InterruptedException {
        fillTheQueue();
        TestProbe actor = journal.probe();
        journal.send(actor, JournalProbe.atomic(journal.event("p", 1, "a-1")));
        TestProbe deleter = journal.probe();
        journal.journal()
                .tell(new DeleteMessagesTo("p", Long.MAX_VALUE, deleter.ref()), deleter.ref());
        hold.countDown();
        deleter.expectMsg(new DeleteMessagesSuccess(Long.MAX_VALUE));
        JournalProbe.Replayed left = journal.replay("p");
        assertEquals(List.of(), left.payloads());
        assertEquals(1, left.highest());
    }

    @Test
    void whoeverStillWaitsWhenTheJournalEndsIsTold() throws InterruptedException {
        fillTheQueue();
        TestProbe actor = journal.probe();
        journal.send(actor, JournalProbe.atomic(journal.event("p", 1, "a-1")));
        TestProbe end = journal.probe();
        end.watch(journal.journal());
        journal.journal().tell(PoisonPill.getInstance(), end.ref());
        actor.expectMsgClass(WriteMessagesFailed.class);
        actor.expectMsgClass(WriteMessageFailure.class);
        hold.countDown();
        end.expectTerminated(journal.journal(), scala.concurrent.duration.Duration.create(20, "s"));
    }

    @Test
    void replayOfSomebodyElseDoesNotWaitForRoom() throws InterruptedException {
        fillTheQueue();
        journal.send(journal.probe(), JournalProbe.atomic(journal.event("p", 1, "a-1")));
        TestProbe reader = journal.probe();
        ask("before", reader);
        // It stands in the store's own queue, behind what was there; what waits for room is behind
        // it.
        TestProbe late = journal.probe();
        ask("p", late);
        hold.countDown();
        reader.expectMsgClass(Object.class);
        assertEquals(1, reader.expectMsgClass(RecoverySuccess.class).highestSequenceNr());
        late.expectMsgClass(Object.class);
        assertEquals(1, late.expectMsgClass(RecoverySuccess.class).highestSequenceNr());
    }
}
