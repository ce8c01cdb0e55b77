package io.chainring.persistence.journal;

import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.GroupCommit;
import io.chainring.persistence.store.Store;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.JournalProtocol.LoopMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageFailure;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageRejected;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.WriteMessages;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesFailed;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesSuccessful$;
import org.apache.pekko.persistence.NonPersistentRepr;
import org.apache.pekko.persistence.PersistentEnvelope;
import org.apache.pekko.persistence.PersistentRepr;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterator;

/**
 * One write request.
 *
 * <p>Each atomic write of the request is either rejected (it could not be serialized; it touched nothing) or becomes an
 * append. Answers are sent in the order of the request: one for the whole, then one for each event.
 */
final class WriteRequest extends JournalRequest {
    private final WriteMessages request;
    private final List<AtomicAppend> appends = new ArrayList<>(1);
    private @Nullable List<@Nullable Throwable> rejections;
    private boolean serialized;

    WriteRequest(WriteMessages request, LeveldbJournal journal) {
        super(journal, null);
        this.request = request;
    }

    @Override
    public boolean start() {
        serialize();
        Store store = journal.store();
        GroupCommit groupCommit = store.groupCommit();
        if (groupCommit != null) {
            return groupCommit.submit(appends, this, journal::room);
        }
        if (!appends.isEmpty()) {
            store.append(appends, false);
        }
        completed(null);
        return true;
    }

    @Override
    public boolean touches(String persistenceId) {
        Iterator<PersistentEnvelope> envelopes = request.messages().iterator();
        while (envelopes.hasNext()) {
            if (envelopes.next() instanceof AtomicWrite write
                    && write.persistenceId().equals(persistenceId)) {
                return true;
            }
        }
        return false;
    }

    private void serialize() {
        if (serialized) {
            return;
        }
        Iterator<PersistentEnvelope> envelopes = request.messages().iterator();
        while (envelopes.hasNext()) {
            if (envelopes.next() instanceof AtomicWrite write) {
                serialize(write);
            }
        }
        serialized = true;
    }

    private void serialize(AtomicWrite write) {
        try {
            journal.store().serializing();
            appends.add(journal.serializer().serialize(write));
            if (rejections != null) {
                rejections.add(null);
            }
        } catch (Exception | Error e) {
            // Whatever an adapter or a serializer throws rejects this write, and only this one.
            if (rejections == null) {
                rejections = new ArrayList<>(Collections.nCopies(appends.size(), null));
            }
            rejections.add(e);
        }
    }

    @Override
    void succeed() {
        for (int i = 0; i < appends.size(); i++) {
            RuntimeException refusal = appends.get(i).refusal();
            if (refusal != null) {
                fail(refusal);
                return;
            }
        }
        sendResults();
    }

    private void sendResults() {
        ActorRef target = request.persistentActor();
        int instanceId = request.actorInstanceId();
        target.tell(WriteMessagesSuccessful$.MODULE$, journal.getSelf());
        int index = 0;
        Iterator<PersistentEnvelope> envelopes = request.messages().iterator();
        while (envelopes.hasNext()) {
            PersistentEnvelope envelope = envelopes.next();
            if (envelope instanceof AtomicWrite write) {
                Throwable rejection = rejections == null ? null : rejections.get(index);
                index++;
                Iterator<PersistentRepr> events = write.payload().iterator();
                while (events.hasNext()) {
                    PersistentRepr event = events.next();
                    Object result =
                            rejection == null
                                    ? new WriteMessageSuccess(event, instanceId)
                                    : new WriteMessageRejected(event, rejection, instanceId);
                    target.tell(result, event.sender());
                }
            } else {
                loop(target, (NonPersistentRepr) envelope);
            }
        }
    }

    /** All of it failed: it is unknown what is stored. */
    @Override
    void answerFailure(Throwable why) {
        ActorRef target = request.persistentActor();
        target.tell(new WriteMessagesFailed(why, atomicWrites()), journal.getSelf());
        Iterator<PersistentEnvelope> envelopes = request.messages().iterator();
        while (envelopes.hasNext()) {
            PersistentEnvelope envelope = envelopes.next();
            if (envelope instanceof AtomicWrite write) {
                Iterator<PersistentRepr> events = write.payload().iterator();
                while (events.hasNext()) {
                    PersistentRepr event = events.next();
                    target.tell(
                            new WriteMessageFailure(event, why, request.actorInstanceId()),
                            event.sender());
                }
            } else {
                loop(target, (NonPersistentRepr) envelope);
            }
        }
    }

    private int atomicWrites() {
        int writes = 0;
        Iterator<PersistentEnvelope> envelopes = request.messages().iterator();
        while (envelopes.hasNext()) {
            writes += envelopes.next() instanceof AtomicWrite ? 1 : 0;
        }
        return writes;
    }

    private void loop(ActorRef target, NonPersistentRepr envelope) {
        target.tell(
                new LoopMessageSuccess(envelope.payload(), request.actorInstanceId()),
                envelope.sender());
    }
}
