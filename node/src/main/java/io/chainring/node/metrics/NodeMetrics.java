package io.chainring.node.metrics;

import io.chainring.base.settings.Settings;
import io.chainring.gateway.nbd.NbdServer;
import io.chainring.gateway.nbd.protocol.NbdCommand;
import io.chainring.gateway.nbd.setup.Crowding;
import io.chainring.gateway.nbd.setup.NbdCounters;
import io.chainring.host.metrics.DiskMeters;
import io.chainring.persistence.store.JournalListener;
import io.chainring.ring.slab.SlabPool;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** All meters of a node, and their text for Prometheus. A node without a metrics address has none. */
public final class NodeMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();

    public NodeMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /** Meters for the disk of that name. */
    public DiskMeters metersOf(String disk) {
        return new DiskMeters(registry, disk);
    }

    /** Shows what memory clients take, and what they may take. */
    public void showMemory(SlabPool slabs, NbdServer server) {
        bytes("chainring.memory.budget", "Most payload memory of all rings", slabs::budgetBytes);
        bytes("chainring.memory.used", "Payload memory that rings have", slabs::usedBytes);
        bytes(
                "chainring.memory.kept",
                "Payload memory that no ring has, kept for the next",
                slabs::keptBytes);
        bytes(
                "chainring.memory.guaranteed",
                "Payload memory that rings can count on, taken or not",
                slabs::guaranteedBytes);
        FunctionCounter.builder("chainring.memory.refusals", slabs, SlabPool::refusals)
                .description("How often a ring had its share of payload memory and got no more")
                .register(registry);
        bytes(
                "chainring.nbd.buffers",
                "Memory of NBD connections beside their rings",
                server::bufferBytes);
        bytes(
                "chainring.nbd.held",
                "Bytes of NBD clients that wait until they can be looked at",
                server::heldBytes);
    }

    private void bytes(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).baseUnit("bytes").register(registry);
    }

    /** A disk's meters are gone: should it come back, they begin anew. */
    public void hide(String disk) {
        DiskMeters.remove(registry, disk);
    }

    /** What the journals tell of their work goes here. */
    public JournalListener journals() {
        Timer write =
                Timer.builder("chainring.journal.write")
                        .description("Write of one batch to LevelDB, with its sync")
                        .register(registry);
        DistributionSummary records =
                DistributionSummary.builder("chainring.journal.batch.records")
                        .description("Records in one batch")
                        .register(registry);
        Counter failures =
                Counter.builder("chainring.journal.failures")
                        .description("Failed writes to a journal")
                        .register(registry);
        return new JournalListener() {
            @Override
            public void batchWritten(
                    Path directory,
                    int count,
                    long payloadBytes,
                    long durationNanos,
                    boolean synced) {
                write.record(durationNanos, TimeUnit.NANOSECONDS);
                records.record(count);
            }

            @Override
            public void storeFailed(Path directory, Throwable cause) {
                failures.increment();
            }
        };
    }

    /** What the NBD gateway tells of its work goes here. */
    public NbdCounters nbd() {
        AtomicInteger connections = new AtomicInteger();
        Gauge.builder("chainring.nbd.connections", connections, AtomicInteger::doubleValue)
                .description("NBD clients that are connected")
                .register(registry);
        Counter opened =
                Counter.builder("chainring.nbd.connections.opened")
                        .description("NBD clients accepted")
                        .register(registry);
        Counter violations =
                Counter.builder("chainring.nbd.violations")
                        .description("NBD clients disconnected for breaking the protocol")
                        .register(registry);
        Map<Crowding, Counter> crowding = new EnumMap<>(Crowding.class);
        for (Crowding what : Crowding.values()) {
            crowding.put(
                    what,
                    Counter.builder("chainring.nbd.crowding")
                            .description(
                                    "NBD clients refused or closed for want of places, and pauses for want of"
                                            + " descriptors")
                            .tag("event", Settings.label(what))
                            .register(registry));
        }
        ConcurrentMap<String, Counter> answers = new ConcurrentHashMap<>();
        return new NbdCounters() {
            @Override
            public void connectionOpened() {
                connections.incrementAndGet();
                opened.increment();
            }

            @Override
            public void connectionClosed() {
                connections.decrementAndGet();
            }

            @Override
            public void crowded(Crowding what) {
                Objects.requireNonNull(crowding.get(what)).increment();
            }

            @Override
            public void protocolViolated() {
                violations.increment();
            }

            @Override
            public void answered(NbdCommand command, long lengthBytes, int error) {
                if (error != 0) {
                    answers.computeIfAbsent(command + " " + error, key -> errors(command, error))
                            .increment();
                }
            }
        };
    }

    private Counter errors(NbdCommand command, int error) {
        return Counter.builder("chainring.nbd.errors")
                .description("Commands answered with an error of the protocol")
                .tags(
                        "command", command.name().toLowerCase(Locale.ROOT),
                        "error", Integer.toString(error))
                .register(registry);
    }

    /** Everything in Prometheus' text format. */
    public String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
