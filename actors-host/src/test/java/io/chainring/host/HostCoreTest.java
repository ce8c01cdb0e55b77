package io.chainring.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.RequestHeader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The host's decisions, one by one. */
class HostCoreTest {
    private static final long INCARNATION = 3;

    private final Recorder told = new Recorder();
    private final HostCore core = new HostCore(INCARNATION, 10, told);
    private final Chains chains = new Chains();

    /** Keeps what the core wants. */
    private static final class Recorder implements HostEffects {
        final List<Chain> started = new ArrayList<>();
        final List<Integer> syncs = new ArrayList<>();
        final List<Chain> reported = new ArrayList<>();
        final List<Chain> refused = new ArrayList<>();
        final List<String> adoptions = new ArrayList<>();
        List<Chain> running = List.of();
        List<Chain> done = List.of();

        @Override
        public void start(Chain chain) {
            started.add(chain);
        }

        @Override
        public void sync(int chains) {
            syncs.add(chains);
        }

        @Override
        public void adopted(long epoch, List<Chain> runningChains, List<Chain> doneChains) {
            adoptions.add("epoch " + epoch);
            running = runningChains;
            done = doneChains;
        }

        @Override
        public void executed(long epoch, List<Chain> chains) {
            reported.addAll(chains);
        }

        @Override
        public void ended(Chain chain, long sinceNanos) {
            assertEquals(7, sinceNanos);
        }

        @Override
        public void overlapRefused(Chain chain) {
            refused.add(chain);
        }
    }

    private boolean execute(long epoch, long journaledUpTo, Chain... given) {
        boolean taken = core.execute(epoch, INCARNATION, List.of(given), journaledUpTo, 7);
        core.settle();
        return taken;
    }

    private void finish(Chain chain, byte status) {
        chain.finish(status, 0);
        core.finished(chain);
        core.settle();
    }

    private void adopt(long epoch) {
        core.predecessorsIdle();
        core.adopt(epoch);
    }

    @Test
    void answersNoAdoptionWhilePredecessorsWork() {
        core.adopt(1);
        core.adopt(2);
        assertEquals(HostCore.State.QUIESCING, core.state());
        assertFalse(execute(2, 0, chains.read(0, 512)), "nothing starts meanwhile");
        assertTrue(told.adoptions.isEmpty());
        core.predecessorsIdle();
        assertEquals(List.of("epoch 2"), told.adoptions);
        assertTrue(told.started.isEmpty());
        assertThrows(IllegalStateException.class, core::predecessorsIdle);
    }

    @Test
    void obeysTheLatestEpochAndItsOwnIncarnationOnly() {
        assertFalse(execute(1, 0, chains.read(0, 512)), "nobody is adopted");
        adopt(5);
        assertFalse(execute(4, 0, chains.read(0, 512)));
        assertFalse(execute(6, 0, chains.read(0, 512)));
        assertFalse(core.execute(5, INCARNATION - 1, List.of(chains.read(0, 512)), 0, 7));
        assertTrue(told.started.isEmpty());
        assertFalse(core.accepts(4));
        core.adopt(4);
        assertEquals(List.of("epoch 5"), told.adoptions);
        Chain mine = chains.read(0, 512);
        assertTrue(execute(5, 0, mine));
        assertEquals(List.of(mine), told.started);
    }

    @Test
    void reportsOutcomesInTheirOrderAndNumbersThem() {
        adopt(1);
        Chain a = chains.read(0, 512);
        Chain b = chains.read(512, 512);
        execute(1, 0, a, b);
        finish(b, ChainStatus.OK);
        finish(a, ChainStatus.IOERR);
        assertEquals(List.of(b, a), told.reported);
        assertEquals(1, b.outcomeSequence());
        assertEquals(2, a.outcomeSequence());
        assertEquals(0, core.runningChains());
        assertEquals(2, core.doneChains());
        assertThrows(IllegalStateException.class, () -> core.finished(a));
    }

