package io.chainring.host.registry;

import static io.chainring.host.registry.RegistryFixture.accepted;
import static io.chainring.host.registry.RegistryFixture.disk;
import static io.chainring.host.registry.RegistryFixture.name;
import static io.chainring.host.registry.RegistryFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.registry.Refusal.DiskNameTaken;
import io.chainring.host.registry.Refusal.Exhausted;
import io.chainring.host.registry.Refusal.Incompatible;
import io.chainring.host.registry.Refusal.NameReserved;
import io.chainring.host.registry.Refusal.NameTaken;
import io.chainring.host.registry.Refusal.UnknownDisk;
import io.chainring.host.registry.Refusal.WrongState;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The registry's contract: what is answered, and that nothing else changes. */
class RegistryCoreTest {
    private static final DeviceName VDB = DeviceName.parse("vdb");
    private static final DeviceName VDC = DeviceName.parse("vdc");

    private final RegistryFixture registry =
            new RegistryFixture(RegistryFixture.settings(ReusePolicy.STICKY));

    @Test
    void aNewDiskGetsTheNameThatItAsksForOrTheLowest() {
        RegisteredDisk first = accepted(registry.insert(1, "vdc"));
        assertEquals(VDC, first.deviceName());
        assertEquals(1, first.generation());
        assertEquals(DiskState.RESERVED, first.state());
        assertEquals(registry.nowMillis, first.changedAtMillis());
        assertEquals(VDB, accepted(registry.insert(2, null)).deviceName());
        assertEquals("vdd", accepted(registry.insert(3, null)).deviceName().toString());
        assertEquals("sdb", accepted(registry.insert(4, "sdb")).deviceName().toString());
        assertEquals("C:", accepted(registry.insert(5, "C:")).deviceName().toString());
    }

    @Test
    void theSameDiskAgainGetsTheSameAnswer() {
        RegisteredDisk disk = accepted(registry.insert(1, "vdc"));
        assertEquals(disk, accepted(registry.insert(1, "vdc")));
        assertEquals(disk, accepted(registry.insert(1, null)));
        RegisteredDisk attached = accepted(registry.attached(disk));
        assertEquals(attached, accepted(registry.insert(1, "vdc")));
        assertEquals(1, attached.generation());
    }

    @Test
    void aNameOfADifferentDiskIsRefusedWithItsHolderAndAFreeOne() {
        registry.inserted(1, "vdc");
        NameTaken refusal = refused(NameTaken.class, registry.insert(2, "vdc"));
        assertEquals(disk(1), refusal.holder());
        assertEquals(name(1), refusal.holderDiskName());
        assertEquals(VDB, refusal.free());
        assertTrue(refusal.message().contains("vdb is free"), refusal.message());
        accepted(registry.insert(2, String.valueOf(refusal.free())));
    }

    @Test
    void reservedNamesAreNeverGiven() {
        NameReserved refusal = refused(NameReserved.class, registry.insert(1, "vda"));
        assertEquals(VDB, refusal.free());
        assertEquals(
                "sdb",
                String.valueOf(refused(NameReserved.class, registry.insert(1, "sda")).free()));
        RegisteredDisk disk = accepted(registry.insert(1, null));
        refused(
                NameReserved.class,
                registry.tell(
                        new RegistryRequest.Rename(
                                disk.uuid(), null, "vda", registry.requestId())));
    }

    @ParameterizedTest
    @CsvSource({
        "disk9, xvdb",
        "disk9, hda",
        "disk9, vdcrxq",
        "disk9, A:",
        "disk9, ''",
        "-x, vdb",
        "a/b, vdb",
        "'', vdb",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, vdb",
        "11112222-3333-4444-0000-000000000002, vdb",
        "CV000200001624THNU68, vdb"
    })
    void whatDoesNotFitIsIncompatible(String diskName, String deviceName) {
        RegistryRequest insert =
                new RegistryRequest.Insert(disk(1), diskName, deviceName, registry.requestId());
        Incompatible refusal = refused(Incompatible.class, registry.tell(insert));
        assertEquals(1, refusal.message().lines().count(), refusal.message());
        assertEquals(0, registry.state.diskCount());
    }

    @Test
    void aDiskThatHasANameDoesNotSilentlyGetAnother() {
        RegisteredDisk disk = registry.inserted(1, "vdb");
        Incompatible refusal = refused(Incompatible.class, registry.insert(1, "vdc"));
        assertTrue(refusal.message().contains("has the name vdb already"), refusal.message());
        RegistryRequest otherwise =
                new RegistryRequest.Insert(disk(1), "other", "vdb", registry.requestId());
        assertTrue(
                refused(Incompatible.class, registry.tell(otherwise)).message().contains("rename"));
        assertEquals(disk, registry.state.disk(disk(1)));
    }

