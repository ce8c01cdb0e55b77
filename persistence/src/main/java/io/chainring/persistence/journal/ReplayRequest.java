package io.chainring.persistence.journal;

import io.chainring.persistence.store.Store;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.persistence.JournalProtocol.RecoverySuccess;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessages;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessagesFailure;
import org.apache.pekko.persistence.JournalProtocol.ReplayedMessage;

/** One replay, run on the replay dispatcher: the events asked for, then the highest sequence number. */
final class ReplayRequest extends JournalRequest {
    private final ReplayMessages request;
    private ActorRef replyTo;

    ReplayRequest(ReplayMessages request, LeveldbJournal journal) {
        super(journal, request.persistenceId());
        this.request = request;
        this.replyTo = request.persistentActor();
    }

    @Override
    public boolean start() {
        replyTo = journal.filtered(request.persistentActor());
        return afterWrites(() -> {});
    }

    /** Everything before it is written: it may read. */
    @Override
    void succeed() {
        Store store = journal.store();
        journal.replayDispatcher().execute(() -> read(store));
    }

    @Override
    void answerFailure(Throwable why) {
        replyTo.tell(new ReplayMessagesFailure(why), journal.getSelf());
    }

    private void read(Store store) {
        try {
            long highest = store.highestSequenceNr(request.persistenceId());
            sendEvents(store, Math.min(request.toSequenceNr(), highest));
            replyTo.tell(new RecoverySuccess(highest), journal.getSelf());
        } catch (Exception | Error e) {
            // Whatever a serializer or an adapter throws: the actor must hear of it.
            fail(e);
        }
    }

    private void sendEvents(Store store, long toSequenceNr) {
        long[] left = {request.max()};
        if (left[0] <= 0 || request.fromSequenceNr() > toSequenceNr) {
            return;
        }
        store.readEvents(
                request.persistenceId(),
                request.fromSequenceNr(),
                toSequenceNr,
                (sequenceNr, event) -> {
                    journal.serializer()
                            .deserialize(
                                    request.persistenceId(),
                                    sequenceNr,
                                    event,
                                    repr ->
                                            replyTo.tell(
                                                    new ReplayedMessage(repr),
                                                    ActorRef.noSender()));
                    return --left[0] > 0;
                });
    }
}
