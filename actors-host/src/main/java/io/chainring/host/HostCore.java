package io.chainring.host;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The decisions of one host incarnation: state x input to effects, without actors, threads or clock.
 *
 * <pre>
 *               predecessorsIdle                adopt(epoch)
 *   QUIESCING ------------------> UNADOPTED ------------------> ADOPTED --+
 *       |                                                         ^  ^    | adopt(later epoch)
 *       |  adopt(epoch): remembered                               |  +----+
 *       +---- predecessorsIdle, an adoption waiting --------------+
 *
 *   a chain:  execute --> running ----------------------------> done ---> forgotten
 *                           |       finished                     ^        journaledUpTo
 *                           +--> waits for a sync --> syncing ---+
 *                                (flush; good FUA write)   synced
 * </pre>
 *
 * What it holds to:
 *
 * <ul>
 *   <li><b>I6</b>: it obeys one epoch, the latest that introduced itself; an execute of another epoch or
 *       meant for another incarnation is ignored. Nothing starts, and no adoption is answered, before the
 *       workers of earlier incarnations are idle (H1).
 *   <li><b>K4, K5</b>: what runs and what is done but not journaled outlives the backend; the next epoch is
 *       told of both. An outcome is kept until a backend says that it is journaled.
 *   <li><b>I4</b>: the backend admits no overlap with a write; should it fail to, the later chain ends with an
 *       I/O error here instead of racing with the earlier.
 *   <li><b>I8</b>: flushes and FUA writes share syncs. A sync under way began before those that come
 *       meanwhile, so these wait for the next one; one sync at a time, each for all that wait when it begins.
 *   <li><b>I10</b>: chains that run or are remembered are bounded by outstandingLimitChains.
 * </ul>
 *
 * After each input or a bunch of them the caller calls {@link #settle}, which reports and syncs for all
 * of them at once. {@link HostEffects#start} and {@link HostEffects#sync} may come back with their
 * outcome before they return.
 */
public final class HostCore {
    private static final Logger LOG = LoggerFactory.getLogger(HostCore.class);

    /** Where an incarnation stands. */
    public enum State {
        QUIESCING,
        UNADOPTED,
        ADOPTED
    }

    private static final long NONE = -1;

    private final long incarnation;
    private final int outstandingLimitChains;
    private final HostEffects effects;

    private State state = State.QUIESCING;
    private long epoch = NONE;
    private boolean adoptionWaits;

    private final RunningChains running = new RunningChains();
    private final ArrayDeque<Chain> done = new ArrayDeque<>();
    private List<Chain> unreported = new ArrayList<>();
    private long outcomeSequence;

    private final List<Chain> waitForSync = new ArrayList<>();
    private final List<Chain> syncing = new ArrayList<>();
    private boolean syncUnderWay;

    /**
     * @param incarnation counts the hosts of this disk; told to the backend
     * @param outstandingLimitChains most chains that run or are done and not journaled
     */
    public HostCore(long incarnation, int outstandingLimitChains, HostEffects effects) {
        this.incarnation = incarnation;
        this.outstandingLimitChains = outstandingLimitChains;
        this.effects = effects;
    }

    public State state() {
        return state;
    }

    /** The epoch that it obeys; -1 before the first. */
    public long adoptedEpoch() {
        return epoch;
    }

    /** Chains that were given and have no outcome yet. */
    public int runningChains() {
        return running.count();
    }

    /** Chains whose outcome is kept until it is journaled. */
    public int doneChains() {
        return done.size();
    }

    /** No worker of an earlier incarnation is inside of the store any more. */
    public void predecessorsIdle() {
        if (state != State.QUIESCING) {
            throw new IllegalStateException("told twice that predecessors are idle");
        }
        state = State.UNADOPTED;
        if (adoptionWaits) {
            adoptionWaits = false;
            answerAdoption();
        }
    }

    /** Whether {@link #adopt} would take this epoch: not one before the adopted one. */
    public boolean accepts(long newEpoch) {
        return newEpoch >= epoch;
    }

    /** A backend introduces itself; again is allowed, and answered again. */
    public void adopt(long newEpoch) {
        if (!accepts(newEpoch)) {
            LOG.debug("ignored epoch {}: {} is adopted", newEpoch, epoch);
            return;
        }
        epoch = newEpoch;
        if (state == State.QUIESCING) {
            adoptionWaits = true;
        } else {
            answerAdoption();
        }
    }

    private void answerAdoption() {
        state = State.ADOPTED;
        // The answer holds every outcome that was not journaled, so none is left to be reported.
        unreported = new ArrayList<>();
        effects.adopted(epoch, running.inBeginOrder(), new ArrayList<>(done));
    }

    /**
     * Chains to execute.
     *
     * @param nowNanos when they arrived; comes back in {@link HostEffects#ended}
     * @return false when they were ignored: not of the adopted epoch, or for another incarnation
     * @throws IllegalStateException when the sender breaks a limit, or acknowledges what never was
     */
    public boolean execute(
            long ofEpoch,
            long forIncarnation,
            List<Chain> chains,
            long journaledUpTo,
            long nowNanos) {
        if (state != State.ADOPTED || ofEpoch != epoch || forIncarnation != incarnation) {
            LOG.debug(
                    "ignored {} chains of epoch {} for incarnation {}: {} at epoch {}, incarnation {}",
                    chains.size(),
                    ofEpoch,
                    forIncarnation,
                    state,
                    epoch,
                    incarnation);
            return false;
        }
        forget(journaledUpTo);
        int outstanding = running.count() + done.size() + chains.size();
        if (outstanding > outstandingLimitChains) {
            throw new IllegalStateException(
                    outstanding
                            + " chains are outstanding, above the limit of "
                            + outstandingLimitChains
                            + " (chainring.host.outstanding-limit-chains)");
        }
        List<Chain> admitted = admit(chains, nowNanos);
        for (Chain chain : admitted) {
            if (chain.operation() == Operation.FLUSH) {
                waitForSync.add(chain);
            } else {
                effects.start(chain);
            }
        }
        return true;
    }

    /** All ranges are taken before the first chain starts: two of one batch may not overlap either. */
    private List<Chain> admit(List<Chain> chains, long nowNanos) {
        List<Chain> admitted = chains;
        for (int i = 0; i < chains.size(); i++) {
            Chain chain = chains.get(i);
            if (running.add(chain, nowNanos)) {
                if (admitted != chains) {
                    admitted.add(chain);
                }
            } else {
                if (admitted == chains) {
                    admitted = new ArrayList<>(chains.subList(0, i));
                }
                refuse(chain, nowNanos);
            }
        }
        return admitted;
    }

    private void refuse(Chain chain, long nowNanos) {
        LOG.error(
                "refused {}: it overlaps a running chain, which its sender must not let happen",
                chain);
        chain.finish(ChainStatus.IOERR, 0);
        effects.overlapRefused(chain);
        keep(chain, nowNanos);
    }

    private void forget(long journaledUpTo) {
        if (journaledUpTo > outcomeSequence) {
            throw new IllegalStateException(
                    "outcome %s is said to be journaled, the last one was %s"
                            .formatted(journaledUpTo, outcomeSequence));
        }
        Chain oldest = done.peekFirst();
        while (oldest != null && oldest.outcomeSequence() <= journaledUpTo) {
            done.removeFirst();
            oldest = done.peekFirst();
        }
    }

    /** A started chain was executed and has its outcome set. */
    public void finished(Chain chain) {
        if (needsSync(chain)) {
            waitForSync.add(chain);
        } else {
            end(chain);
        }
    }

    private static boolean needsSync(Chain chain) {
        return (chain.flags() & RequestHeader.FLAG_FUA) != 0
                && chain.operation().writes()
                && chain.status() == ChainStatus.OK;
    }

    /**
     * The sync under way came to its end.
     *
     * @param status one of {@link ChainStatus}
     */
    public void synced(byte status) {
        if (!syncUnderWay) {
            throw new IllegalStateException("a sync ended that nobody asked for");
        }
        syncUnderWay = false;
        for (Chain chain : syncing) {
            chain.finish(status, 0);
            end(chain);
        }
        syncing.clear();
    }

    private void end(Chain chain) {
        keep(chain, running.remove(chain));
    }

    private void keep(Chain chain, long sinceNanos) {
        chain.outcomeSequence(++outcomeSequence);
        done.addLast(chain);
        unreported.add(chain);
        effects.ended(chain, sinceNanos);
    }

    /** Syncs if something waits for it, and reports the outcomes that there are. */
    public void settle() {
        while (!syncUnderWay && !waitForSync.isEmpty()) {
            syncUnderWay = true;
            syncing.addAll(waitForSync);
            waitForSync.clear();
            effects.sync(syncing.size());
        }
        if (!unreported.isEmpty()) {
            List<Chain> report = unreported;
            unreported = new ArrayList<>();
            effects.executed(epoch, report);
        }
    }
}
