package io.chainring.node.metrics;

import io.chainring.node.disk.DiskEvents;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Meters of one disk. What is called for each chain finds its meter by index, without a look into a map. */
final class DiskMeters implements DiskEvents {
    private static final Duration[] LATENCIES =
            micros(
                    20,
                    50,
                    100,
                    200,
                    500,
                    1_000,
                    2_000,
                    5_000,
                    10_000,
                    20_000,
                    50_000,
                    100_000,
                    500_000,
                    1_000_000,
                    5_000_000,
                    30_000_000);
    private static final double[] BATCHES = {1, 2, 4, 8, 16, 32, 64, 128, 256};
    private static final int STATUSES = 256;

    private final MeterRegistry registry;
    private final String disk;
    private final AtomicReferenceArray<@Nullable Timer> latencies =
            new AtomicReferenceArray<>(Operation.values().length * STATUSES);
    private final DistributionSummary begun;
    private final DistributionSummary completed;
    private final Timer record;
    private final Timer recovery;
    private final Timer sync;
    private final Counter overlaps;
    private final AtomicInteger poolQueue = new AtomicInteger();
    private final AtomicInteger inline = new AtomicInteger(1);

    DiskMeters(MeterRegistry registry, String disk) {
        this.registry = registry;
        this.disk = disk;
        this.begun = batch("begun");
        this.completed = batch("completed");
        this.record =
                timer(
                        "chainring.journal.record",
                        "Journal's answer to one turn's record, as the backend sees it");
        this.recovery =
                timer(
                        "chainring.recovery",
                        "From the death of a backend until its successor served");
        this.sync = timer("chainring.store.sync", "Sync of the block store");
        this.overlaps =
                Counter.builder("chainring.host.overlaps.refused")
                        .description("Chains that the backend should not have handed to the host")
                        .tag("disk", disk)
                        .register(registry);
        registry.gauge(
                "chainring.host.pool.queue",
                io.micrometer.core.instrument.Tags.of("disk", disk),
                poolQueue);
        registry.gauge(
                "chainring.host.inline",
                io.micrometer.core.instrument.Tags.of("disk", disk),
                inline);
    }

    private DistributionSummary batch(String what) {
        return DistributionSummary.builder("chainring.turn." + what)
                .description("Chains that one journal record has " + what)
                .tag("disk", disk)
                .serviceLevelObjectives(BATCHES)
                .register(registry);
    }

    private Timer timer(String name, String description) {
        return Timer.builder(name)
                .description(description)
                .tag("disk", disk)
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }

    private static Duration[] micros(long... values) {
        Duration[] durations = new Duration[values.length];
        for (int i = 0; i < values.length; i++) {
            durations[i] = Duration.of(values[i], java.time.temporal.ChronoUnit.MICROS);
        }
        return durations;
    }

    @Override
    public void recorded(int begunChains, int completedChains, long journalNanos) {
        record.record(journalNanos, TimeUnit.NANOSECONDS);
        if (begunChains > 0) {
            begun.record(begunChains);
        }
        if (completedChains > 0) {
            completed.record(completedChains);
        }
    }

    @Override
    public void completed(Operation operation, byte status, long latencyNanos) {
        int index = operation.ordinal() * STATUSES + (status & 0xFF);
        Timer timer = latencies.get(index);
        if (timer == null) {
            timer = latency(operation, status);
            latencies.set(index, timer);
        }
        timer.record(latencyNanos, TimeUnit.NANOSECONDS);
    }

    private Timer latency(Operation operation, byte status) {
        return Timer.builder("chainring.chain.latency")
                .description("Requests of clients, from the ring's frontend and back")
                .tags(
                        "disk", disk,
                        "operation", operation.name().toLowerCase(Locale.ROOT),
                        "status", ChainStatus.name(status).toLowerCase(Locale.ROOT))
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }

    @Override
    public void recovered(long epoch, long nanos) {
        recovery.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void synced(int chains, long nanos) {
        sync.record(nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void poolQueue(int tasks) {
        poolQueue.set(tasks);
    }

    @Override
    public void inlineChanged(boolean nowInline) {
        inline.set(nowInline ? 1 : 0);
    }

    @Override
    public void overlapRefused() {
        overlaps.increment();
    }
}
