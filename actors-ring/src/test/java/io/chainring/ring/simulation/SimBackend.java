package io.chainring.ring.simulation;

import io.chainring.ring.backend.BackendCore;
import io.chainring.ring.backend.BackendEffects;
import io.chainring.ring.backend.BackendState;
import io.chainring.ring.backend.KillPoint;
import io.chainring.ring.backend.TurnEvent;
import io.chainring.ring.execute.Chain;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One backend incarnation: the shell around the real core, without an actor. */
final class SimBackend implements BackendEffects {
    private final World world;
    private final int incarnation;
    private final BackendState state;
    private final BackendCore core;
    final Set<ChainId> handled = new HashSet<>();
    private @Nullable TurnEvent inSection;

    SimBackend(World world, int incarnation) {
        this.world = world;
        this.incarnation = incarnation;
        this.state = world.journal.replay();
        this.core =
                new BackendCore(
                        state, world.settings.limits(), this, world.cursor, world.statistics);
        tell(name(), () -> "START", BackendCore::start);
    }

    String name() {
        return "backend-" + incarnation;
    }

    /** True while the completions of a record are being published. */
    boolean isPublishing() {
        return inSection != null;
    }

    BackendCore core() {
        return core;
    }

    /** Puts a message into the mailbox. */
    void tell(String from, Supplier<String> label, Consumer<BackendCore> input) {
        world.scheduler.send(from, name(), label, () -> handle(() -> input.accept(core)));
    }

    private void handle(Runnable step) {
        if (world.supervisor.backend() != this) {
            return;
        }
        try {
            step.run();
        } catch (SimulatedDeath death) {
            world.backendDied(death.getMessage());
        }
        world.checks.backendStepped(this);
    }

    @Override
    public void persist(TurnEvent record) {
        world.scheduler.trace(() -> "persist " + record);
        world.checks.recordSent(record, core);
        state.apply(record);
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
                    world.scheduler.unblock(name());
                    if (world.chance(50)) {
                        world.journal.offerSnapshot(state);
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
        world.scheduler.send(
                name(),
                "supervisor",
                () -> "RingsWanted " + epoch,
                () -> world.supervisor.ringsWanted(this, epoch));
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
    }

    @Override
    public void unmaskSignals() {
        if (inSection != null) {
            world.checks.sectionEnds(inSection);
        }
        inSection = null;
        if (world.gate.unmask()) {
            throw new SimulatedDeath("a deferred signal");
        }
    }

    @Override
    public void ringMustClose(long ringId, String reason) {
        world.scheduler.send(
                name(),
                "supervisor",
                () -> "RingMustClose " + ringId + ": " + reason,
                () -> world.supervisor.close(ringId));
    }

    @Override
    public void ringDetached(long ringId, String reason) {
        world.checks.ringDetached(ringId);
        world.scheduler.send(
                name(),
                "supervisor",
                () -> "RingDetached " + ringId + ": " + reason,
                () -> world.supervisor.detached(ringId, reason));
    }

    @Override
    public void continueLater() {
        tell(name(), () -> "CONTINUE", BackendCore::turn);
    }

    @Override
    public void capacityKnown(long capacityBytes) {
        world.scheduler.trace(() -> name() + " lets in " + capacityBytes + " bytes");
    }

    @Override
    public long nanoTime() {
        return world.scheduler.time();
    }

    @Override
    public void serving() {
        world.scheduler.trace(() -> name() + " serves");
    }

    @Override
    public void at(KillPoint point, @Nullable Chain chain) {
        world.at(point, chain);
    }
}
