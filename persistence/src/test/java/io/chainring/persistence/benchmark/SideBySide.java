package io.chainring.persistence.benchmark;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;

/**
 * Persists side by side: Pekko's stock LevelDB journal, its in-memory journal, and ours, with 1, 16 and 256 entities, fsync
 * on and off. Each entity persists its next event as soon as the last one is acknowledged. Prints one line a run, medians
 * last; the journals take turns within a round, so that a busy machine hurts all of them alike.
 *
 * <p>Arguments: directory, rounds, seconds a run.
 */
public final class SideBySide {
    private static final int EVENT_BYTES = 100;
    private static final int[] ENTITIES = {1, 16, 256};

    private SideBySide() {}

    record Journal(String name, String config) {}

    private static final List<Journal> JOURNALS =
            List.of(
                    new Journal(
                            "in-memory",
                            "pekko.persistence.journal.plugin=pekko.persistence.journal.inmem"),
                    new Journal("stock, fsync off", stock(false)),
                    new Journal("chainring, fsync off", ours(false, false)),
                    new Journal("chainring, fsync off, one thread", ours(false, true)),
                    new Journal("stock, fsync on", stock(true)),
                    new Journal("chainring, fsync on", ours(true, false)));

    private static String stock(boolean fsync) {
        return "pekko.persistence.journal.plugin=pekko.persistence.journal.leveldb\n"
                + "pekko.persistence.journal.leveldb { dir = ${bench.dir}, fsync = "
                + fsync
                + " }";
    }

    private static String ours(boolean fsync, boolean oneThread) {
        return "pekko.persistence.journal.plugin=chainring.persistence.leveldb.journal\n"
                + "chainring.persistence.leveldb { dir = ${bench.dir}, fsync = "
                + fsync
                + (oneThread
                        ? ", journal.plugin-dispatcher = one }\n"
                                + "one { type = Dispatcher, executor = thread-pool-executor, thread-pool-executor.fixed-pool-size = 1 }\n"
                                + "entities = one"
                        : " }");
    }

    public static void main(String[] args) throws Exception {
        Path root = Path.of(args.length > 0 ? args[0] : "target/side-by-side");
        int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        double seconds = args.length > 2 ? Double.parseDouble(args[2]) : 3;
        String only = args.length > 3 ? args[3] : "";
        List<String> lines = new ArrayList<>();
        for (int entities : ENTITIES) {
            double[][] rates = new double[JOURNALS.size()][rounds];
            for (int round = 0; round < rounds; round++) {
                for (int j = 0; j < JOURNALS.size(); j++) {
                    Journal journal = JOURNALS.get(j);
                    if (!journal.name().contains(only)) {
                        continue;
                    }
                    rates[j][round] = run(root, journal, entities, seconds);
                    System.out.printf(
                            Locale.ROOT,
                            "round %d  %3d entities  %-34s %9.0f persists/s%n",
                            round + 1,
                            entities,
                            journal.name(),
                            rates[j][round]);
                }
            }
            for (int j = 0; j < JOURNALS.size(); j++) {
                Arrays.sort(rates[j]);
                double median = rates[j][rounds / 2];
                lines.add(
                        String.format(
                                Locale.ROOT,
                                "%3d entities  %-34s %9.0f persists/s  %8.1f us each",
                                entities,
                                JOURNALS.get(j).name(),
                                median,
                                entities * 1e6 / median));
            }
        }
        System.out.println(
                "--- medians of "
                        + rounds
                        + " rounds of "
                        + seconds
                        + " s, events of "
                        + EVENT_BYTES
                        + " bytes");
        lines.forEach(System.out::println);
    }

    private static double run(Path root, Journal journal, int entities, double seconds)
            throws Exception {
        Path directory = Files.createDirectories(root.resolve("run"));
        Config config =
                ConfigFactory.parseString(
                                "bench.dir = \""
                                        + directory.toAbsolutePath()
                                        + "\"\n"
                                        + journal.config())
                        .withFallback(
                                ConfigFactory.parseString(
                                        "pekko.loglevel = WARNING, pekko.log-dead-letters = off\n"
                                                + "pekko.coordinated-shutdown.run-by-jvm-shutdown-hook = off"))
                        .withFallback(ConfigFactory.defaultReferenceUnresolved())
                        .resolve();
        String dispatcher =
                config.hasPath("entities")
                        ? config.getString("entities")
                        : "pekko.actor.default-dispatcher";
        CountDownLatch up = new CountDownLatch(entities);
        long[] counts = new long[entities * 16];
        boolean[] stop = {false};
        ActorSystem<Void> system =
                ActorSystem.create(
                        Behaviors.setup(
                                context -> {
                                    for (int i = 0; i < entities; i++) {
                                        int at = i * 16;
                                        context.spawn(
                                                Entity.create("e" + i, counts, at, up),
                                                "e" + i,
                                                org.apache.pekko.actor.typed.DispatcherSelector
                                                        .fromConfig(dispatcher));
                                    }
                                    return Behaviors.empty();
                                }),
                        "bench",
                        config);
        try {
            up.await(60, TimeUnit.SECONDS);
            TimeUnit.NANOSECONDS.sleep((long) (seconds * 0.4e9));
            long before = sum(counts);
            long start = System.nanoTime();
            TimeUnit.NANOSECONDS.sleep((long) (seconds * 1e9));
            long after = sum(counts);
            return (after - before) * 1e9 / (System.nanoTime() - start);
        } finally {
            stop[0] = true;
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
            delete(directory);
        }
    }

    private static long sum(long[] counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Persists for ever. */
    private static final class Entity extends EventSourcedBehavior<String, byte[], Long> {
        private final ActorRef<String> self;
        private final long[] counts;
        private final int at;
        private final byte[] event = new byte[EVENT_BYTES];

        static Behavior<String> create(String id, long[] counts, int at, CountDownLatch up) {
            return Behaviors.setup(
                    context -> {
                        context.getSelf().tell("next");
                        up.countDown();
                        return new Entity(id, context.getSelf(), counts, at);
                    });
        }

        private Entity(String id, ActorRef<String> self, long[] counts, int at) {
            super(PersistenceId.ofUniqueId(id));
            this.self = self;
            this.counts = counts;
            this.at = at;
        }

        @Override
        public Long emptyState() {
            return 0L;
        }

        @Override
        public CommandHandler<String, byte[], Long> commandHandler() {
            return newCommandHandlerBuilder()
                    .forAnyState()
                    .onAnyCommand(
                            command ->
                                    Effect()
                                            .persist(event)
                                            .thenRun(
                                                    state -> {
                                                        counts[at]++;
                                                        self.tell("next");
                                                    }));
        }

        @Override
        public EventHandler<Long, byte[]> eventHandler() {
            return newEventHandlerBuilder().forAnyState().onAnyEvent((state, event) -> state + 1);
        }
    }
}
