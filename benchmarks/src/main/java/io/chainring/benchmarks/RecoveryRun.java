package io.chainring.benchmarks;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.node.StartException;
import io.chainring.node.disk.Disk;
import io.chainring.node.disk.DiskStatus;
import io.chainring.node.service.Node;
import io.chainring.node.service.NodeSettings;
import io.chainring.node.service.RequestedDisk;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Kills the backend of a fresh disk again and again, and takes the time from each kill to the first completion of a
 * chain that the next epoch resumed.
 *
 * <p>The disk is a node's disk: the same wiring, dispatcher, journal and block store; only its client lives in the same
 * JVM. Between two kills the client rests for a moment; then it keeps requests in flight, and the kill comes at a random
 * moment.
 */
final class RecoveryRun {
    private static final long DISK_BYTES = 64L << 20;
    private static final int FILLING_DEPTH = 64;
    private static final long KILL_WITHIN_NANOS = 2_000_000;
    private static final List<KillMode> KILL_MODES = List.of(KillMode.values());
    private static final Duration STEP_LIMIT = Duration.ofMinutes(10);

    /**
     * What is done.
     *
     * @param pastChains completed before the first kill
     * @param kills that are measured
     * @param depth requests in flight
     * @param fsync of the journal
     * @param seed of kill modes, moments and offsets
     */
    record Plan(long pastChains, int kills, int depth, boolean fsync, long seed) {}

    /**
     * What came out.
     *
     * @param samples kill to first resumed completion
     * @param byMode the same for each way to die
     * @param serving death to the new epoch serving, as the node reports it
     * @param pastChainsAtEnd completed before the last kill's recovery was over
     * @param resumedChains in all recoveries
     * @param reexecutedChains of those, executed again
     * @param voidKills deaths that found no chain begun; repeated, not in the samples
     */
    record Result(
            Plan plan,
            Samples samples,
            Map<KillMode, Samples> byMode,
            Samples serving,
            long pastChainsAtEnd,
            long resumedChains,
            long reexecutedChains,
            int voidKills) {}

    private final Plan plan;
    private final Disk disk;
    private final SteadyClient client;
    private final EventLoop loop;
    private final long restMillis;
    private final SplittableRandom random;

    private RecoveryRun(Plan plan, Disk disk, long restMillis) {
        this.plan = plan;
        this.disk = disk;
        this.restMillis = restMillis;
        this.random = new SplittableRandom(plan.seed());
        this.client = new SteadyClient(disk, random.nextLong());
        this.loop = client.loop();
    }

    /**
     * Runs a plan on a node of its own.
     *
     * @param folder empty; journal and image go there
     * @throws StartException when the node does not start
     * @throws ExecutionException when a request failed or the ring was lost: the promise is broken, not measured
     */
    static Result run(Plan plan, Path folder)
            throws StartException, InterruptedException, ExecutionException, TimeoutException {
        Config config =
                ConfigFactory.parseMap(
                                Map.of(
                                        "chainring.node.data", folder.resolve("data").toString(),
                                        "chainring.node.nbd.listen", List.of(),
                                        "chainring.node.nbd.sockets", List.of(),
                                        "chainring.persistence.leveldb.fsync", plan.fsync()))
                        .withFallback(ConfigFactory.load());
        RequestedDisk request = new RequestedDisk("bench", folder.resolve("bench.img"), DISK_BYTES);
        NodeSettings settings = NodeSettings.of(config, List.of(request));
        Node node = Node.start(settings);
        try {
            long restMillis = settings.ring().backoffFirst().toMillis() + 10;
            return new RecoveryRun(plan, node.disks().get(0), restMillis).measure();
        } finally {
            node.stop();
        }
    }

    private Result measure() throws InterruptedException, ExecutionException, TimeoutException {
        await(client.opened());
        if (plan.pastChains() > 0) {
            await(onLoop(() -> client.run(FILLING_DEPTH, plan.pastChains())));
        }
        DiskStatus before = disk.status();
        long[] nanos = new long[plan.kills()];
        long[] serving = new long[plan.kills()];
        Map<KillMode, List<Long>> byMode = new EnumMap<>(KillMode.class);
        int voidKills = 0;
        int done = 0;
        while (done < plan.kills()) {
            KillMode mode = KILL_MODES.get(random.nextInt(KILL_MODES.size()));
            long taken = killOnce(mode);
            if (taken == 0) {
                voidKills++;
                continue;
            }
            nanos[done] = taken;
            serving[done] = Math.round(disk.status().lastRecoveryMillis() * 1e6);
            byMode.computeIfAbsent(mode, any -> new ArrayList<>()).add(taken);
            done++;
        }
        DiskStatus after = disk.status();
        Map<KillMode, Samples> perMode = new EnumMap<>(KillMode.class);
        byMode.forEach(
                (mode, list) ->
                        perMode.put(mode, new Samples(list.stream().mapToLong(n -> n).toArray())));
        return new Result(
                plan,
                new Samples(nanos),
                perMode,
                new Samples(serving),
                after.completed(),
                after.resumed() - before.resumed(),
                after.reexecuted() - before.reexecuted(),
                voidKills);
    }

    /** Nanoseconds from the kill to the first resumed completion, or 0 when no chain was begun. */
    private long killOnce(KillMode mode)
            throws InterruptedException, ExecutionException, TimeoutException {
        TimeUnit.MILLISECONDS.sleep(restMillis);
        CompletableFuture<Void> working = onLoop(() -> client.run(plan.depth(), Long.MAX_VALUE));
        LockSupport.parkNanos(random.nextLong(1, KILL_WITHIN_NANOS));
        CompletableFuture<CompletableFuture<Long>> armed = new CompletableFuture<>();
        loop.execute(() -> armed.complete(client.awaitResumed()));
        CompletableFuture<Long> firstResumed = await(armed);
        long killNanos = System.nanoTime();
        boolean present =
                await(disk.kill(SupervisorCommand.Target.BACKEND, mode).toCompletableFuture());
        if (!present) {
            throw new IllegalStateException("there was no backend to kill");
        }
        long resumedNanos = await(firstResumed);
        loop.execute(client::stop);
        await(working);
        return resumedNanos == 0 ? 0 : resumedNanos - killNanos;
    }

    /** What the client, whose methods run on the loop, gives back. */
    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(
                () -> {
                    try {
                        var unused =
                                call.get()
                                        .whenComplete(
                                                (value, failure) -> {
                                                    if (failure == null) {
                                                        answer.complete(value);
                                                    } else {
                                                        answer.completeExceptionally(failure);
                                                    }
                                                });
                    } catch (RuntimeException e) {
                        answer.completeExceptionally(e);
                    }
                });
        return answer;
    }

    private <T> T await(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(STEP_LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
}