    @Test
    void disksAndNamesRunOut() {
        for (int number = 1; number <= 24; number++) {
            accepted(registry.insert(number, (char) ('B' + number) + ":"));
        }
        assertNull(refused(NameTaken.class, registry.insert(25, "C:")).free());
        for (int number = 25; number <= 100; number++) {
            accepted(registry.insert(number, null));
        }
        assertEquals(
                new Exhausted(Refusal.Resource.DISKS, 100),
                refused(Exhausted.class, registry.insert(101, null)));
        registry.away(50);
        refused(Exhausted.class, registry.insert(101, null));
        accepted(registry.tell(new RegistryRequest.Forget(disk(50), registry.requestId())));
        accepted(registry.insert(101, null));
    }

    @Test
    void whenEveryLetterIsHeldADiskThatAsksForNoneIsRefused() {
        RegistrySettings letters =
                new RegistrySettings(
                        ReusePolicy.LOWEST_FREE,
                        registry.settings.quarantine(),
                        List.of(NameScheme.WINDOWS),
                        registry.settings.reservedNames(),
                        100,
                        50);
        registry.reopen(letters);
        for (int number = 1; number <= 24; number++) {
            accepted(registry.insert(number, null));
        }
        assertEquals(
                new Exhausted(Refusal.Resource.NAMES, 24),
                refused(Exhausted.class, registry.insert(25, null)));
        registry.away(7);
        assertEquals("I:", accepted(registry.insert(25, null)).deviceName().toString());
    }

    @Test
    void everyStepHasItsTurn() {
        RegisteredDisk reserved = accepted(registry.insert(1, null));
        refused(WrongState.class, registry.detached(reserved));
        RegisteredDisk inserted = accepted(registry.attached(reserved));
        assertEquals(DiskState.INSERTED, inserted.state());
        int events = registry.journal.size();
        assertEquals(inserted, accepted(registry.attached(reserved)));
        assertEquals(events, registry.journal.size(), "nothing to journal");
        RegisteredDisk leaving = accepted(registry.eject(1));
        assertEquals(DiskState.DETACHING, leaving.state());
        assertEquals(leaving, accepted(registry.eject(1)));
        refused(WrongState.class, registry.attached(reserved));
        refused(WrongState.class, registry.insert(1, null));
        RegisteredDisk free = accepted(registry.detached(leaving));
        assertEquals(DiskState.FREE, free.state());
        assertEquals(free, accepted(registry.detached(leaving)));
        assertEquals(free, accepted(registry.eject(1)));
        refused(WrongState.class, registry.attached(reserved));
        refused(
                UnknownDisk.class,
                registry.tell(new RegistryRequest.Eject(disk(9), registry.requestId())));
    }

    @Test
    void aDiskThatNeverCameUpGoesTheSameWay() {
        registry.insert(1, "vdc");
        assertEquals(DiskState.FREE, registry.away(1).state());
        assertNull(registry.state.names().holder(VDC));
    }

    @Test
    void aLateWordAboutAnEarlierInsertionChangesNothing() {
        registry.inserted(1, null);
        RegisteredDisk earlier = registry.away(1);
        registry.inserted(1, null);
        RegisteredDisk leaving = accepted(registry.eject(1));
        assertNotEquals(earlier.insertion(), leaving.insertion());
        refused(WrongState.class, registry.detached(earlier));
        assertEquals(leaving, registry.state.disk(disk(1)));
    }

    @Test
    void aNewNameTakesTheOldOnesPlaceAtOnce() {
        RegisteredDisk disk = registry.inserted(1, "vdc");
        RegisteredDisk renamed =
                accepted(
                        registry.tell(
                                new RegistryRequest.Rename(
                                        disk(1), "fast", "vdd", registry.requestId())));
        assertEquals("fast", renamed.diskName());
        assertEquals("vdd", renamed.deviceName().toString());
        assertEquals(DiskState.INSERTED, renamed.state());
        assertEquals(disk.insertion(), renamed.insertion());
        assertEquals(2, accepted(registry.insert(2, "vdc")).generation());
        accepted(registry.tell(new RegistryRequest.Insert(disk(3), name(1), null, "r3")));
        registry.die();
        assertEquals(renamed, registry.state.disk(disk(1)));
    }

    @Test
    void aRenameIsRefusedLikeAnInsert() {
        registry.inserted(1, "vdc");
        registry.inserted(2, "vdd");
        assertEquals(
                disk(2),
                refused(
                                NameTaken.class,
                                registry.tell(
                                        new RegistryRequest.Rename(disk(1), null, "vdd", "r1")))
                        .holder());
        assertEquals(
                disk(2),
                refused(
                                DiskNameTaken.class,
                                registry.tell(
                                        new RegistryRequest.Rename(disk(1), name(2), null, "r2")))
                        .holder());
        refused(
                Incompatible.class,
                registry.tell(new RegistryRequest.Rename(disk(1), "a b", null, "r3")));
        refused(
                Incompatible.class,
                registry.tell(new RegistryRequest.Rename(disk(1), null, "vd", "r4")));
        registry.away(1);
        refused(
                WrongState.class,
                registry.tell(new RegistryRequest.Rename(disk(1), null, "vde", "r5")));
        accepted(registry.tell(new RegistryRequest.Rename(disk(1), "archive", null, "r6")));
    }

