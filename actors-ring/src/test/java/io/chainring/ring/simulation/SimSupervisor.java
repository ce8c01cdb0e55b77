package io.chainring.ring.simulation;

import io.chainring.ring.backend.BackendCore;
import io.chainring.ring.transport.Outstanding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Stands where the ring supervisor stands, and does what it does: see RingSupervisor. */
final class SimSupervisor {
    private record Opening(SimClient client, Set<Long> waitsFor) {}

    private final World world;
    final Map<Long, SimRing> rings = new LinkedHashMap<>();
    private final List<Opening> openings = new ArrayList<>();
    private @Nullable SimBackend backend;
    private SimExecutor executor;
    private SimExecutor executorForBackend;
    private boolean resynchronising = true;
    private long backendEpoch;

    SimSupervisor(World world) {
        this.world = world;
        this.executor = new SimExecutor(world, 1);
        this.executorForBackend = executor;
    }

    /** Null between death and restart. */
    @Nullable SimBackend backend() {
        return backend;
    }

    SimExecutor executor() {
        return executor;
    }

    /** The incarnation that the backend was told of last. */
    SimExecutor executorForBackend() {
        return executorForBackend;
    }

    void startBackend() {
        resynchronising = true;
        rings.values().forEach(ring -> ring.attached = false);
        executorForBackend = executor;
        backend = new SimBackend(world, world.nextBackend());
    }

    void backendDied() {
        backend = null;
        resynchronising = true;
        world.scheduler.send("system", "supervisor", () -> "start backend", this::startBackend);
    }

    void executorDied() {
        executor.die();
        world.scheduler.dropTo(executor.name());
        world.scheduler.send("system", "supervisor", () -> "start executor", this::startExecutor);
    }

    private void startExecutor() {
        SimExecutor next = new SimExecutor(world, executor.incarnation + 1);
        executor = next;
        tellBackend(
                () -> "ExecutorChanged",
                core -> {
                    executorForBackend = next;
                    core.executorChanged();
                });
    }

    void open(SimClient client) {
        Set<Long> waitsFor = new HashSet<>();
        for (SimRing ring : rings.values()) {
            if (ring.closing) {
                waitsFor.add(ring.ringId());
            }
        }
        if (waitsFor.isEmpty()) {
            openNow(client);
        } else {
            openings.add(new Opening(client, waitsFor));
        }
    }

    private void openNow(SimClient client) {
        SimRing ring = new SimRing(world, world.nextRing(), client);
        rings.put(ring.ringId(), ring);
        world.checks.ringOpens(ring);
        ring.tellFrontend("supervisor", () -> "opened", () -> client.opened(ring));
        if (!resynchronising) {
            askToIntroduce(ring);
        }
    }

    private void askToIntroduce(SimRing ring) {
        SimBackend present = backend;
        if (!ring.frontendGone && present != null) {
            long epoch = backendEpoch;
            ring.tellFrontend(
                    "supervisor", () -> "Introduce " + epoch, () -> ring.introduce(present, epoch));
        }
    }

    void close(long ringId) {
        SimRing ring = rings.get(ringId);
        if (ring == null || ring.closing) {
            return;
        }
        ring.closing = true;
        if (ring.attached) {
            tellBackend(
                    () -> "Detach " + ringId,
                    core -> {
                        world.checks.detaches(ringId);
                        core.detach(ringId);
                    });
        }
    }

    private void tellBackend(Supplier<String> label, Consumer<BackendCore> input) {
        SimBackend present = backend;
        if (present != null) {
            present.tell("supervisor", label, input);
        }
    }

    void introduced(SimRing ring, long epoch, Outstanding outstanding) {
        if (rings.containsKey(ring.ringId()) && epoch == backendEpoch && !resynchronising) {
            attach(ring, outstanding);
        }
    }

    private void attach(SimRing ring, Outstanding outstanding) {
        if (!ring.attached) {
            ring.attached = true;
            boolean closing = ring.closing;
            tellBackend(
                    () -> "Attach " + ring.ringId() + (closing ? " closing" : ""),
                    core -> {
                        if (closing) {
                            world.checks.detaches(ring.ringId());
                        }
                        core.attach(ring, outstanding, closing);
                    });
        }
    }

    void ringsWanted(SimBackend asking, long epoch) {
        if (asking != backend) {
            return;
        }
        resynchronising = false;
        backendEpoch = epoch;
        List<Long> expected = List.copyOf(rings.keySet());
        tellBackend(() -> "ExpectRings " + expected, core -> core.expectRings(epoch, expected));
        for (SimRing ring : rings.values()) {
            if (ring.frontendGone) {
                attach(ring, Outstanding.NONE);
            } else {
                askToIntroduce(ring);
            }
        }
    }

    void detached(long ringId, String reason) {
        SimRing ring = rings.remove(ringId);
        if (ring == null) {
            return;
        }
        if (!ring.attached && !resynchronising) {
            ring.closing = true;
            attach(ring, Outstanding.NONE);
        }
        if (!ring.frontendGone) {
            ring.tellFrontend(
                    "supervisor",
                    () -> "Detached " + reason,
                    () -> {
                        ring.guarded(ring::takeCompletions);
                        ring.client.closed(ring);
                    });
        } else {
            ring.client.closed(ring);
        }
        for (Opening opening : List.copyOf(openings)) {
            opening.waitsFor.remove(ringId);
            if (opening.waitsFor.isEmpty()) {
                openings.remove(opening);
                openNow(opening.client);
            }
        }
    }

    void frontendDied(SimRing ring) {
        ring.frontendGone = true;
        if (!rings.containsKey(ring.ringId())) {
            // It was told that its ring is detached, and died before it could say so.
            ring.client.closed(ring);
            return;
        }
        boolean known = ring.attached;
        close(ring.ringId());
        ring.closing = true;
        if (!known && !resynchronising) {
            attach(ring, Outstanding.NONE);
        }
    }
}
