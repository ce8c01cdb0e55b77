package io.chainring.host.simulation;

import io.chainring.host.HostCore;
import io.chainring.host.HostEffects;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.simulation.ExecutorModel;
import java.util.List;

/** The real {@link HostCore} in the simulation. */
final class HostModel implements ExecutorModel, HostEffects {
    private final HostCore core;
    private final Effects effects;

    HostModel(long incarnation, int outstandingLimitChains, Effects effects) {
        this.core = new HostCore(incarnation, outstandingLimitChains, this);
        this.effects = effects;
    }

    @Override
    public void predecessorsIdle() {
        core.predecessorsIdle();
    }

    @Override
    public void adopt(long epoch) {
        core.adopt(epoch);
    }

    @Override
    public void execute(long epoch, long incarnation, List<Chain> chains, long journaledUpTo) {
        core.execute(epoch, incarnation, chains, journaledUpTo, 0);
    }

    @Override
    public void finished(Chain chain) {
        core.finished(chain);
    }

    @Override
    public void synced(byte status) {
        core.synced(status);
    }

    @Override
    public void settle() {
        core.settle();
    }

    @Override
    public void start(Chain chain) {
        effects.start(chain);
    }

    @Override
    public void sync(int chains) {
        effects.sync();
    }

    @Override
    public void adopted(long epoch, List<Chain> running, List<Chain> done) {
        effects.adopted(epoch, running, done);
    }

    @Override
    public void executed(long epoch, List<Chain> chains) {
        effects.executed(epoch, chains);
    }

    @Override
    public void ended(Chain chain, long sinceNanos) {
        if (sinceNanos != 0) {
            throw new AssertionError(chain + " ended with another time than it arrived at");
        }
    }

    @Override
    public void overlapRefused(Chain chain) {
        throw new AssertionError("I4: the host had to refuse " + chain);
    }
}
