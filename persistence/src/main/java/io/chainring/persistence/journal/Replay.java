package io.chainring.persistence.journal;

import io.chainring.persistence.store.Store;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.persistence.JournalProtocol.RecoverySuccess;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessages;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessagesFailure;
import org.apache.pekko.persistence.JournalProtocol.ReplayedMessage;

/** One replay, run on the replay dispatcher: the events asked for, then the highest sequence number. */
final class Replay implements Runnable {
    private final Store store;
    private final EventSerializer serializer;
    private final ReplayMessages request;
    private final ActorRef replyTo;
    private final ActorRef journal;

    Replay(
            Store store,
            EventSerializer serializer,
            ReplayMessages request,
            ActorRef replyTo,
            ActorRef journal) {
        this.store = store;
        this.serializer = serializer;
        this.request = request;
        this.replyTo = replyTo;
        this.journal = journal;
    }

    @Override
    public void run() {
        try {
            long highest = store.highestSequenceNr(request.persistenceId());
            sendEvents(Math.min(request.toSequenceNr(), highest));
            replyTo.tell(new RecoverySuccess(highest), journal);
        } catch (Exception e) {
            // Whatever a serializer or an adapter throws: the actor must hear of it.
            replyTo.tell(new ReplayMessagesFailure(e), journal);
        }
    }

    private void sendEvents(long toSequenceNr) {
        long[] left = {request.max()};
        if (left[0] <= 0 || request.fromSequenceNr() > toSequenceNr) {
            return;
        }
        store.readEvents(
                request.persistenceId(),
                request.fromSequenceNr(),
                toSequenceNr,
                (sequenceNr, event) -> {
                    serializer.deserialize(
                            request.persistenceId(),
                            sequenceNr,
                            event,
                            repr -> replyTo.tell(new ReplayedMessage(repr), ActorRef.noSender()));
                    return --left[0] > 0;
                });
    }
}
