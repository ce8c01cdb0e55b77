package io.chainring.ring.simulation;

import io.chainring.ring.execute.Chain;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One executor incarnation, as the protocol in {@link io.chainring.ring.execute} demands it. Its workers outlive it;
 * the next incarnation adopts nobody before they are done (H1).
 */
final class SimExecutor {
    final int incarnation;
    private final World world;
    private final List<Chain> running = new ArrayList<>();
    private final List<Chain> done = new ArrayList<>();
    private final List<Chain> unsent = new ArrayList<>();
    private final Set<ChainId> executed = new HashSet<>();
    private long epoch;
    private String replyTo = "";
    private boolean mustAnswer;
    private long outcomeSequence;
    private boolean alive = true;

    SimExecutor(World world, int incarnation) {
        this.world = world;
        this.incarnation = incarnation;
    }

    boolean isAlive() {
        return alive;
    }

    /** Its workers go on. */
    void die() {
        alive = false;
    }

    String name() {
        return "executor-" + incarnation;
    }

    void adopt(long newEpoch, SimBackend backend) {
        if (newEpoch < epoch || !alive) {
            return;
        }
        epoch = newEpoch;
        replyTo = backend.name();
        mustAnswer = true;
        answerWhenIdle();
    }

    /** No answer while a worker of an earlier incarnation still runs. */
    void answerWhenIdle() {
        boolean idle =
                world.store.running().stream()
                        .allMatch(one -> one.executorIncarnation == incarnation);
        if (mustAnswer && idle) {
            mustAnswer = false;
            unsent.clear();
            long answerTo = epoch;
            List<Chain> runs = List.copyOf(running);
            List<Chain> outcomes = List.copyOf(done);
            world.toBackend(
                    name(),
                    replyTo,
                    () -> "Adopted " + runs + outcomes,
                    backend -> {
                        world.checks.adopted(runs, outcomes);
                        backend.adopted(
                                answerTo, incarnation, world.store.capacityBytes(), runs, outcomes);
                    });
        }
    }

    void execute(long ofEpoch, long ofIncarnation, List<Chain> chains, long journaledUpTo) {
        if (!alive || ofEpoch != epoch || ofIncarnation != incarnation) {
            return;
        }
        done.removeIf(chain -> chain.outcomeSequence() <= journaledUpTo);
        for (Chain chain : chains) {
            world.checks.executionStarts(chain);
            Violation.check(
                    executed.add(ChainId.of(chain)),
                    "K4",
                    () -> chain + " is executed twice though its executor lived");
            running.add(chain);
            world.store.begin(chain, incarnation, world.checks.opOf(chain));
        }
        Violation.check(
                running.size() + done.size()
                        <= 2 * world.settings.limits().inFlightLimitChains()
                                + world.settings.limits().batchLimitChains(),
                "I10",
                () -> running.size() + " running and " + done.size() + " done");
    }

    void finished(Chain chain) {
        running.remove(chain);
        chain.outcomeSequence(++outcomeSequence);
        done.add(chain);
        if (!mustAnswer) {
            unsent.add(chain);
        }
    }

    boolean hasUnsent() {
        return !unsent.isEmpty();
    }

    void report() {
        List<Chain> chains = List.copyOf(unsent);
        unsent.clear();
        long reported = epoch;
        world.toBackend(
                name(),
                replyTo,
                () -> "Executed " + chains,
                backend -> backend.executed(reported, incarnation, chains));
    }
}