    /** K4, K5. */
    @Test
    void tellsALaterEpochWhatRunsAndWhatIsDoneButNotJournaled() {
        adopt(1);
        Chain runs = chains.write(0, 512, 0);
        Chain journaled = chains.write(512, 512, 0);
        Chain done = chains.write(1024, 512, 0);
        execute(1, 0, runs, journaled);
        finish(journaled, ChainStatus.OK);
        execute(1, 1, done);
        finish(done, ChainStatus.NOSPC);
        told.reported.clear();

        core.adopt(2);
        assertEquals(List.of(runs), told.running);
        assertEquals(List.of(done), told.done);
        core.settle();
        assertTrue(told.reported.isEmpty(), "what was told in the adoption is not told again");
        finish(runs, ChainStatus.OK);
        assertEquals(List.of(runs), told.reported);
        core.adopt(3);
        assertEquals(List.of(), told.running);
        assertEquals(List.of(done, runs), told.done);
        assertFalse(execute(2, 3));
        assertEquals(2, core.doneChains(), "an earlier epoch acknowledges nothing");
        assertTrue(execute(3, 3));
        assertEquals(0, core.doneChains());
    }

    @Test
    void answersARepeatedAdoption() {
        adopt(1);
        core.adopt(1);
        assertEquals(List.of("epoch 1", "epoch 1"), told.adoptions);
    }

    /** I4, as far as this side can hold it. */
    @Test
    void refusesWhatOverlapsARunningChain() {
        adopt(1);
        Chain write = chains.write(1024, 1024, 0);
        Chain beside = chains.read(0, 1024);
        Chain reads = chains.read(1536, 1024);
        Chain alike = chains.read(0, 512);
        execute(1, 0, write, beside, reads, alike);
        assertEquals(List.of(write, beside, alike), told.started);
        assertEquals(List.of(reads), told.refused);
        assertEquals(List.of(reads), told.reported);
        assertEquals(ChainStatus.IOERR, reads.status());
        Chain later = chains.write(0, 512, 0);
        execute(1, 0, later);
        assertEquals(ChainStatus.IOERR, later.status());
        finish(beside, ChainStatus.OK);
        finish(alike, ChainStatus.OK);
        Chain free = chains.write(0, 512, 0);
        execute(1, 0, free);
        assertEquals(List.of(write, beside, alike, free), told.started);
    }

    /** I8: a sync under way began too early for whoever comes meanwhile. */
    @Test
    void groupsFlushesIntoSyncsThatBeginAfterThem() {
        adopt(1);
        Chain a = chains.flush();
        Chain b = chains.flush();
        Chain fua = chains.write(0, 512, RequestHeader.FLAG_FUA);
        execute(1, 0, a, b, fua);
        assertEquals(List.of(fua), told.started);
        assertEquals(List.of(2), told.syncs);
        finish(fua, ChainStatus.OK);
        Chain c = chains.flush();
        execute(1, 0, c);
        assertEquals(List.of(2), told.syncs, "one at a time");
        assertTrue(told.reported.isEmpty());

        core.synced(ChainStatus.OK);
        core.settle();
        assertEquals(List.of(a, b), told.reported);
        assertEquals(List.of(2, 2), told.syncs);
        core.synced(ChainStatus.IOERR);
        core.settle();
        assertEquals(List.of(a, b, fua, c), told.reported);
        assertEquals(ChainStatus.OK, a.status());
        assertEquals(ChainStatus.IOERR, fua.status());
        assertEquals(ChainStatus.IOERR, c.status());
        assertThrows(IllegalStateException.class, () -> core.synced(ChainStatus.OK));
    }

    @Test
    void syncsOnlyForChangesThatWentWell() {
        adopt(1);
        Chain bad = chains.write(0, 512, RequestHeader.FLAG_FUA);
        Chain read = chains.read(512, 512);
        execute(1, 0, bad, read);
        finish(bad, ChainStatus.NOSPC);
        finish(read, ChainStatus.OK);
        assertTrue(told.syncs.isEmpty());
        assertEquals(List.of(bad, read), told.reported);
        assertEquals(ChainStatus.NOSPC, bad.status());
    }

    /** I10. */
    @Test
    void failsWhenABackendBreaksItsLimits() {
        adopt(1);
        Chain[] ten = new Chain[10];
        for (int i = 0; i < ten.length; i++) {
            ten[i] = chains.read(0, 512);
        }
        execute(1, 0, ten);
        finish(ten[0], ChainStatus.OK);
        assertThrows(IllegalStateException.class, () -> execute(1, 0, chains.read(0, 512)));
        assertTrue(execute(1, 1, chains.read(0, 512)));
        assertThrows(IllegalStateException.class, () -> execute(1, 2));
    }
}
