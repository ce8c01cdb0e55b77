package io.chainring.simulation.world;

import io.chainring.ring.backend.RingListener;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.supervise.SupervisorCore;
import io.chainring.ring.supervise.SupervisorEffects;
import io.chainring.ring.supervise.SupervisorInput;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.turn.BackendCore;
import io.chainring.simulation.history.Violation;
import io.chainring.simulation.plan.Point;
import io.chainring.simulation.plan.Settings;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One incarnation of the disk's supervisor: the shell around the real decisions, without an actor. */
final class SupervisorShell implements SupervisorEffects {
    static final long FIRST_WAIT_NANOS = 20;
    static final long LONGEST_WAIT_NANOS = 200;

    private final World world;
    private final String name;
    private final SupervisorCore core;
    private final Map<Long, RingOwner> clients = new LinkedHashMap<>();
    final Map<Long, SimRing> rings = new LinkedHashMap<>();
    private @Nullable SimBackend backend;
    private SimExecutor executor;
    private SimExecutor executorForBackend;
    private long backendNumber;
    private long executorNumber;
    private boolean alive = true;
    private boolean deadHadCompleted;
    private boolean stopped;
    private boolean stoppedWithoutJournal;

    SupervisorShell(World world, int incarnation) {
        this.world = world;
        this.name = "supervisor-" + incarnation;
        this.executor = world.nextExecutor();
        this.executorForBackend = executor;
        Settings settings = world.settings;
        this.core =
                new SupervisorCore(
                        new SupervisorCore.Policy(
                                "simulated",
                                settings.limits().ringLimit(),
                                Duration.ofNanos(FIRST_WAIT_NANOS),
                                Duration.ofNanos(LONGEST_WAIT_NANOS),
                                settings.outageTicks() == 0
                                        ? null
                                        : Duration.ofNanos(settings.outageTicks())),
                        this,
                        world.statistics,
                        RingListener.NONE,
                        world.scheduler.time());
    }

