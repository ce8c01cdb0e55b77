package io.chainring.benchmarks;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.registry.DiskRegistry;
import io.chainring.registry.RegistrySetup;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.LookupAnswer;
import io.chainring.registry.rules.LookupKey;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * One registry on a journal of its own, and one client that sends the next request when it has the answer to the one
 * before: every disk is inserted, looked up by three keys, ejected, and inserted again.
 */
final class RegistryRun {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Plan plan;
    private final ActorSystem<DiskRegistry.Command> registry;
    private final List<RegisteredDisk> disks = new ArrayList<>();
    private int requests;

    /**
     * What is measured.
     *
     * @param disks how many
     * @param pieces into how many equal pieces each row of times is cut, to be compared
     * @param fsync journal on stable storage
     * @param seed of UUIDs and of the order of look-ups and ejects
     */
    record Plan(int disks, int pieces, boolean fsync, long seed) {}

    /** Times of one kind of request, in the order of their pieces. */
    record Row(String what, List<Samples> pieces) {
        /** The last piece's median over the first one's: 1 is flat. */
        double growth() {
            return pieces.get(pieces.size() - 1).medianMillis() / pieces.get(0).medianMillis();
        }
    }

    private RegistryRun(Plan plan, ActorSystem<DiskRegistry.Command> registry) {
        this.plan = plan;
        this.registry = registry;
    }

    /**
     * Measures.
     *
     * @param folder empty folder for the journal
     */
    static List<Row> run(Plan plan, Path folder) throws InterruptedException {
        Config config =
                ConfigFactory.parseString(
                                """
                                pekko.loglevel = WARNING
                                pekko.persistence.journal.plugin = "chainring.persistence.leveldb.journal"
                                pekko.persistence.snapshot-store.plugin = "chainring.persistence.leveldb.snapshot-store"
                                """)
                        .withFallback(
                                ConfigFactory.parseMap(
                                        Map.of(
                                                "chainring.persistence.leveldb.dir",
                                                folder.resolve("journal").toString(),
                                                "chainring.persistence.leveldb.fsync",
                                                plan.fsync(),
                                                "chainring.registry.disk-limit",
                                                plan.disks())))
                        .withFallback(ConfigFactory.load());
        ActorSystem<DiskRegistry.Command> registry =
                ActorSystem.create(
                        DiskRegistry.create(RegistrySetup.of(config)), "registry", config);
        try {
            return new RegistryRun(plan, registry).measure();
        } finally {
            registry.terminate();
            try {
                registry.getWhenTerminated().toCompletableFuture().get(30, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                throw new IllegalStateException("the actor system does not end", e);
            }
        }
    }

    private List<Row> measure() {
        Random random = new Random(plan.seed());
        List<UUID> uuids = new ArrayList<>();
        for (int i = 0; i < plan.disks(); i++) {
            uuids.add(new UUID(random.nextLong(), random.nextLong()));
        }
        List<Row> rows = new ArrayList<>();
        rows.add(row("insert", i -> disks.add(insert(uuids.get(i), i, 1))));
        rows.add(row("attached", i -> disks.set(i, report(disks.get(i), DiskState.INSERTED))));
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < plan.disks(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);
        rows.add(
                row("look-up, UUID", i -> find(disks.get(order.get(i)), d -> d.uuid().toString())));
        rows.add(
                row(
                        "look-up, device name",
                        i -> find(disks.get(order.get(i)), d -> d.deviceName().toString())));
        rows.add(
                row(
                        "look-up, identifier",
                        i -> find(disks.get(order.get(i)), d -> d.identifier().toString())));
        rows.add(row("eject", i -> disks.set(order.get(i), eject(uuids.get(order.get(i))))));
        rows.add(
                row(
                        "detached",
                        i ->
                                disks.set(
                                        order.get(i),
                                        report(disks.get(order.get(i)), DiskState.FREE))));
        rows.add(
                row(
                        "insert again",
                        i -> {
                            int number = order.get(i);
                            RegisteredDisk back = insert(uuids.get(number), number, 2);
                            if (!back.deviceName().equals(disks.get(number).deviceName())) {
                                throw new IllegalStateException(back + " had another name");
                            }
                            return back;
                        }));
        return rows;
    }

    private Row row(String what, Function<Integer, Object> step) {
        List<Samples> pieces = new ArrayList<>();
        int each = plan.disks() / plan.pieces();
        for (int piece = 0; piece < plan.pieces(); piece++) {
            long[] nanos = new long[each];
            for (int i = 0; i < each; i++) {
                long begin = System.nanoTime();
                Object done = step.apply(piece * each + i);
                nanos[i] = System.nanoTime() - begin;
                if (done == null) {
                    throw new IllegalStateException(what + " did nothing");
                }
            }
            pieces.add(new Samples(nanos));
        }
        return new Row(what, pieces);
    }

    private RegisteredDisk insert(UUID uuid, int number, int generation) {
        RegisteredDisk disk =
                accepted(new RegistryRequest.Insert(uuid, "disk" + number, null, requestId()));
        if (disk.generation() != generation) {
            throw new IllegalStateException(disk + ": not generation " + generation);
        }
        return disk;
    }

    private RegisteredDisk eject(UUID uuid) {
        return accepted(new RegistryRequest.Eject(uuid, requestId()));
    }

    private RegisteredDisk report(RegisteredDisk disk, DiskState expected) {
        RegistryRequest word =
                expected == DiskState.FREE
                        ? new RegistryRequest.Detached(disk.uuid(), disk.insertion())
                        : new RegistryRequest.Attached(disk.uuid(), disk.insertion(), 0);
        RegisteredDisk after = accepted(word);
        if (after.state() != expected) {
            throw new IllegalStateException(after + ": not " + expected);
        }
        return after;
    }

    private String requestId() {
        return "request-" + ++requests;
    }

    private RegisteredDisk accepted(RegistryRequest request) {
        RegistryAnswer answer =
                this.<RegistryAnswer>ask(replyTo -> new DiskRegistry.Ask(request, replyTo));
        if (answer instanceof RegistryAnswer.Accepted accepted) {
            return accepted.disk();
        }
        throw new IllegalStateException(request + ": " + answer);
    }

    private RegisteredDisk find(RegisteredDisk disk, Function<RegisteredDisk, String> key) {
        String text = key.apply(disk);
        LookupAnswer answer =
                this.<LookupAnswer>ask(
                        replyTo -> new DiskRegistry.Lookup(new LookupKey.ByText(text), replyTo));
        if (answer instanceof LookupAnswer.Found found && found.disk().equals(disk)) {
            return disk;
        }
        throw new IllegalStateException(text + ": " + answer);
    }

    private <T> T ask(Function<ActorRef<T>, DiskRegistry.Command> command) {
        try {
            return AskPattern.<DiskRegistry.Command, T>ask(
                            registry, command::apply, PATIENCE, registry.scheduler())
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw new IllegalStateException("no answer from the registry", e);
        }
    }
}
