package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.DirectoryClaim;
import io.chainring.node.journals.Journals;
import io.chainring.node.loop.EventLoops;
import io.chainring.node.loop.LoopSettings;
import io.chainring.ring.backend.BackendSetup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.serialization.JSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recovery that reads for long is nobody else's trouble, though all live on one loop and in one journal. */
class ReplayOffTheLoopTest {
    private static final long LIMIT_SECONDS = 60;

    @TempDir Path folder;

    /** An event that takes its time when it is read. */
    record Slow(String word) {}

    /** Reads {@link Slow} when the test lets it. */
    public static final class SlowSerializer extends JSerializer {
        static final CountDownLatch READING = new CountDownLatch(1);
        static final CountDownLatch GO_ON = new CountDownLatch(1);

        @Override
        public int identifier() {
            return 7_340_001;
        }

        @Override
        public boolean includeManifest() {
            return false;
        }

        @Override
        public byte[] toBinary(Object event) {
            return ((Slow) event).word.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public Object fromBinaryJava(byte[] bytes, Class<?> manifest) {
            READING.countDown();
            try {
                GO_ON.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return new Slow(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    /** Persists what it is told and says all that it has. */
    private static final class Words extends EventSourcedBehavior<Object, Object, String> {
        private final BackendSetup.JournalChoice journal;
        private final BlockingQueue<String> heard;

        Words(String id, BackendSetup.JournalChoice journal, BlockingQueue<String> heard) {
            super(PersistenceId.ofUniqueId(id));
            this.journal = journal;
            this.heard = heard;
        }

        @Override
        public String journalPluginId() {
            return journal.journalPluginId();
        }

        @Override
        public String snapshotPluginId() {
            return journal.snapshotPluginId();
        }

        @Override
        public Optional<Config> journalPluginConfig() {
            return Optional.of(Objects.requireNonNull(journal.runtimeConfig()));
        }

        @Override
        public Optional<Config> snapshotPluginConfig() {
            return journalPluginConfig();
        }

        @Override
        public String emptyState() {
            return "";
        }

        @Override
        public CommandHandler<Object, Object, String> commandHandler() {
            return newCommandHandlerBuilder()
                    .forAnyState()
                    .onAnyCommand(word -> Effect().persist(word).thenRun(heard::add));
        }

        @Override
        public EventHandler<String, Object> eventHandler() {
            return newEventHandlerBuilder()
                    .forAnyState()
                    .onAnyEvent(
                            (state, event) ->
                                    state + (event instanceof Slow slow ? slow.word : event));
        }
    }

    private static String next(BlockingQueue<String> heard) throws InterruptedException {
        return heard.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void slowRecoveryOfOneDiskLeavesAnotherOfItsLoopServing() throws Exception {
        try (EventLoops loops =
                        EventLoops.create(new LoopSettings(1, LoopSettings.Spin.OFF, 40, 64));
                DataDirectory data = DataDirectory.open(folder, DirectoryClaim.UNKNOWN)) {
            Config config =
                    ConfigFactory.parseString(
                                    "pekko.actor.serializers.slow = \""
                                            + SlowSerializer.class.getName()
                                            + "\"\npekko.actor.serialization-bindings { \""
                                            + Slow.class.getName()
                                            + "\" = slow }")
                            .withFallback(loops.dispatchers())
                            .withFallback(ConfigFactory.load());
            ActorSystem<Object> system =
                    ActorSystem.create(
                            Behaviors.empty(),
                            "replay-test",
                            ActorSystemSetup.create(BootstrapSetup.create(config), loops.setup()));
            try (Journals journals = new Journals(system, data, loops, false)) {
                recoverWhileAnotherServes(system, journals.choose(0, 100));
            } finally {
                SlowSerializer.GO_ON.countDown();
                system.terminate();
                system.getWhenTerminated()
                        .toCompletableFuture()
                        .get(LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    private static void recoverWhileAnotherServes(
            ActorSystem<Object> system, BackendSetup.JournalChoice journal)
            throws InterruptedException {
        Props onTheLoop = DispatcherSelector.fromConfig(EventLoops.dispatcherPath(0));
        BlockingQueue<String> slow = new LinkedBlockingQueue<>();
        BlockingQueue<String> neighbour = new LinkedBlockingQueue<>();
        ActorRef<Object> first =
                system.systemActorOf(new Words("slow", journal, slow), "first", onTheLoop);
        first.tell(new Slow("a"));
        assertEquals("a", next(slow));
        ActorRef<Object> successor =
                system.systemActorOf(new Words("slow", journal, slow), "successor", onTheLoop);
        SlowSerializer.READING.await();
        ActorRef<Object> other =
                system.systemActorOf(new Words("other", journal, neighbour), "other", onTheLoop);
        other.tell("x");
        other.tell("y");
        assertEquals("x", next(neighbour));
        assertEquals("xy", next(neighbour));
        successor.tell("b");
        SlowSerializer.GO_ON.countDown();
        assertEquals("ab", next(slow));
    }
}
