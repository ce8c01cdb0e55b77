package io.chainring.persistence.journal;

import io.chainring.persistence.store.AtomicAppend;
import java.util.ArrayList;
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
 * One write request on its way through the journal, and the answers to it.
 *
 * <p>Each atomic write of the request is either rejected (it could not be serialized; it touched nothing) or becomes an
 * append. Answers are sent in the order of the request: one for the whole, then one for each event.
 */
final class WriteAnswer {
    private final WriteMessages request;
    private final List<AtomicAppend> appends;
    private @Nullable List<@Nullable Exception> rejections;
    private @Nullable RuntimeException failure;

    private WriteAnswer(WriteMessages request) {
        this.request = request;
        this.appends = new ArrayList<>(1);
    }

    /** Serializes everything in the request. */
    static WriteAnswer prepare(WriteMessages request, EventSerializer serializer) {
        WriteAnswer answer = new WriteAnswer(request);
        Iterator<PersistentEnvelope> envelopes = request.messages().iterator();
        while (envelopes.hasNext()) {
            if (envelopes.next() instanceof AtomicWrite write) {
                answer.add(write, serializer);
            }
        }
        return answer;
    }

    List<AtomicAppend> appends() {
        return appends;
    }

    /** All of it failed: it is unknown what is stored. */
    void fail(RuntimeException why) {
        failure = why;
    }

    /** Sends the answers; from any thread, once. */
    void send(ActorRef journal) {
        RuntimeException why = failure == null ? refused() : failure;
        if (why == null) {
            sendResults(journal);
        } else {
            sendFailures(journal, why);
        }
    }

    private void add(AtomicWrite write, EventSerializer serializer) {
        try {
            appends.add(serializer.serialize(write));
            if (rejections != null) {
                rejections.add(null);
            }
        } catch (Exception e) {
            // Whatever an adapter or a serializer throws rejects this write, and only this one.
            if (rejections == null) {
                rejections = new ArrayList<>();
                for (int i = 0; i < appends.size(); i++) {
                    rejections.add(null);
                }
            }
            rejections.add(e);
        }
    }

    private @Nullable RuntimeException refused() {
        for (int i = 0; i < appends.size(); i++) {
            RuntimeException refusal = appends.get(i).refusal();
            if (refusal != null) {
                return refusal;
            }
        }
        return null;
    }

    private void sendResults(ActorRef journal) {
        ActorRef target = request.persistentActor();
        int instanceId = request.actorInstanceId();
        target.tell(WriteMessagesSuccessful$.MODULE$, journal);
        int index = 0;
        Iterator<PersistentEnvelope> envelopes = request.messages().iterator();
        while (envelopes.hasNext()) {
            PersistentEnvelope envelope = envelopes.next();
            if (envelope instanceof AtomicWrite write) {
                Exception rejection = rejections == null ? null : rejections.get(index);
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

    private void sendFailures(ActorRef journal, RuntimeException why) {
        ActorRef target = request.persistentActor();
        int writes = appends.size();
        if (rejections != null) {
            writes = rejections.size();
        }
        target.tell(new WriteMessagesFailed(why, writes), journal);
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

    private void loop(ActorRef target, NonPersistentRepr envelope) {
        target.tell(
                new LoopMessageSuccess(envelope.payload(), request.actorInstanceId()),
                envelope.sender());
    }
}
