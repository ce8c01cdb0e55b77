package io.chainring.chaos.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
    private static final List<FaultChoice> CHOICES =
            List.of(
                    new FaultChoice("kill", List.of("a", "b"), List.of("X", "Y", "Z"), 0, 0),
                    FaultChoice.of("slow"),
                    FaultChoice.of("cut"));

    private static List<Schedule.Due> dues(long seed, int count) {
        Schedule schedule = new Schedule(seed, CHOICES, 3, 50);
        List<Schedule.Due> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(schedule.next());
        }
        return all;
    }

    @Test
    void aSeedIsASchedule() {
        long seed = Seed.of(ScheduleTest.class);
        assertEquals(dues(seed, 200), dues(seed, 200));
        assertNotEquals(dues(seed, 200), dues(seed + 1, 200));
    }

    @Test
    void eachKindWayAndPointComesInItsRound() {
        List<Schedule.Due> dues = dues(Seed.of(ScheduleTest.class), 18);
        Set<String> seen = new HashSet<>();
        long before = 0;
        for (int i = 0; i < dues.size(); i++) {
            Schedule.Due due = dues.get(i);
            assertTrue(due.atMillis() > before);
            before = due.atMillis();
            assertTrue(due.fault().disk() < 3);
            seen.add(due.fault().name());
            if (i % 3 == 2) {
                assertEquals(Set.of("kill", "slow", "cut"), seen);
                seen.clear();
            }
        }
        List<Fault> kills =
                dues.stream()
                        .map(Schedule.Due::fault)
                        .filter(each -> each.name().equals("kill"))
                        .toList();
        Set<String> points = new HashSet<>();
        Set<String> ways = new HashSet<>();
        for (Fault each : kills) {
            if (each.point() != null) {
                points.add(each.point());
            }
            ways.add(String.valueOf(each.how()));
        }
        assertEquals(Set.of("X", "Y", "Z"), points);
        assertEquals(Set.of("a", "b"), ways);
        assertEquals(3, kills.stream().filter(each -> each.point() == null).count());
    }

    @Test
    void whatCostsMuchComesInSomeRoundsOnly() {
        FaultChoice rare = new FaultChoice("rare", List.of(), List.of(), 0, 0, 3);
        Schedule schedule =
                new Schedule(
                        Seed.of(ScheduleTest.class), List.of(rare, FaultChoice.of("usual")), 1, 10);
        int rares = 0;
        for (int i = 0; i < 8; i++) {
            rares += schedule.next().fault().name().equals("rare") ? 1 : 0;
        }
        assertEquals(2, rares);
    }
}
