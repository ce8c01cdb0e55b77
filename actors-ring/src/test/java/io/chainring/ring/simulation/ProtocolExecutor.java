package io.chainring.ring.simulation;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import java.util.ArrayList;
import java.util.List;

/** The plainest executor that keeps the protocol; the real one is driven where it lives. */
final class ProtocolExecutor implements ExecutorModel {
    private final long incarnation;
    private final Effects effects;
    private final List<Chain> running = new ArrayList<>();
    private final List<Chain> done = new ArrayList<>();
    private final List<Chain> unsent = new ArrayList<>();
    private final List<Chain> waitForSync = new ArrayList<>();
    private final List<Chain> syncing = new ArrayList<>();
    private boolean quiescing = true;
    private boolean mustAnswer;
    private long epoch;
    private long outcomeSequence;

    ProtocolExecutor(long incarnation, Effects effects) {
        this.incarnation = incarnation;
        this.effects = effects;
    }

    @Override
    public void predecessorsIdle() {
        quiescing = false;
        answer();
    }

    @Override
    public void adopt(long newEpoch) {
        if (newEpoch >= epoch) {
            epoch = newEpoch;
            mustAnswer = true;
            answer();
        }
    }

    private void answer() {
        if (mustAnswer && !quiescing) {
            mustAnswer = false;
            unsent.clear();
            effects.adopted(epoch, List.copyOf(running), List.copyOf(done));
        }
    }

    @Override
    public void execute(long ofEpoch, long forIncarnation, List<Chain> chains, long journaledUpTo) {
        if (quiescing || ofEpoch != epoch || forIncarnation != incarnation) {
            return;
        }
        done.removeIf(chain -> chain.outcomeSequence() <= journaledUpTo);
        running.addAll(chains);
        for (Chain chain : chains) {
            if (chain.operation() == Operation.FLUSH) {
                waitForSync.add(chain);
            } else {
                effects.start(chain);
            }
        }
    }

    @Override
    public void finished(Chain chain) {
        boolean fua = (chain.flags() & RequestHeader.FLAG_FUA) != 0;
        if (fua && chain.operation().writes() && chain.status() == ChainStatus.OK) {
            waitForSync.add(chain);
        } else {
            end(chain);
        }
    }

    @Override
    public void synced(byte status) {
        for (Chain chain : syncing) {
            chain.finish(status, 0);
            end(chain);
        }
        syncing.clear();
    }

    private void end(Chain chain) {
        running.remove(chain);
        chain.outcomeSequence(++outcomeSequence);
        done.add(chain);
        unsent.add(chain);
    }

    @Override
    public void settle() {
        if (syncing.isEmpty() && !waitForSync.isEmpty()) {
            syncing.addAll(waitForSync);
            waitForSync.clear();
            effects.sync();
        }
        if (!unsent.isEmpty()) {
            effects.executed(epoch, List.copyOf(unsent));
            unsent.clear();
        }
    }
}
