package io.chainring.benchmarks;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.store.JournalGauges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.jspecify.annotations.Nullable;

/**
 * One journal under a number of typed persistent actors, each of which has one persist outstanding at any time: it
 * persists its next event as soon as the last one is acknowledged. In an actor system and a directory of its own.
 */
final class JournalRun {
    /** Bytes of an event, handed over as they are. */
    static final int EVENT_BYTES = 100;

    /** Share of the measured time that goes by before. */
    static final double LEAD = 0.4;

    private static final int STRIDE = 16;

    /**
     * What came out.
     *
     * @param persistsPerSecond of all entities together
     * @param eventsPerWrite mean over the measured time; 0 for journals that do not say
     * @param writeMicros mean duration of a write with its sync; 0 for journals that do not say
     */
    record Result(double persistsPerSecond, double eventsPerWrite, double writeMicros) {
        double microsEach(int entities) {
            return entities * 1e6 / persistsPerSecond;
        }
    }

    private JournalRun() {}

    static Result run(JournalContestant contestant, Path directory, int entities, double seconds)
            throws Exception {
        if (contestant.kind().equals(JournalContestant.LEVELDB)) {
            return LevelDbRun.run(directory, entities, seconds);
        }
        Files.createDirectories(directory);
        AtomicLongArray counts = new AtomicLongArray(entities * STRIDE);
        CountDownLatch first = new CountDownLatch(entities);
        Config config = config(contestant, directory);
        String dispatcher = config.getString("bench.dispatcher");
        ActorSystem<Void> system =
                ActorSystem.create(
                        Behaviors.setup(
                                context -> {
                                    for (int i = 0; i < entities; i++) {
                                        context.spawn(
                                                Entity.create("e" + i, counts, i * STRIDE, first),
                                                "e" + i,
                                                DispatcherSelector.fromConfig(dispatcher));
                                    }
                                    return Behaviors.empty();
                                }),
                        "journal-benchmark",
                        config);
        try {
            if (!first.await(60, TimeUnit.SECONDS)) {
                throw new IOException(contestant.name() + ": not every entity has persisted");
            }
            rest(seconds * LEAD);
            return measure(system, counts, seconds);
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
            delete(directory);
        }
    }

    private static Result measure(ActorSystem<Void> system, AtomicLongArray counts, double seconds)
            throws InterruptedException {
        JournalGauges before = gauges(system);
        long countBefore = sum(counts);
        long startNanos = System.nanoTime();
        rest(seconds);
        long persists = sum(counts) - countBefore;
        double rate = persists * 1e9 / (System.nanoTime() - startNanos);
        JournalGauges after = gauges(system);
        if (before == null || after == null || after.batches() == before.batches()) {
            return new Result(rate, 0, 0);
        }
        double writes = after.batches() - before.batches();
        return new Result(
                rate,
                (after.records() - before.records()) / writes,
                (after.writeNanos() - before.writeNanos()) / writes / 1e3);
    }

    private static @Nullable JournalGauges gauges(ActorSystem<Void> system) {
        List<JournalGauges> all = LeveldbPersistence.get(system).gauges();
        return all.isEmpty() ? null : all.get(0);
    }

    private static Config config(JournalContestant contestant, Path directory) {
        return ConfigFactory.parseString(
                        "bench.dir = \""
                                + directory.toAbsolutePath()
                                + "\"\n"
                                + contestant.config())
                .withFallback(
                        ConfigFactory.parseString(
                                "bench.dispatcher = pekko.actor.default-dispatcher\n"
                                        + "pekko.loglevel = WARNING, pekko.log-dead-letters = off\n"
                                        + "pekko.persistence.snapshot-store.plugin = pekko.persistence.no-snapshot-store\n"
                                        + "pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off\n"))
                .withFallback(ConfigFactory.defaultReferenceUnresolved())
                .resolve();
    }

    static void rest(double seconds) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
    }

    private static long sum(AtomicLongArray counts) {
        long sum = 0;
        for (int i = 0; i < counts.length(); i += STRIDE) {
            sum += counts.get(i);
        }
        return sum;
    }

    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static final class Entity extends EventSourcedBehavior<String, byte[], Long> {
        private final ActorRef<String> self;
        private final AtomicLongArray counts;
        private final int at;
        private final CountDownLatch first;
        private final byte[] event = new byte[EVENT_BYTES];

        static Behavior<String> create(
                String id, AtomicLongArray counts, int at, CountDownLatch first) {
            return Behaviors.setup(
                    context -> {
                        context.getSelf().tell("next");
                        return new Entity(id, context.getSelf(), counts, at, first);
                    });
        }

        private Entity(
                String id,
                ActorRef<String> self,
                AtomicLongArray counts,
                int at,
                CountDownLatch first) {
            super(PersistenceId.ofUniqueId(id));
            this.self = self;
            this.counts = counts;
            this.at = at;
            this.first = first;
        }

        @Override
        public Long emptyState() {
            return 0L;
        }

        @Override
        public CommandHandler<String, byte[], Long> commandHandler() {
            return newCommandHandlerBuilder()
                    .forAnyState()
                    .onAnyCommand(command -> Effect().persist(event).thenRun(this::persisted));
        }

        private void persisted(long state) {
            counts.lazySet(at, state);
            if (state == 1) {
                first.countDown();
            }
            self.tell("next");
        }

        @Override
        public EventHandler<Long, byte[]> eventHandler() {
            return newEventHandlerBuilder().forAnyState().onAnyEvent((state, event) -> state + 1);
        }
    }
}
