package io.chainring.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Long random runs of the core between a backend that dies and comes back, and a store that answers when
 * it likes. Checked after every step: a chain gets one outcome (I5), never starts twice (K4), no overlap
 * is inside of the store (I4), a sync covers only what it began after (I8), outcomes come in order, and
 * an epoch that adopts is told of all that earlier ones did not journal (K4, K5).
 */
class HostCoreSimulationTest {
    private static final int RUNS = 40;
    private static final int STEPS = 3000;
    private static final int LIMIT = 256;

    @Test
    void holdsItsInvariants() {
        long seed = Seed.next("HostCoreSimulationTest");
        for (int run = 0; run < RUNS; run++) {
            Simulation simulation = new Simulation(seed + run);
            try {
                for (int step = 0; step < STEPS; step++) {
                    simulation.step();
                }
                simulation.finish();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + " run " + run, e);
            }
        }
    }

    private static final class Simulation implements HostEffects {
        final Random random;
        final Chains chains = new Chains();
        final HostCore core = new HostCore(1, LIMIT, this);

        // The store.
        final List<Chain> inside = new ArrayList<>();
        final Set<Chain> everStarted = new HashSet<>();
        final Map<Chain, Integer> flushArrived = new HashMap<>();
        int syncsBegun;
        boolean syncing;

        // The backend's side: what it gave and has not journaled the outcome of.
        final Set<Chain> given = new HashSet<>();
        final Set<Chain> outcomes = new HashSet<>();
        final List<Chain> journaling = new ArrayList<>();
        long epoch;
        boolean adoptedNow;
        long lastOutcome;
        long journaledUpTo;
        int refused;

        Simulation(long seed) {
            random = new Random(seed);
        }

        void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> giveBatch();
                case 3, 4, 5, 6 -> finishSome();
                case 7, 8 -> syncEnds();
                case 9, 10 -> journal();
                default -> {
                    if (random.nextInt(8) == 0) {
                        newEpoch();
                    }
                }
            }
            core.settle();
            check();
        }

        void newEpoch() {
            if (core.state() == HostCore.State.QUIESCING && random.nextBoolean()) {
                core.predecessorsIdle();
            }
            epoch++;
            adoptedNow = false;
            core.adopt(epoch);
            if (core.state() == HostCore.State.QUIESCING && random.nextBoolean()) {
                core.predecessorsIdle();
            }
        }

        void giveBatch() {
            if (!adoptedNow) {
                Chain stranger = chains.read(0, 512);
                assertFalse(core.execute(epoch + 1, 1, List.of(stranger), 0, 0));
                return;
            }
            List<Chain> batch = new ArrayList<>();
            int size = random.nextInt(8);
            for (int i = 0; i < size && given.size() + batch.size() < LIMIT; i++) {
                Chain chain = randomChain();
                if (noOverlap(chain, given) && noOverlap(chain, batch)) {
                    batch.add(chain);
                }
            }
            given.addAll(batch);
            for (Chain chain : batch) {
                if (chain.operation() == Operation.FLUSH) {
                    flushArrived.put(chain, syncsBegun);
                }
            }
            assertTrue(core.execute(epoch, 1, batch, journaledUpTo, 0));
            if (random.nextInt(50) == 0) {
                giveOverlap();
            }
        }

        void giveOverlap() {
            for (Chain victim : inside) {
                if (victim.operation().writes() && victim.lengthBytes() > 0 && room() > 0) {
                    Chain bad = chains.write(victim.offsetBytes(), 512, 0);
                    given.add(bad);
                    refused++;
                    core.execute(epoch, 1, List.of(bad), journaledUpTo, 0);
                    assertEquals(ChainStatus.IOERR, bad.status());
                    assertEquals(0, refused);
                    return;
                }
            }
        }

        int room() {
            return LIMIT - core.runningChains() - core.doneChains();
        }

        Chain randomChain() {
            int unit = random.nextBoolean() ? 512 : 100;
            long offset = random.nextInt(64) * (long) unit;
            int length = (1 + random.nextInt(4)) * unit;
            int fua = random.nextInt(4) == 0 ? RequestHeader.FLAG_FUA : 0;
            return switch (random.nextInt(6)) {
                case 0 -> chains.flush();
                case 1 -> chains.of(Operation.DISCARD, offset, length, fua);
                case 2, 3 -> chains.write(offset, length, fua);
                default -> chains.read(offset, length);
            };
        }

        void finishSome() {
            int count = random.nextInt(4);
            for (int i = 0; i < count && !inside.isEmpty(); i++) {
                Chain chain = inside.remove(random.nextInt(inside.size()));
                boolean good = random.nextInt(10) != 0;
                chain.finish(good ? ChainStatus.OK : ChainStatus.IOERR, 0);
                if (good && (chain.flags() & RequestHeader.FLAG_FUA) != 0) {
                    flushArrived.put(chain, syncsBegun);
                }
                core.finished(chain);
            }
        }

        void syncEnds() {
            if (syncing) {
                syncing = false;
                core.synced(random.nextInt(10) == 0 ? ChainStatus.IOERR : ChainStatus.OK);
            }
        }

        void journal() {
            for (Chain chain : journaling) {
                journaledUpTo = Math.max(journaledUpTo, chain.outcomeSequence());
                given.remove(chain);
            }
            journaling.clear();
        }

        void finish() {
            if (core.state() == HostCore.State.QUIESCING) {
                core.predecessorsIdle();
            }
            newEpoch();
            while (core.runningChains() > 0) {
                finishSome();
                syncEnds();
                core.settle();
            }
            journal();
            assertTrue(core.execute(epoch, 1, List.of(), journaledUpTo, 0));
            assertEquals(Set.of(), given);
            assertEquals(0, core.doneChains());
            assertTrue(everStarted.size() > STEPS / 10, "hardly anything ran");
        }

        void check() {
            for (Chain a : inside) {
                assertTrue(
                        noOverlap(a, inside.stream().filter(b -> b != a).toList()), a.toString());
            }
            assertTrue(core.runningChains() + core.doneChains() <= LIMIT);
        }

        @Override
        public void start(Chain chain) {
            assertTrue(everStarted.add(chain), "started twice: " + chain);
            assertTrue(given.contains(chain));
            inside.add(chain);
            if (random.nextInt(3) == 0) {
                inside.remove(chain);
                chain.finish(ChainStatus.OK, 0);
                if ((chain.flags() & RequestHeader.FLAG_FUA) != 0) {
                    flushArrived.put(chain, syncsBegun);
                }
                core.finished(chain);
            }
        }

        @Override
        public void sync(int count) {
            assertFalse(syncing, "one sync at a time");
            assertTrue(count > 0);
            syncsBegun++;
            if (random.nextInt(3) == 0) {
                core.synced(ChainStatus.OK);
            } else {
                syncing = true;
            }
        }

        @Override
        public void adopted(long ofEpoch, List<Chain> running, List<Chain> done) {
            assertEquals(epoch, ofEpoch);
            adoptedNow = true;
            Set<Chain> expected = new HashSet<>(given);
            for (Chain chain : running) {
                assertTrue(expected.remove(chain), "unknown, or told twice: " + chain);
                assertFalse(outcomes.contains(chain), "has an outcome: " + chain);
            }
            long sequence = 0;
            journaling.clear();
            for (Chain chain : done) {
                assertTrue(outcomes.contains(chain));
                assertTrue(chain.outcomeSequence() > sequence);
                sequence = chain.outcomeSequence();
                // Journaled ones not yet acknowledged may come again; the rest must.
                expected.remove(chain);
                journaling.add(chain);
            }
            assertEquals(Set.of(), expected, "chains that the host forgot");
        }

        @Override
        public void executed(long ofEpoch, List<Chain> reported) {
            assertEquals(epoch, ofEpoch);
            for (Chain chain : reported) {
                assertTrue(chain.outcomeSequence() > lastReported(), "out of order");
                journaling.add(chain);
            }
        }

        private long lastReported() {
            return journaling.isEmpty()
                    ? 0
                    : journaling.get(journaling.size() - 1).outcomeSequence();
        }

        @Override
        public void ended(Chain chain, long sinceNanos) {
            assertTrue(outcomes.add(chain), "two outcomes: " + chain);
            assertEquals(lastOutcome + 1, chain.outcomeSequence());
            lastOutcome = chain.outcomeSequence();
            Integer arrived = flushArrived.remove(chain);
            if (arrived != null && chain.status() == ChainStatus.OK) {
                assertTrue(
                        syncsBegun > arrived,
                        "ended by a sync that began before it came: " + chain);
            }
        }

        @Override
        public void overlapRefused(Chain chain) {
            refused--;
            assertTrue(given.contains(chain));
        }

        private static boolean noOverlap(Chain chain, Iterable<Chain> others) {
            for (Chain other : others) {
                boolean overlap =
                        chain.offsetBytes() < other.offsetBytes() + other.lengthBytes()
                                && other.offsetBytes() < chain.offsetBytes() + chain.lengthBytes();
                if (overlap && (chain.operation().writes() || other.operation().writes())) {
                    return false;
                }
            }
            return true;
        }
    }
}