    String name() {
        return name;
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

    /** Somebody waits for a ring. */
    boolean isOpening() {
        return clients.keySet().stream().anyMatch(each -> !world.checks.hasOpened(each));
    }

    boolean isAlive() {
        return alive;
    }

    /** It ended as by its own death: its journal took no records. */
    boolean hasStoppedWithoutJournal() {
        return stoppedWithoutJournal;
    }

    boolean hasStopped() {
        return stopped;
    }

    /** An input, now. */
    void hear(SupervisorInput input) {
        if (alive) {
            core.apply(input, world.scheduler.time());
        }
    }

    /** Puts an input into the mailbox. */
    void tell(String from, SupervisorInput input) {
        world.scheduler.send(from, name, () -> words(input), () -> hear(input));
    }

    /** Without what is another text in each JVM. */
    private static String words(SupervisorInput input) {
        return input instanceof SupervisorInput.Introduced introduced
                ? "Introduced " + introduced.said().ringId()
                : input.toString();
    }

    /** A client's wish, which is answered or lost with this supervisor. */
    void wish(RingOwner client, long ringId) {
        world.scheduler.send(
                client.name(),
                name,
                () -> "open " + ringId,
                () -> {
                    clients.put(ringId, client);
                    hear(new SupervisorInput.Opens(ringId));
                });
    }

    /** It dies, and its children with it; the memory of its rings is gone. */
    void die() {
        alive = false;
        world.scheduler.dropTo(name);
        world.scheduler.forget(name);
        endChildren();
        rings.values().forEach(SimRing::end);
        rings.clear();
    }

    private SimRing ring(long ringId) {
        return Objects.requireNonNull(rings.get(ringId), "ring");
    }

    private void endChildren() {
        SimBackend dead = backend;
        if (dead != null) {
            dead.end();
        }
        backend = null;
        executor.die();
        world.scheduler.dropTo(executor.name());
    }

    void backendDied() {
        SimBackend dead = backend;
        deadHadCompleted = dead != null && dead.hasCompleted();
        backend = null;
        tell("system", new SupervisorInput.Died(Target.BACKEND, backendNumber));
    }

    void executorDied() {
        executor.die();
        world.scheduler.dropTo(executor.name());
        tell("system", new SupervisorInput.Died(Target.HOST, executorNumber));
    }

    private void tellBackend(Supplier<String> label, Consumer<BackendCore> input) {
        SimBackend present = backend;
        if (present != null) {
            present.tell(name, label, input);
        }
    }

    @Override
    public void startBackend(long incarnation) {
        Violation.check(backend == null, "K8", () -> "a disk has two backends");
        backendNumber = incarnation;
        executorForBackend = executor;
        SimBackend next = new SimBackend(world, world.nextBackend(), incarnation);
        backend = next;
        next.begin();
    }

    @Override
    public void startExecutor(long incarnation) {
        executorNumber = incarnation;
        if (incarnation > 1) {
            executor = world.nextExecutor();
        }
        SimExecutor next = executor;
        tellBackend(
                () -> "ExecutorChanged",
                present -> {
                    executorForBackend = next;
                    present.executorChanged();
                });
    }

    @Override
    public void after(long nanos, SupervisorInput input) {
        if (input instanceof SupervisorInput.StartNext next
                && next.child() == Target.BACKEND
                && journalTakesWrites()) {
            Violation.check(
                    !deadHadCompleted,
                    "backoff",
                    () -> "the successor of one that completed a chain waits " + nanos);
            world.backendWaits.add(nanos);
        }
        tell("timer", input);
    }

    @Override
    public boolean journalTakesWrites() {
        return !world.trouble.isJournalFull();
    }

    @Override
    public void capacityChanged() {
        throw new Violation("capacity", "nobody has grown the disk");
    }

    @Override
    public void capacityKnown(long capacityBytes) {
        Violation.check(
                capacityBytes == world.store.capacityBytes(),
                "capacity",
                () -> capacityBytes + " bytes are told");
    }

    @Override
    public void expectRings(long epoch, List<Long> ringIds) {
        tellBackend(() -> "ExpectRings " + ringIds, present -> present.expectRings(epoch, ringIds));
    }

    @Override
    public void attach(long ringId, Outstanding outstanding, boolean closing) {
        SimRing ring = ring(ringId);
        world.passes(Point.RING_ATTACH);
        tellBackend(
                () -> "Attach " + ringId + (closing ? " closing" : ""),
                present -> {
                    if (closing) {
                        world.checks.detaches(ringId);
                    }
                    present.attach(ring, outstanding, closing);
                });
    }

    @Override
    public void detach(long ringId) {
        world.passes(Point.RING_DRAIN);
        tellBackend(
                () -> "Detach " + ringId,
                present -> {
                    world.checks.detaches(ringId);
                    present.detach(ringId);
                });
    }

    @Override
    public boolean startRing(long ringId) {
        if (world.isTroubled(20)) {
            return false;
        }
        SimRing ring = new SimRing(world, ringId, Objects.requireNonNull(clients.get(ringId)));
        rings.put(ringId, ring);
        world.checks.ringOpens(ring);
        world.passes(Point.RING_OPEN);
        return true;
    }

    @Override
    public void introduce(long ringId, long epoch) {
        SimRing ring = ring(ringId);
        SimBackend present = backend;
        if (present != null) {
            ring.tellFrontend(
                    name, () -> "Introduce " + epoch, () -> ring.introduce(present, epoch));
        }
    }

    @Override
    public void opened(long ringId, long capacityBytes) {
        SimRing ring = ring(ringId);
        world.checks.opens(ringId);
        Violation.check(
                capacityBytes == world.store.capacityBytes(),
                "capacity",
                () -> "a ring is told " + capacityBytes + " bytes");
        ring.tellFrontend(name, () -> "opened", () -> ring.client.opened(ring));
    }

    @Override
    public void giveUp(long ringId, String reason) {
        SimRing ring = ring(ringId);
        ring.tellFrontend(name, () -> "GiveUp", ring::giveUp);
    }

    @Override
    public void endRing(long ringId, String reason) {
        SimRing ring = ring(ringId);
        world.passes(Point.RING_CLOSE);
        world.checks.ringEnds(ringId, reason);
        ring.tellFrontend(
                name,
                () -> "Detached " + reason,
                () -> {
                    ring.takeCompletions();
                    ring.client.closed(ringId);
                    ring.die();
                });
    }

    @Override
    public void gone(long ringId, String reason) {
        world.checks.ringEnds(ringId, reason);
        world.scheduler.trace(() -> "ring " + ringId + " is gone: " + reason);
        SimRing ring = rings.remove(ringId);
        if (ring != null) {
            world.scheduler.forget(ring.frontendName());
            world.scheduler.forget(ring.frontendName() + "/end");
        }
        clients.remove(ringId).closed(ringId);
    }

    @Override
    public void stopped() {
        Violation.check(
                rings.isEmpty() || backend == null,
                "stop",
                () -> "it stops before its rings, and its journal takes records");
        stopped = true;
        alive = false;
        if (rings.isEmpty()) {
            endChildren();
        } else {
            stoppedWithoutJournal = true;
            world.deaths.endsWithItsRings();
        }
    }
}
