package io.chainring.ring.turn;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.ChainStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the backend knows of its executor: which incarnation has adopted this epoch, what it holds from before, and the
 * outcomes that arrived and are not recorded.
 */
final class ExecutorSide {
    private final RingTable rings;
    private final Admission admission;
    private final Usefulness use;
    private final List<Chain> outcomes = new ArrayList<>();
    private final Set<Chain> toFail = new HashSet<>();
    private boolean adopted;
    private List<Chain> runs = List.of();
    private List<Chain> done = List.of();
    private long incarnation;
    private long journaledOutcome;

    ExecutorSide(RingTable rings, Admission admission, Usefulness use) {
        this.rings = rings;
        this.admission = admission;
        this.use = use;
    }

    boolean hasAdopted() {
        return adopted;
    }

    long incarnation() {
        return incarnation;
    }

    /** Outcomes up to this one are journaled: the executor may forget them. */
    long journaledOutcome() {
        return journaledOutcome;
    }

    boolean hasOutcomes() {
        return !outcomes.isEmpty();
    }

    /** Chains that the executor runs, as it said when it adopted this epoch. */
    List<Chain> runs() {
        return runs;
    }

    /** Another incarnation stands ready and has not answered. */
    void changed() {
        adopted = false;
    }

    /**
     * The executor has adopted this epoch.
     *
     * @param recording the record under way, or null
     */
    void adopted(
            long executorIncarnation,
            List<Chain> running,
            List<Chain> unreported,
            @Nullable TurnRecord recording) {
        adopted = true;
        runs = running;
        done = unreported;
        use.executed(executorIncarnation, unreported.size());
        if (executorIncarnation == incarnation) {
            return;
        }
        // Outcomes of an earlier incarnation say nothing about how many the present one may forget.
        incarnation = executorIncarnation;
        journaledOutcome = 0;
        outcomes.forEach(chain -> chain.outcomeSequence(0));
        if (recording != null) {
            recording.lastOutcomeSequence = 0;
        }
    }

    void arrived(List<Chain> chains) {
        outcomes.addAll(chains);
        use.executed(incarnation, chains.size());
    }

    void recorded(TurnRecord turn) {
        journaledOutcome = Math.max(journaledOutcome, turn.lastOutcomeSequence);
    }

    /** These end with an I/O error, whatever comes of them. */
    void fail(Collection<Chain> chains) {
        toFail.addAll(chains);
    }

    /**
     * Gives each live chain its place: it runs, it is done, or it has to be executed (again).
     *
     * @param recording the record under way, or null: what it begins is handed over when it is acknowledged, not
     *     before (I1)
     * @return the last ones, in begin order
     */
    List<Chain> sortOut(@Nullable TurnRecord recording) {
        Set<Chain> cared = caredFor(recording);
        List<Chain> execute = new ArrayList<>();
        for (AttachedRing ring : rings.all()) {
            for (Chain chain : ring.live) {
                if (chain != null && !cared.contains(chain)) {
                    execute.add(chain);
                }
            }
        }
        if (recording == null) {
            forgetJournaled();
        }
        outcomes.addAll(0, done);
        runs = List.of();
        done = List.of();
        execute.sort((a, b) -> Long.compare(a.beginSequence(), b.beginSequence()));
        execute.removeIf(this::failInstead);
        return execute;
    }

    /** The live chains that need no execution: begun by the record under way, running, or with an outcome. */
    private Set<Chain> caredFor(@Nullable TurnRecord recording) {
        Set<Chain> cared = new HashSet<>();
        if (recording != null) {
            cared.addAll(recording.toExecute);
        }
        for (List<Chain> held : List.of(runs, done, outcomes)) {
            for (Chain chain : held) {
                Chain live = liveOf(chain);
                if (live != null) {
                    cared.add(live);
                }
            }
        }
        return cared;
    }

    /**
     * What is done and not live is journaled already, by an incarnation that died before it could say so: the executor
     * may forget it, or it would keep more with each death (I10). Outcomes are journaled in their order.
     */
    private void forgetJournaled() {
        for (Chain chain : done) {
            if (liveOf(chain) != null) {
                return;
            }
            journaledOutcome = Math.max(journaledOutcome, chain.outcomeSequence());
        }
    }

    private @Nullable Chain liveOf(Chain outcome) {
        AttachedRing ring = rings.byId(outcome.ringId());
        return ring == null ? null : ring.liveChain(outcome.head(), outcome.generation());
    }

    /** A chain that may not be executed again gets its outcome here; {@link #collect} makes it an error. */
    private boolean failInstead(Chain chain) {
        if (toFail.contains(chain)) {
            chain.finish(ChainStatus.IOERR, 0);
            chain.outcomeSequence(0);
            outcomes.add(chain);
            return true;
        }
        return false;
    }

    /** Moves the outcomes that arrived into a record and frees their ranges. An outcome of nothing live is old news. */
    void collect(TurnRecord turn, FlightAges ages) {
        for (Chain outcome : outcomes) {
            turn.lastOutcomeSequence =
                    Math.max(turn.lastOutcomeSequence, outcome.outcomeSequence());
            AttachedRing ring = rings.byId(outcome.ringId());
            Chain live = ring == null ? null : ring.liveChain(outcome.head(), outcome.generation());
            if (ring == null || live == null) {
                continue;
            }
            ring.end(live.head());
            admission.release(live);
            ages.ended(live.beginSequence());
            boolean failed = toFail.remove(live);
            turn.complete(
                    ring,
                    live.head(),
                    live.generation(),
                    failed ? ChainStatus.IOERR : outcome.status(),
                    failed ? 0 : outcome.writtenBytes());
        }
        outcomes.clear();
    }
}
