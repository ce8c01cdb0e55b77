package io.chainring.gateway.nbd.places;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.gateway.nbd.setup.Crowding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Every rule of {@link PlacesCore} by itself, and all of them under a random crowd. */
class PlacesCoreTest {
    private static final PlaceLimits LIMITS = new PlaceLimits(256, 64, 0.75, 0.75, 0.75);

    private static PlacesCore crowd(PlaceLimits limits, int count, String source) {
        PlacesCore core = new PlacesCore(limits);
        for (int id = 1; id <= count; id++) {
            core.arrive(id, source);
            core.chose(id);
        }
        return core;
    }

    @Test
    void eachFurtherSourceFindsRoom() {
        PlacesCore core = new PlacesCore(LIMITS);
        long id = 0;
        List<Integer> got = new ArrayList<>();
        for (String source : List.of("a", "b", "c", "d")) {
            int in = 0;
            for (int i = 0; i < 300; i++) {
                if (core.arrive(++id, source).refused() == null) {
                    core.chose(id);
                    in++;
                }
            }
            got.add(in);
        }
        assertEquals(List.of(192, 48, 12, 3), got);
    }

    @Test
    void theOldestSilentHandshakeGivesWay() {
        PlacesCore core = new PlacesCore(new PlaceLimits(256, 3, 0.75, 0.75, 0.75));
        core.arrive(1, "a");
        core.heard(1);
        core.arrive(2, "a");
        core.arrive(3, "a");
        assertEquals(
                List.of(new PlacesCore.GivesWay(2, Crowding.HANDSHAKE_GAVE_WAY)),
                core.arrive(4, "a").givesWay());
        assertEquals(1, core.leaving());
        core.left(2);
        assertEquals(0, core.leaving());
        assertEquals(3, core.connections());
    }

    @Test
    void aCrowdOfHandshakesDoesNotDriveOutThatOfAnother() {
        PlacesCore core = new PlacesCore(new PlaceLimits(256, 3, 0.75, 0.75, 0.75));
        core.arrive(1, "innocent");
        for (long id = 2; id < 100; id++) {
            for (PlacesCore.GivesWay each : core.arrive(id, "crowd").givesWay()) {
                assertTrue(each.id() != 1);
                core.left(each.id());
            }
        }
    }

    @Test
    void nobodyIsAcceptedWhileTooManyAreAboutToGo() {
        PlacesCore core = new PlacesCore(new PlaceLimits(256, 3, 0.75, 0.75, 0.75));
        for (long id = 1; id <= 6; id++) {
            assertTrue(core.mayAccept());
            core.arrive(id, "a");
        }
        assertEquals(3, core.leaving());
        assertFalse(core.mayAccept());
        core.left(1);
        assertTrue(core.mayAccept());
    }

    @Test
    void theLongestIdleOfTheLargestSourceGivesWay() {
        PlacesCore core = crowd(new PlaceLimits(6, 4, 1, 1, 1), 4, "large");
        for (long id = 5; id <= 6; id++) {
            core.arrive(id, "small");
            core.chose(id);
            core.idle(id, true);
        }
        assertEquals(Crowding.FULL_REFUSED, core.arrive(10, "small").refused());
        core.idle(3, true);
        core.idle(2, true);
        assertTrue(core.mayAccept());
        assertEquals(Crowding.FULL_REFUSED, core.arrive(7, "large").refused());
        assertEquals(
                List.of(new PlacesCore.GivesWay(3, Crowding.IDLE_GAVE_WAY)),
                core.arrive(8, "new").givesWay());
        core.idle(2, false);
        assertEquals(Crowding.FULL_REFUSED, core.arrive(9, "large").refused());
    }

    @Test
    void aSourceAtItsShareReplacesItsOwnSilentHandshakes() {
        PlacesCore core = new PlacesCore(new PlaceLimits(4, 64, 0.75, 1, 1));
        for (long id = 1; id <= 3; id++) {
            core.arrive(id, "a");
        }
        assertEquals(
                List.of(new PlacesCore.GivesWay(1, Crowding.HANDSHAKE_GAVE_WAY)),
                core.arrive(4, "a").givesWay());
    }

    @Test
    void certificatesAndDisksHaveAShare() {
        PlacesCore core = crowd(new PlaceLimits(4, 4, 1, 0.5, 0.75), 4, "a");
        assertEquals(Admission.ADMITTED, core.identified(1, "CN=x"));
        assertEquals(Admission.ADMITTED, core.identified(2, "CN=x"));
        assertEquals(Admission.SHARE_TAKEN, core.identified(3, "CN=x"));
        assertEquals(Admission.ADMITTED, core.identified(3, "CN=y"));
        core.left(1);
        assertEquals(Admission.ADMITTED, core.identified(4, "CN=x"));
        for (long id = 2; id <= 4; id++) {
            assertEquals(Admission.ADMITTED, core.atDisk(id, "d"));
        }
        core.arrive(5, "a");
        core.chose(5);
        assertEquals(Admission.SHARE_TAKEN, core.atDisk(5, "d"));
        assertEquals(Admission.ADMITTED, core.atDisk(5, "e"));
        core.haggles(4);
        core.chose(4);
        core.arrive(6, "a");
        assertEquals(
                Admission.ADMITTED, core.atDisk(4, "d"), "who haggles again has given its disk up");
    }

    @Test
    void aDiskWithAllItsClientsTakesNobodyFromAnotherSourceEither() {
        PlacesCore core = crowd(new PlaceLimits(4, 4, 1, 1, 0.75), 3, "a");
        for (long id = 1; id <= 3; id++) {
            assertEquals(Admission.ADMITTED, core.atDisk(id, "d"));
        }
        core.arrive(4, "b");
        core.chose(4);
        assertEquals(Admission.SHARE_TAKEN, core.atDisk(4, "d"));
    }

