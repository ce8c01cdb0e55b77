package io.chainring.node.memory;

import com.typesafe.config.Config;
import io.chainring.gateway.nbd.connection.ConnectionBuffers;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.node.StartException;
import io.chainring.node.http.HttpLimits;
import io.chainring.ring.frontend.RingShape;
import io.chainring.ring.slab.SlabPool;
import io.chainring.ring.supervise.RingSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * All that others can make a node hold, part by part, each with what it is at most. A node starts only when the JVM has
 * their sum: what is promised to one client is there, whatever others do.
 */
public final class MemoryParts {
    private final List<Part> direct = new ArrayList<>();
    private final List<Part> heap = new ArrayList<>();

    private record Part(String name, long bytes, String setting) {
        @Override
        public String toString() {
            return "%s %s MiB (%s)".formatted(name, mebibytes(bytes), setting);
        }
    }

    /**
     * The parts of disks and of all clients.
     *
     * @param config the whole configuration
     * @param http of each of the servers that there are
     * @param httpServers for operators and their tools
     */
    public static MemoryParts of(
            Config config, RingShape shape, NbdSettings nbd, HttpLimits http, int httpServers) {
        return new MemoryParts()
                .direct(
                        "payload of requests",
                        RingSettings.memoryBudgetBytes(config),
                        "chainring.ring.memory-budget")
                .direct(
                        "rings",
                        nbd.maxConnections() * shape.fixedBytes(),
                        "chainring.nbd.max-connections")
                .direct(
                        "buffers of connections",
                        ConnectionBuffers.mostBytes(nbd),
                        "chainring.nbd.max-connections, held-budget")
                .heap(
                        "objects of connections",
                        ConnectionBuffers.mostHeapBytes(nbd),
                        "chainring.nbd.max-connections")
                .heap(
                        "clients over HTTP",
                        httpServers * http.mostHeapBytes(),
                        "chainring.node.control");
    }

    /**
     * One more part outside the heap.
     *
     * @param name of what takes it
     * @param mostBytes all that it takes, whatever happens
     * @param setting that makes it smaller
     */
    public MemoryParts direct(String name, long mostBytes, String setting) {
        direct.add(new Part(name, mostBytes, setting));
        return this;
    }

    /** As {@link #direct}, of the heap. */
    public MemoryParts heap(String name, long mostBytes, String setting) {
        heap.add(new Part(name, mostBytes, setting));
        return this;
    }

    /**
     * Holds the sums against what this JVM allows; of its heap a half is for what others can make a node hold.
     *
     * @throws StartException one line with the figures and what to change
     */
    public void check() throws StartException {
        check(SlabPool.directMemoryBytes(), Runtime.getRuntime().maxMemory() / 2);
    }

    /** As {@link #check()}, with these limits in bytes. */
    void check(long directBytes, long heapBytes) throws StartException {
        check(direct, directBytes, "direct memory", "-XX:MaxDirectMemorySize");
        check(heap, heapBytes, "heap for this", "-Xmx");
    }

    private static void check(List<Part> parts, long limitBytes, String what, String option)
            throws StartException {
        long sumBytes = parts.stream().mapToLong(Part::bytes).sum();
        if (sumBytes > limitBytes) {
            String list = parts.stream().map(Part::toString).collect(Collectors.joining(", "));
            throw new StartException(
                    "clients may need %s MiB of memory and the JVM has %s MiB of %s: %s; lower one of them, or raise %s"
                            .formatted(mebibytes(sumBytes), limitBytes >> 20, what, list, option));
        }
    }

    private static long mebibytes(long bytes) {
        return (bytes + (1 << 20) - 1) >> 20;
    }
}
