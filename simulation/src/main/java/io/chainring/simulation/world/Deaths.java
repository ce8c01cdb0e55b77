package io.chainring.simulation.world;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.supervise.SupervisorInput;
import io.chainring.ring.turn.ProcessingCursor;
import io.chainring.simulation.plan.Coverage;
import io.chainring.simulation.plan.Draws;
import io.chainring.simulation.plan.Fault;
import io.chainring.simulation.plan.FaultKind;
import io.chainring.simulation.plan.Point;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets die who is to: at a step, or at a named point. */
final class Deaths {
    private final World world;
    private final Draws random;
    private final List<Fault> toCarryOut = new ArrayList<>();
    final Coverage coverage = new Coverage();

    /** Deaths of backends, supervisors and the process. */
    int count;

    Deaths(World world, Draws random) {
        this.world = world;
        this.random = random;
    }

    /** What is to happen before this step. */
    void due(int step) {
        world.trouble.at(step).forEach(this::carryOut);
    }

    /** A backend has come to a point of its turn: it dies here, others after what it does now. */
    void at(Point point, @Nullable Chain inHand) {
        for (Fault fault : takeArmed(point)) {
            boolean signal = fault.kind() == FaultKind.BACKEND_SIGNAL;
            if (!signal && fault.kind() != FaultKind.BACKEND_STOP) {
                toCarryOut.add(fault);
                continue;
            }
            world.deaths.coverage.count(fault, world.moments());
            if (signal && world.gate.raise()) {
                world.scheduler.trace(() -> "a signal is deferred at " + point);
                continue;
            }
            if (inHand != null) {
                world.checks.diesInHand(inHand);
            }
            throw new SimulatedDeath("killed at " + point + " " + inHand);
        }
    }

    /** Somebody else has: whoever is to die does so after what happens now. */
    void passes(Point point) {
        toCarryOut.addAll(takeArmed(point));
    }

    private List<Fault> takeArmed(Point point) {
        List<Fault> taken = List.of();
        for (Iterator<Fault> each = world.trouble.armed().iterator(); each.hasNext(); ) {
            Fault fault = each.next();
            if (fault.point() == point) {
                each.remove();
                taken = List.of(fault);
                break;
            }
        }
        return taken;
    }

    /** What points have brought about. */
    void carryOut() {
        while (!toCarryOut.isEmpty()) {
            carryOut(toCarryOut.remove(0));
        }
    }

    private void carryOut(Fault fault) {
        world.scheduler.note(fault.kind().ordinal());
        world.scheduler.trace(() -> "FAULT: " + fault.kind().words());
        if (canDie(fault.kind())) {
            coverage.count(fault, world.moments());
        }
        boolean askedFor = fault.pick() % 2 == 0;
        switch (fault.kind()) {
            case BACKEND_STOP -> {
                announce(askedFor, Target.BACKEND);
                backendDied("stopped between messages");
            }
            case BACKEND_SIGNAL -> {
                announce(askedFor, Target.BACKEND);
                if (world.gate.raise()) {
                    world.scheduler.trace(() -> "a signal is deferred");
                } else {
                    backendDied("a signal");
                }
            }
            case HOST_STOP -> {
                announce(askedFor, Target.HOST);
                hostDied();
            }
            case FRONTEND_STOP -> frontendDied(fault.pick());
            case SUPERVISOR_STOP -> supervisorDied();
            case PROCESS_KILL -> processDied(false);
            case POWER_LOSS -> processDied(true);
            default -> throw new IllegalStateException("nobody dies of " + fault);
        }
    }

    private boolean canDie(FaultKind kind) {
        return switch (kind) {
            case BACKEND_STOP, BACKEND_SIGNAL, SUPERVISOR_STOP -> world.supervisor.isAlive();
            case HOST_STOP -> world.supervisor.executor().isAlive();
            case FRONTEND_STOP -> !world.supervisor.rings.isEmpty();
            default -> true;
        };
    }

    /** Half of the deaths are asked for, the others are not. */
    private void announce(boolean askedFor, Target target) {
        if (askedFor) {
            world.supervisor.hear(new SupervisorInput.Killed(target));
        }
    }

    void backendDied(String why) {
        SimBackend dead = world.supervisor.backend();
        if (dead == null) {
            return;
        }
        count++;
        world.scheduler.trace(() -> dead.name() + " died: " + why);
        dead.end();
        world.supervisor.backendDied();
    }

    private void hostDied() {
        if (world.supervisor.executor().isAlive()) {
            world.supervisor.executorDied();
        }
    }

    private void frontendDied(int pick) {
        List<SimRing> rings = List.copyOf(world.supervisor.rings.values());
        if (!rings.isEmpty()) {
            SimRing ring = rings.get(pick % rings.size());
            if (ring.frontendAlive) {
                ring.die();
            }
        }
    }

    /** Its rings are gone, its children with it; some time later the next one takes over the journal. */
    private void supervisorDied() {
        if (!world.supervisor.isAlive()) {
            return;
        }
        count++;
        endsWithItsRings();
        world.scheduler.send(
                "system", "guardian", () -> "start supervisor", world::startSupervisor);
    }

    void endsWithItsRings() {
        world.checks.supervisorDied();
        world.supervisor.die();
        world.clients.forEach(Party::supervisorDied);
        world.gateway.supervisorDied();
    }

    private void processDied(boolean powerLoss) {
        count++;
        long now = world.scheduler.tick();
        world.scheduler.dropAll();
        world.checks.backendDied();
        world.checks.processDied();
        world.clients.forEach(client -> client.processDied(now));
        world.gateway.processDied();
        world.store.cutAll();
        world.gate.reset();
        world.journal.settle();
        world.cursor = new ProcessingCursor();
        if (powerLoss) {
            world.store.losePower();
            world.history.check();
            world.history.checkAfterPowerLoss(world.store.versions());
            world.history.restart(world.store.versions());
            world.told.losePower();
            world.journal.losePower(random.nextInt(3));
        }
        world.startSupervisor();
    }
}
