package io.chainring.ring.turn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.Operation;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The age of the oldest chain in flight (scenario J1). */
class FlightAgesTest {
    @Test
    void j1_isThatOfTheOldestWhateverComesAndGoes() {
        long seed = Long.getLong("chainring.seed", System.nanoTime());
        System.out.println("chainring.seed=" + seed);
        Random random = new Random(seed);
        FlightAges ages = new FlightAges();
        TreeMap<Long, Long> live = new TreeMap<>();
        long sequence = 1;
        for (long now = 1; now < 50_000; now++) {
            int begins = random.nextInt(4);
            if (begins > 0 && live.size() < 300) {
                ages.begun(sequence, begins, now);
                for (int i = 0; i < begins; i++) {
                    live.put(sequence++, now);
                }
            }
            // Now and then one stays for long while others come and go.
            while (live.size() > 1 && random.nextInt(5) > 1) {
                Long ends = live.lowerKey(live.lastKey() - random.nextInt(live.size()));
                ends = ends == null || random.nextInt(40) > 0 ? live.lastKey() : ends;
                live.remove(ends);
                ages.ended(ends);
            }
            if (random.nextInt(500) == 0) {
                live.keySet().removeIf(each -> random.nextInt(3) == 0);
                ages.resumed(live.keySet().stream().mapToLong(Long::longValue).toArray(), now);
            }
            assertEquals(
                    live.isEmpty() ? 0 : live.firstEntry().getValue(), ages.oldestSinceNanos());
        }
    }

    @Test
    void chainsOfAnEarlierProcessCountFromTheResume() {
        FlightAges ages = new FlightAges();
        ages.resumed(new long[] {70, 75}, 1000);
        assertEquals(1000, ages.oldestSinceNanos());
        ages.begun(80, 1, 2000);
        ages.ended(70);
        ages.ended(75);
        assertEquals(2000, ages.oldestSinceNanos());
        ages.ended(80);
        assertEquals(0, ages.oldestSinceNanos());
    }

    @Test
    void j1_aBackendKeepsItAndADeathMakesNobodyYounger() {
        CoreBench bench = new CoreBench();
        CoreBench.Ring ring = bench.openRing(7);
        bench.serve();
        assertEquals(0, bench.statistics.oldestInFlightSinceNanos());
        bench.nanos = 50;
        ring.submit(Operation.WRITE, 0, 512);
        bench.core.turn();
        bench.settle();
        assertEquals(50, bench.statistics.oldestInFlightSinceNanos());
        Chain chain = bench.executed.get(0);
        bench.nanos = 90;
        bench.restart();
        bench.resume(List.of(chain), List.of());
        bench.settle();
        assertEquals(50, bench.statistics.oldestInFlightSinceNanos());
        bench.finish(chain, 1);
        bench.settle();
        assertEquals(0, bench.statistics.oldestInFlightSinceNanos());
    }
}