    @Test
    void noTextMeansTwoDisks() {
        registry.inserted(1, "vdc");
        RegistryRequest alike = new RegistryRequest.Insert(disk(2), "vdc", "vdd", "r1");
        assertEquals(disk(1), refused(DiskNameTaken.class, registry.tell(alike)).holder());
        accepted(registry.tell(new RegistryRequest.Insert(disk(2), "vde", "vdd", "r2")));
        assertEquals(disk(2), refused(NameTaken.class, registry.insert(3, "vde")).holder());
        registry.away(2);
        assertEquals(disk(2), refused(NameTaken.class, registry.insert(3, "vde")).holder());
        accepted(registry.tell(new RegistryRequest.Rename(disk(2), "old", null, "r3")));
        accepted(registry.insert(3, "vde"));
    }

    @Test
    void onlyADiskThatIsAwayIsForgotten() {
        registry.inserted(1, "vdc");
        refused(WrongState.class, registry.tell(new RegistryRequest.Forget(disk(1), "r1")));
        registry.away(1);
        RegistryRequest forget = new RegistryRequest.Forget(disk(1), "r2");
        accepted(registry.tell(forget));
        accepted(registry.tell(forget));
        registry.die();
        accepted(registry.tell(forget));
        assertEquals(0, registry.core.list().size());
        assertEquals(2, accepted(registry.insert(2, "vdc")).generation(), "generations stay");
    }

    @Test
    void isFoundByEveryKey() {
        RegisteredDisk disk = registry.inserted(1, "vdc");
        registry.inserted(2, "D:");
        for (String key :
                List.of(
                        disk(1).toString(),
                        disk(1).toString().toUpperCase(Locale.ROOT),
                        name(1),
                        "vdc",
                        "vd:2",
                        disk.identifier().toString())) {
            LookupAnswer answer = registry.core.lookup(new LookupKey.ByText(key));
            assertEquals(disk, assertInstanceOf(LookupAnswer.Found.class, answer, key).disk());
        }
        LookupAnswer letter = registry.core.lookup(new LookupKey.ByText("D:"));
        assertEquals(disk(2), assertInstanceOf(LookupAnswer.Found.class, letter).disk().uuid());
        for (String key : List.of("vdd", "disk3", "vd:3", "vd:x", "", "C:", "nonsense:1")) {
            assertInstanceOf(
                    LookupAnswer.NotFound.class,
                    registry.core.lookup(new LookupKey.ByText(key)),
                    key);
        }
        assertInstanceOf(
                LookupAnswer.NotFound.class, registry.core.lookup(new LookupKey.ByUuid(disk(99))));
    }

    @Test
    void aDiskThatIsAwayIsFoundByWhoItIsAndNotByTheNameThatItHad() {
        registry.inserted(1, "vdc");
        RegisteredDisk away = registry.away(1);
        assertInstanceOf(
                LookupAnswer.Found.class, registry.core.lookup(new LookupKey.ByUuid(disk(1))));
        assertInstanceOf(
                LookupAnswer.Found.class, registry.core.lookup(new LookupKey.ByDiskName(name(1))));
        assertInstanceOf(
                LookupAnswer.NotFound.class, registry.core.lookup(new LookupKey.ByDeviceName(VDC)));
        assertInstanceOf(
                LookupAnswer.NotFound.class,
                registry.core.lookup(new LookupKey.ByIdentifier(away.identifier())));
    }

    @Test
    void listsByDiskName() {
        for (int number : new int[] {3, 1, 2}) {
            registry.inserted(number, null);
        }
        registry.away(2);
        assertEquals(
                List.of("disk1", "disk2", "disk3"),
                registry.core.list().stream().map(RegisteredDisk::diskName).toList());
    }

    @Test
    void aClockThatGoesBackStandsStill() {
        long before = registry.nowMillis;
        registry.inserted(1, null);
        registry.nowMillis -= RegistryFixture.DAY_MILLIS;
        assertEquals(before, accepted(registry.insert(2, null)).changedAtMillis());
    }

    @Test
    void decidingAloneChangesNothing() {
        RegistryRequest insert = new RegistryRequest.Insert(disk(1), name(1), null, "r");
        RegistryCore.Decision first = registry.core.decide(insert, registry.nowMillis);
        assertEquals(first, registry.core.decide(insert, registry.nowMillis));
        assertNull(registry.state.disk(disk(1)));
    }
}
