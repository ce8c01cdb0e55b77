package io.chainring.host.metrics;

import io.chainring.host.disk.DiskListener;
import io.chainring.host.embed.EmbeddedDisk;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.turn.RingStatistics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Meters of one disk in a registry of Micrometer, each with the tag {@code disk}. It hears of the disk's work from its start
 * on, and shows its counts once it runs; close it when the disk has ended.
 *
 * <pre>{@code
 * DiskMeters meters = new DiskMeters(registry, "vol0");
 * EmbeddedDisk disk = Chainring.get(system).open("vol0", store, meters);
 * meters.show(disk);
 * }</pre>
 */
public final class DiskMeters implements DiskListener, AutoCloseable {
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
    // What is called for each chain finds its meter by index, without a look into a map.
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

    /** Meters for the disk of that name, without its counts; see {@link #show}. */
    public DiskMeters(MeterRegistry registry, String disk) {
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
                        "From the start, or the death of a backend, until one served");
        this.sync = timer("chainring.store.sync", "Sync of the block store");
        this.overlaps =
                Counter.builder("chainring.host.overlaps.refused")
                        .description("Chains that the backend should not have handed to the host")
                        .tag("disk", disk)
                        .register(registry);
        gauge(
                "chainring.host.pool.queue",
                "Tasks that wait for an I/O thread",
                poolQueue::doubleValue);
        gauge(
                "chainring.host.inline",
                "1 while reads and writes run on the disk's own thread",
                inline::doubleValue);
    }

    /** Shows the counts of a disk of an application. */
    public void show(EmbeddedDisk disk) {
        show(disk.statistics(), disk::isServing, disk::deferredSignals);
    }

    /**
     * Shows the counts of a disk.
     *
     * @param serving whether it serves now
     * @param deferredSignals signals that waited for the end of a completion section
     */
    public void show(RingStatistics counts, BooleanSupplier serving, LongSupplier deferredSignals) {
        gauge(
                "chainring.chains.in.flight",
                "Chains begun and not completed",
                of(counts.inFlightChains));
        gauge(
                "chainring.chains.waiting",
                "Chains that wait behind an overlap",
                of(counts.waitingChains));
        gauge("chainring.rings", "Clients' rings", of(counts.rings));
        gauge("chainring.backend.epoch", "Incarnations of the backend", of(counts.epoch));
        gauge(
                "chainring.disk.serving",
                "1 while the disk serves",
                () -> serving.getAsBoolean() ? 1 : 0);
        gauge(
                "chainring.chains.oldest.in.flight.seconds",
                "How long the oldest chain in flight has been so",
                () -> ageSeconds(counts.oldestInFlightSinceNanos()));
        gauge(
                "chainring.journal.wait.seconds",
                "How long the present record has been under way",
                () -> ageSeconds(counts.recordingSinceNanos.get()));
        counter("chainring.chains.completed", "Chains completed", of(counts.completedChains));
        counter(
                "chainring.backend.restarts",
                "Restarts of the backend",
                of(counts.backendRestarts));
        counter("chainring.host.restarts", "Restarts of the host", of(counts.executorRestarts));
        counter(
                "chainring.signals.deferred",
                "Signals that waited for the end of a completion section",
                deferredSignals::getAsLong);
        counter(
                "chainring.chains.resumed",
                "Chains that a restarted backend carried on with",
                of(counts.resumedChains));
        counter(
                "chainring.chains.renotified",
                "Recorded completions published again",
                of(counts.renotifiedChains));
        counter(
                "chainring.completions.dropped",
                "Completions without a taker",
                of(counts.droppedCompletions));
        counter(
                "chainring.chains.poisoned",
                "Chains ended for killing their backend",
                of(counts.poisonedChains));
    }

    private static DoubleSupplier of(Number count) {
        return count::doubleValue;
    }

    private static double ageSeconds(long sinceNanos) {
        return sinceNanos == 0 ? 0 : Math.max(0, System.nanoTime() - sinceNanos) / 1e9;
    }

    private void gauge(String name, String description, DoubleSupplier value) {
        Gauge.builder(name, value::getAsDouble)
                .description(description)
                .tag("disk", disk)
                .register(registry);
    }

    private void counter(String name, String description, DoubleSupplier value) {
        // The registry holds what it asks weakly; the disk holds its listener.
        FunctionCounter.builder(name, this, meters -> value.getAsDouble())
                .description(description)
                .tag("disk", disk)
                .register(registry);
    }

    /** Its meters are gone: should a disk of that name come back, they begin anew. */
    @Override
    public void close() {
        remove(registry, disk);
    }

    /** Removes the meters of whatever disk has that name. */
    public static void remove(MeterRegistry registry, String disk) {
        for (Meter meter : registry.getMeters()) {
            if (disk.equals(meter.getId().getTag("disk"))) {
                registry.remove(meter);
            }
        }
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
            durations[i] = Duration.of(values[i], ChronoUnit.MICROS);
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
