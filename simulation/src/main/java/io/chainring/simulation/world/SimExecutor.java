package io.chainring.simulation.world;

import io.chainring.host.HostCore;
import io.chainring.host.HostEffects;
import io.chainring.ring.execute.Chain;
import io.chainring.simulation.history.Violation;
import io.chainring.simulation.mirror.ChainId;
import io.chainring.simulation.plan.Point;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The shell around one executor incarnation. Its workers outlive it; the next incarnation adopts nobody before they are
 * done (H1).
 */
final class SimExecutor implements HostEffects {
    final int incarnation;
    private final String name;
    private final World world;
    private final HostCore core;
    private final Set<ChainId> started = new HashSet<>();
    private final TreeMap<Long, ChainId> unacknowledged = new TreeMap<>();
    private String replyTo = "";
    private long lastEpoch;
    private boolean alive = true;
    private boolean toldIdle;
    private boolean unsettled;

    SimExecutor(World world, int incarnation) {
        this.world = world;
        this.incarnation = incarnation;
        this.name = "executor-" + incarnation;
        int outstandingLimitChains =
                2 * world.settings.limits().inFlightLimitChains()
                        + world.settings.limits().batchLimitChains();
        this.core = new HostCore(incarnation, outstandingLimitChains, this);
        tellWhenIdle();
    }

    String name() {
        return name;
    }

    boolean isAlive() {
        return alive;
    }

    /** Its workers go on. */
    void die() {
        alive = false;
    }

    boolean isUnsettled() {
        return unsettled;
    }

    void adopt(long epoch, SimBackend backend) {
        if (alive && epoch >= lastEpoch) {
            lastEpoch = epoch;
            replyTo = backend.name();
            core.adopt(epoch);
        }
    }

    void execute(long epoch, long toIncarnation, List<Chain> chains, long journaledUpTo) {
        if (alive && epoch == lastEpoch && toIncarnation == incarnation) {
            acknowledged(journaledUpTo);
        }
        if (alive) {
            core.execute(epoch, toIncarnation, chains, journaledUpTo, 0);
            unsettled = true;
        }
    }

    /** K5: an outcome that is said to be journaled is. */
    private void acknowledged(long journaledUpTo) {
        Map<Long, ChainId> acknowledged = unacknowledged.headMap(journaledUpTo, true);
        acknowledged.values().forEach(world.checks::outcomeIsJournaled);
        acknowledged.clear();
    }

    private void remember(List<Chain> outcomes) {
        outcomes.forEach(chain -> unacknowledged.put(chain.outcomeSequence(), ChainId.of(chain)));
    }

    /** No adoption is answered while a worker of an earlier incarnation still runs. */
    void tellWhenIdle() {
        if (alive
                && !toldIdle
                && world.store.running().stream()
                        .allMatch(one -> one.executorIncarnation() == incarnation)) {
            toldIdle = true;
            core.predecessorsIdle();
        }
    }

    void ended(SimStore.Running work) {
        Chain chain = work.chain();
        if (chain == null) {
            core.synced(work.status());
        } else {
            core.finished(chain);
        }
        unsettled = true;
    }

    void settle() {
        unsettled = false;
        core.settle();
    }

    @Override
    public void start(Chain chain) {
        world.checks.executionStarts(chain);
        Violation.check(
                started.add(ChainId.of(chain)),
                "K4",
                () -> chain + " is executed twice though its executor lived");
        world.store.begin(chain, incarnation, world.checks.opOf(chain));
        world.passes(Point.EXECUTE);
    }

    @Override
    public void sync(int chains) {
        world.store.beginSync(incarnation);
        world.passes(Point.SYNC);
    }

    @Override
    public void adopted(long epoch, List<Chain> running, List<Chain> done) {
        remember(done);
        world.checks.executorHolds(running.size() + done.size());
        world.toBackend(
                name(),
                replyTo,
                () -> "Adopted " + running + done,
                backend -> {
                    world.checks.adopted(running, done);
                    backend.adopted(epoch, incarnation, world.store.capacityBytes(), running, done);
                });
    }

    @Override
    public void executed(long epoch, List<Chain> chains) {
        remember(chains);
        world.toBackend(
                name(),
                replyTo,
                () -> "Executed " + chains,
                backend -> backend.executed(epoch, incarnation, chains));
    }

    @Override
    public void ended(Chain chain, long sinceNanos) {
        Violation.check(sinceNanos == 0, "time", () -> chain + " has another time of arrival");
    }

    @Override
    public void overlapRefused(Chain chain) {
        throw new Violation("I4", "the host had to refuse " + chain);
    }
}
