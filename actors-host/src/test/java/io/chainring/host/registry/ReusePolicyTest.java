package io.chainring.host.registry;

import static io.chainring.host.registry.RegistryFixture.accepted;
import static io.chainring.host.registry.RegistryFixture.disk;
import static io.chainring.host.registry.RegistryFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.host.registry.Refusal.NameResting;
import io.chainring.host.registry.Refusal.NameTaken;
import java.time.Duration;
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
}
