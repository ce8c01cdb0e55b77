package io.chainring.ring.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Who gets how much, whatever others do. */
final class SlabShareCoreTest {
    private static final int SLABS = 256;
    private static final int RINGS = 64;
    private static final int SHARED = SLABS - RINGS;

    private final SlabShareCore core = new SlabShareCore(SLABS, 1, RINGS);

    private SlabShareCore.Share open(String disk) {
        SlabShareCore.Share share = core.open(disk);
        assertNotNull(share);
        return share;
    }

    private int takeAll(SlabShareCore.Share share) {
        int taken = 0;
        while (core.mayTake(share)) {
            core.took(share);
            taken++;
        }
        return taken;
    }

    @Test
    void aloneARingGetsHalfAndLeavesTheRestToWhoeverComes() {
        SlabShareCore.Share first = open("a");
        assertEquals(SHARED / 2 + 1, takeAll(first), 1);
        SlabShareCore.Share second = open("b");
        assertTrue(takeAll(second) > SHARED / 6, "a newcomer finds much of the rest");
    }

    @Test
    void whoNeverGivesBackCostsOthersNoGuarantee() {
        List<SlabShareCore.Share> hoarders = new ArrayList<>();
        for (int i = 0; i < RINGS / 2; i++) {
            hoarders.add(open("hoarder" + i % 10));
            takeAll(hoarders.get(i));
        }
        for (int i = RINGS / 2; i < RINGS; i++) {
            assertTrue(takeAll(open("late")) >= 1, "each open ring has its guarantee");
        }
        List<SlabShareCore.Share> more = new ArrayList<>();
        for (SlabShareCore.Share share = core.open("more"); share != null; ) {
            assertTrue(takeAll(share) >= 1, "and so has one that opens beyond their number");
            more.add(share);
            share = core.open("more");
        }
        assertEquals(0, core.free());
        takeAll(hoarders.get(0));
        assertNull(core.open("one more"));
    }

    @Test
    void disksAreAlikeWhateverNumberOfRingsTheyHave() {
        List<SlabShareCore.Share> many = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            many.add(open("many"));
        }
        SlabShareCore.Share one = open("one");
        SplittableRandom random = Seed.random(SlabShareCoreTest.class);
        for (int step = 0; step < 100_000; step++) {
            SlabShareCore.Share share =
                    random.nextBoolean() ? one : many.get(random.nextInt(many.size()));
            if (share.held() > 0 && random.nextInt(4) == 0) {
                core.gaveBack(share);
            } else if (core.mayTake(share)) {
                core.took(share);
            }
        }
        takeAll(one);
        many.forEach(this::takeAll);
        int manyHold = many.stream().mapToInt(SlabShareCore.Share::held).sum();
        assertTrue(
                one.held() * 4 > manyHold - many.size(),
                () -> "one ring has " + one.held() + ", fifty together " + manyHold);
    }

    @Test
    void countsAddUpThroughEveryOrderOfEvents() {
        SplittableRandom random = Seed.random(SlabShareCoreTest.class);
        List<SlabShareCore.Share> open = new ArrayList<>();
        for (int step = 0; step < 300_000; step++) {
            int act = random.nextInt(100);
            if (act < 3) {
                SlabShareCore.Share share = core.open("disk" + random.nextInt(5));
                if (share != null) {
                    open.add(share);
                }
            } else if (!open.isEmpty()) {
                SlabShareCore.Share share = open.get(random.nextInt(open.size()));
                if (act < 5) {
                    while (share.held() > 0) {
                        core.gaveBack(share);
                    }
                    core.close(share);
                    open.remove(share);
                } else if (act < 60) {
                    if (core.mayTake(share)) {
                        core.took(share);
                    }
                    assertTrue(share.held() >= 1, "the guarantee is never refused");
                } else if (share.held() > 0) {
                    core.gaveBack(share);
                }
            }
            int held = open.stream().mapToInt(SlabShareCore.Share::held).sum();
            int idle = (int) open.stream().filter(share -> share.held() == 0).count();
            int toCome = Math.max(0, RINGS - open.size());
            assertEquals(SLABS, held + idle + toCome + core.free());
            assertTrue(core.free() >= 0);
        }
    }

    @Test
    void whatAGreedyOneGivesBackReachesWhoIsBelowItsShare() {
        SlabShareCore.Share greedy = open("greedy");
        takeAll(greedy);
        List<SlabShareCore.Share> late = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            late.add(open("disk" + i));
            takeAll(late.get(i));
        }
        for (int round = 0; round < SLABS; round++) {
            if (greedy.held() > 0) {
                core.gaveBack(greedy);
            }
            late.forEach(this::takeAll);
            takeAll(greedy);
        }
        int least = late.stream().mapToInt(SlabShareCore.Share::held).min().orElseThrow();
        assertTrue(greedy.held() <= 2 * least, greedy.held() + " against " + least);
    }
}
