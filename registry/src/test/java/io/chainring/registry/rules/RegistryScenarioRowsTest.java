package io.chainring.registry.rules;

import static io.chainring.registry.rules.RegistryFixture.accepted;
import static io.chainring.registry.rules.RegistryFixture.disk;
import static io.chainring.registry.rules.RegistryFixture.name;
import static io.chainring.registry.rules.RegistryFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.DriveLetterIdentifier;
import io.chainring.registry.rules.Refusal.NameTaken;
import io.chainring.registry.rules.Refusal.WrongState;
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
    void aDiskWhoseMakingIsRefusedUsesUpNoGeneration() {
        for (int i = 1; i <= 3; i++) {
            RegisteredDisk undone = accepted(registry.create(i, "/images/" + i));
            assertEquals(1, undone.generation());
            accepted(registry.tell(new RegistryRequest.Forget(undone.uuid(), "f" + i)));
            registry.die();
        }
        registry.thaw();
        RegisteredDisk made = accepted(registry.create(9, "/images/9"));
        assertEquals(1, made.generation());
        registry.tell(new RegistryRequest.Attached(made.uuid(), made.insertion(), 512));
        registry.away(9);
        accepted(registry.tell(new RegistryRequest.Forget(made.uuid(), "f9")));
        assertEquals(2, accepted(registry.create(10, "/images/10")).generation());
    }

    @Test
    void aJournalFromBeforeGenerationsWereGivenBackStillOpens() {
        RegisteredDisk first = accepted(registry.create(1, "/images/1"));
        accepted(registry.tell(new RegistryRequest.Forget(first.uuid(), "f")));
        RegisteredDisk other = accepted(registry.create(2, "/images/2"));
        registry.journal.remove(registry.journal.size() - 1);
        RegisteredDisk second =
                new RegisteredDisk(
                        other.uuid(),
                        other.diskName(),
                        other.deviceName(),
                        2,
                        other.state(),
                        other.insertion(),
                        other.changedAtMillis(),
                        other.storage());
        registry.journal.add(new RegistryEvent.DiskSet(null, second));
        registry.die();
        assertEquals(second, registry.state.disk(second.uuid()));
        accepted(registry.tell(new RegistryRequest.Forget(second.uuid(), "g")));
        assertEquals(2, accepted(registry.create(3, "/images/3")).generation());
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
