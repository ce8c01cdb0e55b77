package io.chainring.host.registry;

import static io.chainring.host.registry.RegistryFixture.accepted;
import static io.chainring.host.registry.RegistryFixture.disk;
import static io.chainring.host.registry.RegistryFixture.name;
import static io.chainring.host.registry.RegistryFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.registry.Refusal.NameTaken;
import io.chainring.host.registry.Refusal.WrongState;
import org.junit.jupiter.api.Test;

/** Rows R1 to R5 of the scenarios, as far as the registry decides them. */
class RegistryScenarioRowsTest {
    private static final DeviceName VDC = DeviceName.parse("vdc");

    private final RegistryFixture registry =
            new RegistryFixture(RegistryFixture.settings(ReusePolicy.STICKY));

    @Test
    void r1_oneOfTwoDisksGetsTheNameAndTheOtherIsToldByWhom() {
        RegistryRequest one = new RegistryRequest.Insert(disk(1), name(1), "vdc", "one");
        RegistryRequest two = new RegistryRequest.Insert(disk(2), name(2), "vdc", "two");
        assertEquals(VDC, accepted(registry.tell(one)).deviceName());
        NameTaken refusal = refused(NameTaken.class, registry.tell(two));
        assertEquals(disk(1), refusal.holder());
        assertEquals(name(1), refusal.holderDiskName());
        assertEquals(DeviceName.parse("vdb"), refusal.free());
    }

    @Test
    void r2_anInsertThatIsRepeatedAfterADeathHasOneEventAndOneAnswer() {
        RegistryRequest insert = new RegistryRequest.Insert(disk(1), name(1), "vdc", "one");
        RegistryCore.Decision decision = registry.core.decide(insert, registry.nowMillis);
        RegistryEvent event = decision.event();
        if (event == null) {
            throw new AssertionError("an insert that leaves no event");
        }
        // It dies with the event in the journal, and nobody has heard the answer.
        registry.journal.add(event);
        registry.die();
        registry.nowMillis += RegistryFixture.DAY_MILLIS;
        assertEquals(decision.answer(), registry.tell(insert));
        assertEquals(1, registry.journal.size());
    }

    @Test
    void r3_aDiskThatComesBackHasItsOldNameInTheNextGeneration() {
        RegisteredDisk before = registry.inserted(1, "vdc");
        registry.away(1);
        registry.die();
        registry.nowMillis += 30 * RegistryFixture.DAY_MILLIS;
        registry.inserted(2, null);
        RegisteredDisk back = accepted(registry.insert(1, null));
        assertEquals(VDC, back.deviceName());
        assertEquals(before.generation() + 1, back.generation());
    }

    @Test
    void r3_whileAnotherDiskHoldsItTheOldNameIsRefusedAndNoOtherGiven() {
        registry.inserted(1, "vdc");
        registry.away(1);
        registry.nowMillis += 30 * RegistryFixture.DAY_MILLIS;
        registry.inserted(2, "vdc");
        NameTaken refusal = refused(NameTaken.class, registry.insert(1, null));
        assertEquals(disk(2), refusal.holder());
        RegisteredDisk away = registry.state.disk(disk(1));
        assertEquals(DiskState.FREE, away == null ? null : away.state());
    }

    @Test
    void r4_anIdentifierOfAnOlderGenerationOrWithAWrongCheckFindsNothing() {
        String old = registry.inserted(1, "vdc").identifier().toString();
        registry.away(1);
        RegisteredDisk back = registry.inserted(1, "vdc");
        LookupAnswer stale = registry.core.lookup(new LookupKey.ByText(old));
        String message = assertInstanceOf(LookupAnswer.NotFound.class, stale).message();
        assertTrue(message.contains("stale"), message);
        String present = back.identifier().toString();
        assertInstanceOf(
                LookupAnswer.Found.class, registry.core.lookup(new LookupKey.ByText(present)));
        char wrong = present.charAt(19) == '0' ? '1' : '0';
        String damaged = present.substring(0, 19) + wrong;
        assertThrows(IllegalArgumentException.class, () -> DriveLetterIdentifier.parse(damaged));
        assertInstanceOf(
                LookupAnswer.NotFound.class, registry.core.lookup(new LookupKey.ByText(damaged)));
    }

    @Test
    void r5_aNameIsFreeOnlyWhenTheLastChainHasEnded() {
        registry.inserted(1, "vdc");
        RegisteredDisk leaving = accepted(registry.eject(1));
        assertEquals(disk(1), refused(NameTaken.class, registry.insert(2, "vdc")).holder());
        registry.die();
        assertEquals(disk(1), refused(NameTaken.class, registry.insert(2, "vdc")).holder());
        refused(WrongState.class, registry.insert(1, "vdc"));
        assertEquals(DiskState.FREE, accepted(registry.detached(leaving)).state());
        assertEquals(2, accepted(registry.insert(2, "vdc")).generation());
    }
}