    @Test
    void oneSourceCannotTakeADiskFromOthers() {
        PlacesCore core = crowd(LIMITS, 192, "crowd");
        int in = 0;
        for (long id = 1; id <= 192; id++) {
            in += core.atDisk(id, "d") == Admission.ADMITTED ? 1 : 0;
        }
        assertEquals(144, in, "three of four of the disk's 192");
        core.arrive(1000, "innocent");
        core.chose(1000);
        assertEquals(Admission.ADMITTED, core.atDisk(1000, "d"));
    }

    /** What a test knows of a connection. */
    private static final class Known {
        final String source;
        boolean handshaking = true;
        boolean idle;

        Known(String source) {
            this.source = source;
        }
    }

    @Test
    void rulesHoldUnderARandomCrowd() {
        SplittableRandom random = Seed.random(PlacesCoreTest.class);
        for (int round = 0; round < 300; round++) {
            PlaceLimits limits =
                    new PlaceLimits(
                            1 + random.nextInt(40),
                            1 + random.nextInt(12),
                            (1 + random.nextInt(100)) / 100.0,
                            (1 + random.nextInt(100)) / 100.0,
                            (1 + random.nextInt(100)) / 100.0);
            new Crowd(limits, random).run(400);
        }
    }

    private static final class Crowd {
        private final PlaceLimits limits;
        private final SplittableRandom random;
        private final PlacesCore core;
        private final Map<Long, Known> present = new LinkedHashMap<>();
        private final List<Long> leaving = new ArrayList<>();
        private long lastId;

        Crowd(PlaceLimits limits, SplittableRandom random) {
            this.limits = limits;
            this.random = random;
            this.core = new PlacesCore(limits);
        }

        void run(int steps) {
            for (int i = 0; i < steps; i++) {
                step();
                check();
            }
            present.keySet().forEach(core::left);
            leaving.forEach(core::left);
            assertEquals(0, core.connections());
            assertEquals(0, core.handshakes());
            assertTrue(core.mayAccept());
            assertNull(core.arrive(++lastId, "anybody").refused(), "nothing is left over");
        }

        private void step() {
            Long id = any();
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3 -> {
                    if (core.mayAccept()) {
                        arrive("s" + random.nextInt(1 + random.nextInt(6)));
                    }
                }
                case 4 -> {
                    if (id != null) {
                        core.chose(id);
                        known(id).handshaking = false;
                    }
                }
                case 5 -> {
                    if (id != null) {
                        boolean idle = random.nextBoolean();
                        core.idle(id, idle);
                        known(id).idle = idle && !known(id).handshaking;
                    }
                }
                case 6 -> {
                    if (id != null && !known(id).handshaking) {
                        List<PlacesCore.GivesWay> gone = core.haggles(id);
                        gone.forEach(each -> gaveWay(each, null));
                        known(id).handshaking = true;
                        known(id).idle = false;
                    }
                }
                case 7 -> {
                    if (id != null) {
                        core.left(id);
                        present.remove(id);
                    }
                }
                case 8 -> {
                    if (!leaving.isEmpty()) {
                        core.left(leaving.remove(random.nextInt(leaving.size())));
                    }
                }
                default -> {
                    if (id != null) {
                        core.heard(id);
                        core.identified(id, "c" + random.nextInt(3));
                        core.atDisk(id, "d" + random.nextInt(3));
                    }
                }
            }
        }

        private void arrive(String source) {
            Map<String, Integer> before = counts();
            boolean room = present.size() < limits.connections();
            long id = ++lastId;
            PlacesCore.Arrival arrival = core.arrive(id, source);
            arrival.givesWay().forEach(each -> gaveWay(each, before.getOrDefault(source, 0)));
            if (arrival.refused() != null) {
                assertEquals(List.of(), arrival.givesWay(), "who is refused costs nobody anything");
                assertFalse(room && !before.containsKey(source), "a new source finds room");
                return;
            }
            present.put(id, new Known(source));
        }

        private void gaveWay(
                PlacesCore.GivesWay each, @org.jspecify.annotations.Nullable Integer newcomers) {
            Known victim = present.remove(each.id());
            assertNotNull(victim);
            leaving.add(each.id());
            assertTrue(victim.handshaking || victim.idle, "who is busy gives way to nobody");
            if (newcomers != null && !victim.handshaking) {
                int had = counts().getOrDefault(victim.source, 0) + 1;
                assertTrue(had >= newcomers + 2, had + " against " + newcomers);
            }
        }

        private Map<String, Integer> counts() {
            Map<String, Integer> counts = new HashMap<>();
            present.values().forEach(each -> counts.merge(each.source, 1, Integer::sum));
            return counts;
        }

        private Known known(long id) {
            Known known = present.get(id);
            assertNotNull(known);
            return known;
        }

        private @org.jspecify.annotations.Nullable Long any() {
            return present.isEmpty()
                    ? null
                    : List.copyOf(present.keySet()).get(random.nextInt(present.size()));
        }

        private void check() {
            assertEquals(present.size() + leaving.size(), core.connections());
            assertEquals(leaving.size(), core.leaving());
            assertTrue(present.size() <= limits.connections());
            assertEquals(
                    present.values().stream().filter(each -> each.handshaking).count(),
                    core.handshakes());
            assertTrue(core.handshakes() <= limits.handshakes());
        }
    }
}
