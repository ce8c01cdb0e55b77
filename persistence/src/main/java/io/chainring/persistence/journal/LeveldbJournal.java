package io.chainring.persistence.journal;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.store.Store;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.UntypedAbstractActor;
import org.apache.pekko.persistence.JournalProtocol.DeleteMessagesTo;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessages;
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
 *   this actor: serialize, write, answer     this actor: serialize, queue --full--> waits (JournalCore)
 *                                              |
 *                                              v
 *                                            writer thread: one write, one sync, answers
 * </pre>
 *
 * <p>What waits, in which order, and that everything is answered is decided in {@link JournalCore}; this actor translates
 * messages to its inputs. Replays wait for the writes before them and run on the replay dispatcher.
 */
public final class LeveldbJournal extends UntypedAbstractActor {
    private static final Logger LOG = LoggerFactory.getLogger(LeveldbJournal.class);

    private final LeveldbPersistence persistence;
    private final StoreSettings settings;
    private final EventSerializer serializer;
    private final Executor replayDispatcher;
    private final ReplayFilterFactory replayFilter;
    private final boolean publishCommands;
    private final JournalCore core;
    private @Nullable Store store;

    /** Called by Pekko with the plugin's configuration and its path. */
    public LeveldbJournal(Config config, String configPath) {
        ExtendedActorSystem system = (ExtendedActorSystem) getContext().getSystem();
        this.persistence = LeveldbPersistence.get(system);
        Settings all = persistence.settings(config, configPath);
        this.settings = StoreSettings.from(all);
        this.serializer =
                new EventSerializer(
                        system,
                        Persistence.get(system).adaptersFor(configPath, config.atPath(configPath)),
                        settings.maxEventBytes());
        this.replayDispatcher = all.parsed("replay-dispatcher", system.dispatchers()::lookup);
        this.replayFilter = new ReplayFilterFactory(all);
        this.core = new JournalCore(this::open, this::close, settings.reopenBackoff().toNanos());
        String publish = "pekko.persistence.publish-plugin-commands";
        Config whole = system.settings().config();
        this.publishCommands = whole.hasPath(publish) && whole.getBoolean(publish);
    }

    @Override
    public void preStart() {
        apply(JournalCore.Signal.START);
        Throwable refusal = core.refusal();
        if (refusal != null) {
            LOG.error("Journal cannot be opened: {}", refusal.getMessage());
        }
    }

    @Override
    public void postStop() {
        apply(JournalCore.Signal.STOP);
    }

    @Override
    public void onReceive(Object message) {
        if (message instanceof WriteMessages request) {
            apply(new WriteRequest(request, this));
        } else if (message instanceof JournalCore.Signal signal) {
            apply(signal);
        } else if (message instanceof ReplayMessages request) {
            apply(new ReplayRequest(request, this));
            publish(request);
        } else if (message instanceof DeleteMessagesTo request) {
            apply(new DeleteRequest(request, this));
            publish(request);
        } else {
            unhandled(message);
        }
    }

    private void apply(JournalCore.Input input) {
        core.apply(input, System.nanoTime());
    }

    private void open() {
        store = persistence.acquire(settings);
    }

    private void close() {
        persistence.release(store());
    }

    /** The open store. */
    Store store() {
        return Objects.requireNonNull(store);
    }

    EventSerializer serializer() {
        return serializer;
    }

    Executor replayDispatcher() {
        return replayDispatcher;
    }

    /** Whom the events of a replay are sent to; on this actor's own thread. */
    ActorRef filtered(ActorRef persistentActor) {
        return replayFilter.create(getContext(), persistentActor);
    }

    /** There is room in the store's queue again; from any thread. */
    void room() {
        getSelf().tell(JournalCore.Signal.ROOM, ActorRef.noSender());
    }

    private void publish(Object command) {
        if (publishCommands) {
            getContext().getSystem().getEventStream().publish(command);
        }
    }
}
