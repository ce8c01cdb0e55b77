package io.chainring.simulation.world;

import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.record.BackendState;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.supervise.SupervisorInput;
import io.chainring.ring.turn.BackendCore;
import io.chainring.ring.turn.BackendEffects;
import io.chainring.ring.turn.KillPoint;
import io.chainring.simulation.mirror.ChainId;
import io.chainring.simulation.plan.Point;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One backend incarnation: the shell around the real core, without an actor. */
final class SimBackend implements BackendEffects {
    private final World world;
    private final String name;
    private final long number;
    private final BackendState state;
    private final BackendCore core;
    final Set<ChainId> handled = new HashSet<>();
    private @Nullable TurnEvent inSection;
    private boolean hasCompleted;
    private boolean serves;

    /** @param number by which its supervisor knows it */
    SimBackend(World world, int incarnation, long number) {
        this.world = world;
        this.name = "backend-" + incarnation;
        this.number = number;
        world.passes(Point.REPLAY);
        this.state = world.journal.replay();
        this.core =
                new BackendCore(
                        state, world.settings.limits(), this, world.cursor, world.statistics);
    }

    /** The first message that it gets is its own. */
    void begin() {
        tell(name(), () -> "START", BackendCore::start);
    }

    String name() {
        return name;
    }

    /** True while the completions of a record are being published. */
    boolean isPublishing() {
        return inSection != null;
    }

    /** True when it has recorded and shown a completion. */
    boolean hasCompleted() {
        return hasCompleted;
    }

    /** True from the end of its recovery on. */
    boolean serves() {
        return serves;
    }

    BackendCore core() {
        return core;
    }

    /** Puts a message into the mailbox. */
    void tell(String from, Supplier<String> label, Consumer<BackendCore> input) {
        world.scheduler.send(from, name(), label, () -> handle(() -> input.accept(core)));
    }

    /** It is dead: what is under way to it is lost. */
    void end() {
        world.scheduler.dropTo(name());
        world.scheduler.dropTo(name() + "/journal");
        world.scheduler.forget(name());
        world.gate.reset();
        world.checks.backendDied();
        world.journal.settle();
    }

    private void notice(BackendNotice notice) {
        world.supervisor.tell(name(), new SupervisorInput.Noticed(notice));
    }

    private void handle(Runnable step) {
        if (world.supervisor.backend() != this) {
            return;
        }
        try {
            step.run();
        } catch (SimulatedDeath death) {
            world.deaths.backendDied(String.valueOf(death.getMessage()));
        }
        world.checks.backendStepped(this);
    }

    @Override
    public void persist(TurnEvent record) {
        world.scheduler.trace(() -> "persist " + record);
        world.scheduler.note(
                record.epoch() * 1000 + record.begun().size() * 31L + record.completed().size());
        world.checks.recordSent(record, core);
        state.apply(record);
        world.statistics.recordingSinceNanos.set(world.scheduler.time());
        world.journal.persist(record, () -> acknowledge(record));
        if (world.settings.stashes()) {
            world.scheduler.block(name());
        }
    }

    private void acknowledge(TurnEvent record) {
        world.scheduler.send(
                "journal",
                name() + "/journal",
                () -> "stored",
                () -> {
                    world.journal.acknowledged();
                    world.statistics.recordingSinceNanos.set(0);
                    world.scheduler.unblock(name());
                    if (world.chance(150)) {
                        world.journal.offerSnapshot(state);
                        world.passes(Point.SNAPSHOT);
                    }
                    inSection = record.completed().isEmpty() ? null : record;
                    handle(() -> core.recorded(record));
                });
    }

    @Override
    public void adopt(long epoch) {
        SimExecutor executor = world.supervisor.executorForBackend();
        world.scheduler.send(
                name(), executor.name(), () -> "Adopt " + epoch, () -> executor.adopt(epoch, this));
    }

    @Override
    public void requestRings(long epoch) {
        notice(new BackendNotice.RingsWanted(number, epoch));
    }

    @Override
    public void execute(long epoch, long toIncarnation, List<Chain> chains, long journaledUpTo) {
        world.checks.executionOrdered(this, chains);
        SimExecutor executor = world.supervisor.executorForBackend();
        world.scheduler.send(
                name(),
                executor.name(),
                () -> "Execute " + chains,
                () -> executor.execute(epoch, toIncarnation, chains, journaledUpTo));
    }

    @Override
    public void maskSignals() {
        world.gate.mask();
        world.passes(Point.MASKED);
    }

    @Override
    public void unmaskSignals() {
        if (inSection != null) {
            world.checks.sectionEnds(inSection);
            hasCompleted = true;
        }
        inSection = null;
        if (world.gate.unmask()) {
            throw new SimulatedDeath("a deferred signal");
        }
    }

    @Override
    public void ringAttached(long ringId) {
        notice(new BackendNotice.RingAttached(ringId));
    }

    @Override
    public void ringMustClose(long ringId, String reason) {
        notice(new BackendNotice.RingMustClose(ringId, reason));
    }

    @Override
    public void ringDetached(long ringId, String reason) {
        world.checks.ringDetached(ringId);
        notice(new BackendNotice.RingDetached(ringId, reason));
    }

    @Override
    public void continueLater() {
        tell(name(), () -> "CONTINUE", BackendCore::turn);
    }

    @Override
    public void capacityKnown(long capacityBytes) {
        notice(new BackendNotice.CapacityKnown(capacityBytes));
    }

    @Override
    public long nanoTime() {
        return world.scheduler.time();
    }

    @Override
    public void serving() {
        serves = true;
        notice(new BackendNotice.Serving(world.statistics.epoch.get()));
    }

    @Override
    public void at(KillPoint point, @Nullable Chain chain) {
        Point named = Point.of(point);
        if (named != null) {
            world.at(named, chain);
        }
    }
}
