package io.chainring.registry.rules;

import static io.chainring.registry.rules.RegistryFixture.accepted;
import static io.chainring.registry.rules.RegistryFixture.disk;
import static io.chainring.registry.rules.RegistryFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.rules.Refusal.NameResting;
import io.chainring.registry.rules.Refusal.NameTaken;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What becomes of a name when its disk goes. */
class ReusePolicyTest {
    private static RegistryFixture with(ReusePolicy policy) {
        return new RegistryFixture(RegistryFixture.settings(policy));
    }

    private static String nameOf(RegistryAnswer answer) {
        return accepted(answer).deviceName().toString();
    }

    @Test
    void stickyKeepsTheNamesOfDisksThatAreAwayFromNewOnesThatAskForNone() {
        RegistryFixture registry = with(ReusePolicy.STICKY);
        registry.inserted(1, null);
        registry.inserted(2, null);
        registry.away(1);
        assertEquals("vdd", nameOf(registry.insert(3, null)));
        registry.away(3);
        accepted(registry.tell(new RegistryRequest.Forget(disk(3), "f")));
        assertEquals("vdd", nameOf(registry.insert(4, null)), "forgotten, so free");
        RegisteredDisk back = accepted(registry.insert(1, null));
        assertEquals("vdb", back.deviceName().toString());
        assertEquals(2, back.generation());
    }

    @Test
    void stickyGivesARememberedNameToWhoAsksForIt() {
        RegistryFixture registry = with(ReusePolicy.STICKY);
        registry.inserted(1, "vdc");
        registry.away(1);
        assertEquals(2, accepted(registry.insert(2, "vdc")).generation());
        registry.away(2);
        // Two disks remember it; who comes first has it.
        assertEquals("vdc", nameOf(registry.insert(1, null)));
        assertEquals(disk(1), refused(NameTaken.class, registry.insert(2, null)).holder());
        assertEquals("vdd", nameOf(registry.insert(2, "vdd")), "it may ask for another");
    }

    @Test
    void lowestFreeGivesTheLowest() {
        RegistryFixture registry = with(ReusePolicy.LOWEST_FREE);
        registry.inserted(1, null);
        registry.inserted(2, null);
        registry.away(2);
        registry.away(1);
        RegisteredDisk second = accepted(registry.insert(2, null));
        assertEquals("vdb", second.deviceName().toString());
        assertEquals(2, second.generation());
        assertEquals("vdc", nameOf(registry.insert(1, null)));
    }

    @Test
    void quarantineKeepsANameForItsDiskAndThenForAnybody() {
        RegistryFixture registry = with(ReusePolicy.QUARANTINE);
        long hour = Duration.ofHours(1).toMillis();
        registry.inserted(1, null);
        registry.away(1);
        long until = registry.nowMillis + hour;
        NameResting refusal = refused(NameResting.class, registry.insert(2, "vdb"));
        assertEquals(until, refusal.untilMillis());
        assertEquals(DeviceName.parse("vdc"), refusal.free());
        assertEquals("vdc", nameOf(registry.insert(2, null)));
        registry.nowMillis += hour - 1;
        refused(NameResting.class, registry.insert(3, "vdb"));
        assertEquals("vdb", nameOf(registry.insert(1, null)), "its own disk has it at once");
        registry.away(1);
        registry.nowMillis += hour;
        assertEquals("vdb", nameOf(registry.insert(3, null)));
        assertEquals("vdd", nameOf(registry.insert(1, null)));
    }

    @Test
    void quarantineOutlivesADeathAndASnapshot() {
        RegistryFixture registry = with(ReusePolicy.QUARANTINE);
        registry.inserted(1, null);
        registry.away(1);
        registry.die();
        refused(NameResting.class, registry.insert(2, "vdb"));
        registry.thaw();
        refused(NameResting.class, registry.insert(3, "vdb"));
        registry.nowMillis += Duration.ofHours(1).toMillis();
        assertEquals("vdb", nameOf(registry.insert(4, "vdb")));
    }

    @Test
    void aRestThatWasInterruptedBeginsAgain() {
        RegistryFixture registry = with(ReusePolicy.QUARANTINE);
        long half = Duration.ofMinutes(30).toMillis();
        registry.inserted(1, null);
        registry.away(1);
        registry.nowMillis += half;
        registry.inserted(1, null);
        registry.away(1);
        registry.nowMillis += half;
        refused(NameResting.class, registry.insert(2, "vdb"));
        registry.nowMillis += half;
        accepted(registry.insert(3, "vdb"));
    }

    @Test
    void anotherPolicyChangesNoNameThatWasGiven() {
        RegistryFixture registry = with(ReusePolicy.QUARANTINE);
        RegisteredDisk first = registry.inserted(1, null);
        registry.inserted(2, null);
        registry.away(2);
        for (ReusePolicy policy : ReusePolicy.values()) {
            registry.reopen(RegistryFixture.settings(policy));
            assertEquals(first, registry.state.disk(disk(1)));
            assertEquals(DeviceName.parse("vdb"), first.deviceName());
        }
        registry.reopen(RegistryFixture.settings(ReusePolicy.LOWEST_FREE));
        assertEquals("vdc", nameOf(registry.insert(3, null)), "does not rest any more");
    }

    /** Who opened the disk under its old name may have it so until the disk goes. */
    @Test
    void theNameThatADiskWasRenamedFromIsGivenToNobodyUntilThatDiskGoes() {
        for (ReusePolicy policy : ReusePolicy.values()) {
            RegistryFixture registry = with(policy);
            registry.inserted(1, "vdb");
            rename(registry, 1, "vdd");
            rename(registry, 1, "vde");
            // Restarts, over the journal and over a snapshot, know it too; no time ends it.
            for (Runnable restart : List.<Runnable>of(() -> {}, registry::die, registry::thaw)) {
                restart.run();
                registry.nowMillis += 2 * RegistryFixture.DAY_MILLIS;
                for (String old : List.of("vdb", "vdd")) {
                    NameTaken taken = refused(NameTaken.class, registry.insert(2, old));
                    assertEquals(disk(1), taken.holder(), policy + " " + old);
                    assertEquals(DeviceName.parse("vdc"), taken.free(), policy + " " + old);
                }
            }
            assertEquals("vdc", nameOf(registry.insert(3, null)), "policy " + policy);
            refused(
                    NameTaken.class,
                    registry.tell(
                            new RegistryRequest.Rename(
                                    disk(3), null, "vdb", registry.requestId())));
            rename(registry, 1, "vdb");
            assertEquals(2, registry.state.names().generation(DeviceName.parse("vdb")));
            registry.away(1);
            boolean rests = policy == ReusePolicy.QUARANTINE;
            assertEquals(rests ? "vdf" : "vdd", nameOf(registry.insert(2, rests ? null : "vdd")));
        }
    }

    private static void rename(RegistryFixture registry, int number, String name) {
        accepted(
                registry.tell(
                        new RegistryRequest.Rename(
                                disk(number), null, name, registry.requestId())));
    }
}
