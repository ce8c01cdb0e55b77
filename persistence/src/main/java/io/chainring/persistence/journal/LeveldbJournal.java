package io.chainring.persistence.journal;

import com.typesafe.config.Config;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.store.GroupCommit;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.StoreException;
import io.chainring.persistence.store.StoreSettings;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.UntypedAbstractActor;
import org.apache.pekko.persistence.DeleteMessagesFailure;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.JournalProtocol.DeleteMessagesTo;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessages;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessagesFailure;
import org.apache.pekko.persistence.JournalProtocol.WriteMessages;
import org.apache.pekko.persistence.Persistence;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal plugin {@code chainring.persistence.leveldb.journal}.
 *
 * <p>It speaks Pekko's journal protocol itself instead of extending {@code AsyncWriteJournal}: that class wraps each
 * write in a circuit breaker and three futures, each of which goes through the dispatcher once more, and its answers
 * through a resequencing actor. For a write that is a copy into the kernel this is most of the time. What it promises is
 * kept to the letter, and the contract suite holds this actor to it; see the decision record on the journal actor.
 *
 * <pre>
 *   fsync = off                              fsync = on
 *   persistent actor                         persistent actor
 *     | WriteMessages                          | WriteMessages
 *     v                                        v
 *   this actor: serialize, write, answer     this actor: serialize, queue --full--> waiting (first in, first out)
 *                                              |
 *                                              v
 *                                            writer thread: one write, one sync, answers
 * </pre>
 *
 * <p>Requests that find the queue full wait here, unserialized and in order. A persistent actor sends its next request
 * only after the answer to the last one, so there are at most as many as there are actors with something to write:
 * they are slowed down, and nothing is dropped.
 *
 * <p>Replays and reads of the highest sequence number wait for the writes before them (they pass through the same
 * queue) and run on the replay dispatcher.
 */
public final class LeveldbJournal extends UntypedAbstractActor {
    private static final Logger LOG = LoggerFactory.getLogger(LeveldbJournal.class);

    /** There is room in the queue again. */
    private enum Room {
        AGAIN
    }

    private final LeveldbPersistence persistence;
    private final StoreSettings settings;
    private final EventSerializer serializer;
    private final Executor replayDispatcher;
    private final ReplayFilterFactory replayFilter;
    private final boolean publishCommands;
    private final ArrayDeque<WriteMessages> waiting = new ArrayDeque<>();
    private @Nullable Store store;
    private long nextOpenNanos;

    /** Called by Pekko with the plugin's configuration and its path. */
    public LeveldbJournal(Config config, String configPath) {
        ExtendedActorSystem system = (ExtendedActorSystem) getContext().getSystem();
        this.persistence = LeveldbPersistence.get(system);
        this.settings = persistence.settings(config);
        this.serializer =
                new EventSerializer(
                        system,
                        Persistence.get(system).adaptersFor(configPath, config.atPath(configPath)),
                        settings.maxEventBytes());
        this.replayDispatcher = system.dispatchers().lookup(config.getString("replay-dispatcher"));
        this.replayFilter = new ReplayFilterFactory(config);
        String publish = "pekko.persistence.publish-plugin-commands";
        Config all = system.settings().config();
        this.publishCommands = all.hasPath(publish) && all.getBoolean(publish);
    }

    @Override
    public void preStart() {
        try {
            store = persistence.acquire(settings);
        } catch (StoreException e) {
            LOG.error("Journal cannot be opened: {}", e.getMessage());
            nextOpenNanos = System.nanoTime() + settings.reopenBackoff().toNanos();
        }
    }

    @Override
    public void postStop() {
        if (store != null) {
            persistence.release(store);
        }
    }

    @Override
    public void onReceive(Object message) {
        if (message instanceof WriteMessages request) {
            write(request);
        } else if (message == Room.AGAIN) {
            admitWaiting();
        } else if (message instanceof ReplayMessages request) {
            replay(request);
        } else if (message instanceof DeleteMessagesTo request) {
            delete(request);
        } else {
            unhandled(message);
        }
    }

    private void write(WriteMessages request) {
        if (!waiting.isEmpty()) {
            waiting.add(request);
            return;
        }
        if (!tryWrite(request)) {
            waiting.add(request);
        }
    }

    private void admitWaiting() {
        WriteMessages next = waiting.peek();
        while (next != null && tryWrite(next)) {
            waiting.remove();
            next = waiting.peek();
        }
    }

    /** Writes or queues; false if the queue is full. */
    private boolean tryWrite(WriteMessages request) {
        WriteAnswer answer = WriteAnswer.prepare(request, serializer);
        try {
            Store open = openStore();
            GroupCommit groupCommit = open.groupCommit();
            if (groupCommit != null) {
                return submit(groupCommit, answer);
            }
            if (!answer.appends().isEmpty()) {
                open.append(answer.appends(), false);
            }
        } catch (StoreException e) {
            answer.fail(e);
        }
        answer.send(getSelf());
        return true;
    }

    private boolean submit(GroupCommit groupCommit, WriteAnswer answer) {
        ActorRef self = getSelf();
        return groupCommit.submit(
                answer.appends(),
                failure -> {
                    if (failure != null) {
                        answer.fail(failure);
                    }
                    answer.send(self);
                },
                () -> self.tell(Room.AGAIN, ActorRef.noSender()));
    }

    private void replay(ReplayMessages request) {
        ActorRef replyTo = replayFilter.create(getContext(), request.persistentActor());
        try {
            Store open = openStore();
            Replay replay = new Replay(open, serializer, request, replyTo, getSelf());
            GroupCommit groupCommit = open.groupCommit();
            if (groupCommit == null) {
                replayDispatcher.execute(replay);
            } else {
                groupCommit.afterPending(
                        () -> replayDispatcher.execute(replay),
                        failure -> {
                            if (failure != null) {
                                replyTo.tell(new ReplayMessagesFailure(failure), getSelf());
                            }
                        });
            }
        } catch (StoreException e) {
            replyTo.tell(new ReplayMessagesFailure(e), getSelf());
        }
        publish(request);
    }

    private void delete(DeleteMessagesTo request) {
        try {
            Store open = openStore();
            GroupCommit groupCommit = open.groupCommit();
            if (groupCommit == null) {
                open.deleteTo(request.persistenceId(), request.toSequenceNr(), false);
                answerDelete(request, getSelf(), null);
            } else {
                ActorRef self = getSelf();
                groupCommit.afterPending(
                        () -> open.deleteTo(request.persistenceId(), request.toSequenceNr(), true),
                        failure -> answerDelete(request, self, failure));
            }
        } catch (StoreException e) {
            answerDelete(request, getSelf(), e);
        }
        publish(request);
    }

    private static void answerDelete(
            DeleteMessagesTo request, ActorRef self, @Nullable RuntimeException failure) {
        Object answer =
                failure == null
                        ? new DeleteMessagesSuccess(request.toSequenceNr())
                        : new DeleteMessagesFailure(failure, request.toSequenceNr());
        request.persistentActor().tell(answer, self);
    }

    /** The store; tries again after a pause if it could not be opened. */
    private Store openStore() {
        if (store == null) {
            if (System.nanoTime() - nextOpenNanos < 0) {
                throw persistence.unavailable(settings);
            }
            nextOpenNanos = System.nanoTime() + settings.reopenBackoff().toNanos();
            store = persistence.acquire(settings);
        }
        return store;
    }

    private void publish(Object command) {
        if (publishCommands) {
            getContext().getSystem().getEventStream().publish(command);
        }
    }
}
