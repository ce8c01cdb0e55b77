package io.chainring.persistence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.persistence.query.LeveldbReadJournal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.RetentionCriteria;
import org.apache.pekko.stream.javadsl.Sink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two journals side by side in one actor system, chosen at run time, each on a dispatcher of its own. */
final class LeveldbInstanceTest {
    @TempDir Path root;

    record Add(String word, ActorRef<State> replyTo) {}

    record State(String words, String thread) {}

    private static final class Words extends EventSourcedBehavior<Add, String, String> {
        private final LeveldbInstance instance;
        private final Config config;

        Words(String id, LeveldbInstance instance, Config system) {
            super(PersistenceId.ofUniqueId(id));
            this.instance = instance;
            this.config = instance.config(system);
        }

        @Override
        public String journalPluginId() {
            return instance.journalPluginId();
        }

        @Override
        public String snapshotPluginId() {
            return instance.snapshotPluginId();
        }

        @Override
        public java.util.Optional<Config> journalPluginConfig() {
            return java.util.Optional.of(config);
        }

        @Override
        public java.util.Optional<Config> snapshotPluginConfig() {
            return java.util.Optional.of(config);
        }

        @Override
        public RetentionCriteria retentionCriteria() {
            return RetentionCriteria.snapshotEvery(3, 2).withDeleteEventsOnSnapshot();
        }

        @Override
        public String emptyState() {
            return "";
        }

        @Override
        public CommandHandler<Add, String, String> commandHandler() {
            return newCommandHandlerBuilder().forAnyState().onAnyCommand(this::add);
        }

        private Effect<String, String> add(Add add) {
            return Effect()
                    .persist(add.word)
                    .thenReply(
                            add.replyTo,
                            state -> new State(state, Thread.currentThread().getName()));
        }

        @Override
        public EventHandler<String, String> eventHandler() {
            return newEventHandlerBuilder().forAnyState().onAnyEvent((state, word) -> state + word);
        }
    }

    private ActorTestKit kit() {
        return ActorTestKit.create(
                ConfigFactory.parseString(
                                "pekko.loglevel=WARNING\n"
                                        + "loop { type = Dispatcher, executor = thread-pool-executor, "
                                        + "thread-pool-executor.fixed-pool-size = 1 }")
                        .withFallback(ConfigFactory.load()));
    }

    private State add(ActorTestKit kit, LeveldbInstance instance, String id, String... words) {
        Behavior<Add> behavior = new Words(id, instance, kit.system().settings().config());
        ActorRef<Add> actor = kit.spawn(behavior);
        TestProbe<State> probe = kit.createTestProbe();
        State last = new State("", "");
        for (String word : words) {
            actor.tell(new Add(word, probe.ref()));
            last = probe.receiveMessage(java.time.Duration.ofSeconds(120));
        }
        kit.stop(actor);
        return last;
    }

    private static String tail(List<Object> words) {
        return "" + words.get(words.size() - 2) + words.get(words.size() - 1);
    }

    private static List<Object> events(ActorTestKit kit, LeveldbInstance instance) {
        return PersistenceQuery.get(kit.system())
                .getReadJournalFor(
                        LeveldbReadJournal.class,
                        instance.readJournalPluginId(),
                        instance.config(kit.system().settings().config()))
                .currentEventsByPersistenceId("p", 1, Long.MAX_VALUE)
                .map(EventEnvelope::event)
                .runWith(Sink.seq(), kit.system())
                .toCompletableFuture()
                .orTimeout(120, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void eachKeepsItsOwnEventsAndSnapshotsAcrossARestart() {
        LeveldbInstance one = new LeveldbInstance("one", root.resolve("one"), false, "loop");
        LeveldbInstance two = new LeveldbInstance("two", root.resolve("two"), true, null);
        ActorTestKit kit = kit();
        try {
            assertEquals(
                    "abcdefgh", add(kit, one, "p", "a", "b", "c", "d", "e", "f", "g", "h").words);
            assertEquals("xy", add(kit, two, "p", "x", "y").words);
            Set<Path> open = new TreeSet<>();
            LeveldbPersistence.get(kit.system()).gauges().forEach(g -> open.add(g.directory()));
            assertEquals(new TreeSet<>(List.of(one.directory(), two.directory())), open);
            // Those before its snapshots are being deleted.
            assertEquals("gh", tail(events(kit, one)));
            assertEquals(List.of("x", "y"), events(kit, two));
        } finally {
            kit.shutdownTestKit();
        }
        kit = kit();
        try {
            assertEquals("abcdefghi", add(kit, one, "p", "i").words);
            assertEquals("xyz", add(kit, two, "p", "z").words);
        } finally {
            kit.shutdownTestKit();
        }
        assertTrue(Files.exists(one.directory().resolve("CURRENT")));
    }
}
