package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.guest.Guest.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Disks that come and go: the publication's cases, and those that it leaves to the reader. */
@Tag("clients")
class DiskTest {
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);
    private static final int VDC = 2;
    private static final int MALFORMED = 3;
    private static final int STALE = 4;
    private static final int CONFLICT = 5;

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void leavesADiskWithoutIdentifierAlone(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", "");
        guest.run("add", "vdb").silent();
        for (String foreign :
                List.of(
                        "QEMU-0001",
                        "CVCV44240AJ1240DGN",
                        "WD-WCC4E0123456",
                        "20-CHARACTERS-SERIAL",
                        "ZZZZZZZZZZZZZZZZZZZZ",
                        "$(touch x)",
                        "C",
                        " ")) {
            guest.plug("vdb", foreign);
            guest.run("add", "vdb").silent();
        }
        guest.plugNbd("nbd0", "17");
        guest.run("add", "nbd0").silent();
        guest.run("add", "vdz").silent();
        assertEquals(List.of(), guest.names());
        assertEquals(List.of(), guest.links("lib/generations"));
    }

    @ParameterizedTest
    @EnumSource
    void definesAFreeName(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.run("add", "vdb").defined("vdc");
        assertEquals(List.of("vdc -> ../vdb"), guest.names());
        assertEquals(
                List.of("vdc -> 00001:" + Identifiers.digest(A)), guest.links("lib/generations"));
        assertEquals(
                new Answer(0, "vdc vdb " + Identifiers.vd(VDC, 1, A) + " 1\n", ""),
                guest.run("list"));
    }

    @ParameterizedTest
    @EnumSource
    void definesTheNamesOfAllSchemesAndEdges(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        List<String> letters = Identifiers.lettersOfAllValues();
        for (int value : new int[] {0, 25, 26, 701, 702, 65_535}) {
            guest.plug("vdb", Identifiers.vd(value, 1, A));
            guest.run("add", "vdb").defined("vd" + letters.get(value));
            assertEquals(List.of("vd" + letters.get(value) + " -> ../vdb"), guest.names());
        }
        guest.plug("vdb", Identifiers.identifier('S', 1, 1, A));
        guest.run("add", "/dev/vdb").defined("sdb");
        guest.plug("vdb", Identifiers.identifier('X', 1, 1, A));
        guest.run("add", guest.root.resolve("dev/vdb").toString()).defined("xvdb");
        assertEquals(List.of("xvdb -> ../vdb"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void givesTheSameDiskTheSameNameAgain(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.run("add", "vdb").defined("vdc");
        guest.run("add", "vdb").defined("vdc");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        guest.plug("vdf", Identifiers.vd(VDC, 1, A));
        guest.run("add", "vdf").defined("vdc");
        guest.reboot();
        guest.run("add", "vdf").defined("vdc");
        assertEquals(List.of("vdc -> ../vdf"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void refusesANameThatAnotherDiskHolds(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.plug("vdd", Identifiers.vd(VDC, 2, B));
        guest.run("add", "vdb").defined("vdc");
        guest.run("add", "vdd").refused(CONFLICT, "allocated to a different disk, vdb");
        guest.run("add", "vdb").defined("vdc");
        assertEquals(List.of("vdc -> ../vdb"), guest.names());

        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        assertEquals(List.of("vdc -> ../vdd"), guest.names(), "it waited for the name");
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.run("add", "vdd").defined("vdc");
        guest.run("add", "vdb").refused(STALE, "generation 1 of vdc; 2 was seen");
        assertEquals(List.of("vdc -> ../vdd"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void refusesASecondDeviceOfTheSameDisk(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.plug("vdd", Identifiers.vd(VDC, 1, A));
        guest.run("add", "vdb").defined("vdc");
        guest.run("add", "vdd").refused(CONFLICT, "is here as vdb already");
        assertEquals(List.of("vdc -> ../vdb"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void refusesOneGenerationOfTwoDisks(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 5, A));
        guest.run("add", "vdb").defined("vdc");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        guest.plug("vdb", Identifiers.vd(VDC, 5, B));
        guest.run("add", "vdb").refused(CONFLICT, "generation 5 of vdc is a different disk's");
        assertEquals(List.of(), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void refusesAStaleGenerationAlsoAfterAReboot(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 36, A));
        guest.run("add", "vdb").defined("vdc");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        guest.plug("vdb", Identifiers.vd(VDC, 37, B));
        guest.run("add", "vdb").defined("vdc");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        guest.plug("vdb", Identifiers.vd(VDC, 36, A));
        guest.run("add", "vdb").refused(STALE, "generation 36 of vdc; 37 was seen");
        guest.reboot();
        guest.run("add", "vdb").refused(STALE, "generation 36 of vdc; 37 was seen");
        assertEquals(List.of(), guest.names());
        guest.plug("vdb", Identifiers.vd(VDC, 38, A));
        guest.run("add", "vdb").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void refusesAWrongCheckCharacterAnywhere(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        String right = Identifiers.vd(VDC, 1, A);
        for (int at = 0; at < right.length(); at++) {
            char other = right.charAt(at) == 'S' ? 'X' : 'S';
            guest.plug("vdb", right.substring(0, at) + other + right.substring(at + 1));
            Answer answer = guest.run("add", "vdb");
            if (at == 0) {
                answer.silent();
            } else {
                answer.refused(MALFORMED, "wrong check character");
            }
            assertEquals(List.of(), guest.names());
        }
    }

    @ParameterizedTest
    @EnumSource
    void refusesOtherFormsAndNeverRepeatsWhatIsHostile(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        String right = Identifiers.vd(VDC, 1, A);
        guest.plug("vdb", Identifiers.withCheck("D" + right.substring(1, 19)));
        guest.run("add", "vdb").refused(MALFORMED, "a format that this version does not know");
        guest.plug("vdb", Identifiers.withCheck("CQ" + right.substring(2, 19)));
        guest.run("add", "vdb").refused(MALFORMED, "a scheme that this version does not know");
        guest.plug("vdb", right.toLowerCase(Locale.ROOT));
        guest.run("add", "vdb").refused(MALFORMED, "characters other than 0-9 and A-Z");
        guest.plug("vdb", right + "0");
        guest.run("add", "vdb").refused(MALFORMED, "not 20 characters long");
        for (String hostile :
                List.of(
                        "CV$(touch hostile);x",
                        "CV`touch hostile`;xx",
                        "CV../../../../hostil",
                        "CV\u001b[31mhostile\u0007\u00ff\u0001\u0002\u0003\u0004",
                        right + "\nhostile",
                        "CV*?[a-z]*hostile***",
                        "CV%s%s%n%x hostile %")) {
            guest.plug("vdb", hostile);
            Answer answer = guest.run("add", "vdb");
            answer.refused(MALFORMED, "characters other than 0-9 and A-Z");
            assertFalse(answer.errors().contains("hostil"), answer.errors());
            assertEquals(1, answer.errors().lines().count());
        }
        assertEquals(List.of(), guest.names());
        guest.plug("vdb", right + "\n");
        guest.run("add", "vdb").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void refusesAWindowsLetter(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.identifier('W', 3, 1, A));
        guest.run("add", "vdb").refused(MALFORMED, "the Windows letter D");
        assertEquals(List.of(), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void takesTheNameAwayWithTheDisk(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.plug("vdd", Identifiers.vd(3, 1, B));
        guest.run("add", "vdb").defined("vdc");
        guest.run("add", "vdd").defined("vdd");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        assertEquals(List.of("vdd -> ../vdd"), guest.names());
        guest.run("remove", "vdb").silent();
        guest.run("remove", "vdq").silent();
        assertEquals(List.of("vdd -> ../vdd"), guest.names());
    }

    /** The events of a disk that has come back may be told in any order. */
    @ParameterizedTest
    @EnumSource
    void aLateRemovalTakesNoNameFromADiskThatIsHere(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.plugPartition("vdb", "vdb1", 1);
        guest.run("add", "vdb").defined("vdc");
        List<String> names = List.of("vdc -> ../vdb", "vdc1 -> ../vdb1");
        guest.run("remove", "vdb").silent();
        guest.run("remove", "vdb1").silent();
        assertEquals(names, guest.names());
        assertEquals(1, guest.run("list").output().lines().count());

        guest.plugNbd("nbd0", "4711");
        guest.run("nbd", "nbd0", Identifiers.vd(7, 1, A)).defined("vdh");
        guest.run("remove", "nbd0").silent();
        assertEquals(2, guest.run("list").output().lines().count());
        guest.plugNbd("nbd0", "4712");
        guest.run("remove", "nbd0").silent();
        assertEquals(names, guest.names());

        // Another disk has come under the same device name.
        guest.plug("vdb", Identifiers.vd(5, 1, B));
        guest.run("remove", "vdb").silent();
        assertEquals(List.of(), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void takesTheNameAwayWhenTheDeviceSaysSomethingElse(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.run("add", "vdb").defined("vdc");
        guest.plug("vdb", Identifiers.vd(3, 1, A));
        guest.run("add", "vdb").defined("vdd");
        assertEquals(List.of("vdd -> ../vdb"), guest.names());
        guest.plug("vdb", Identifiers.vd(3, 1, A).replace("V", "S"));
        guest.run("add", "vdb").refused(MALFORMED, "wrong check character");
        assertEquals(List.of(), guest.names());
        assertEquals(List.of(), guest.links("run/names"));
    }

    @ParameterizedTest
    @EnumSource
    void aDiskWhoseRemovalWasMissedHoldsNothingBack(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.run("add", "vdb").defined("vdc");
        guest.pull("vdb");
        guest.plug("vdd", Identifiers.vd(VDC, 2, B));
        guest.run("add", "vdd").defined("vdc");
        assertEquals(List.of("vdc -> ../vdd"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void leavesALinkThatItDidNotMake(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.link("dev/chainring/vdc", "../sda");
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.run("add", "vdb").refused(CONFLICT, "vdc is there and is not ours");
        assertEquals(List.of("vdc -> ../sda"), guest.names());
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        assertEquals(List.of("vdc -> ../sda"), guest.names());

        guest.link("dev/chainring/vdd1", "../sda1");
        guest.plug("vdb", Identifiers.vd(3, 1, A));
        guest.plugPartition("vdb", "vdb1", 1);
        Answer answer = guest.run("add", "vdb");
        assertEquals(new Answer(0, "vdd\n", answer.errors()), answer);
        assertTrue(answer.errors().contains("vdd1 is there and is not ours"), answer.errors());
        guest.run("add", "vdb1").refused(CONFLICT, "vdd1 is there and is not ours");
        assertEquals(List.of("vdc -> ../sda", "vdd -> ../vdb", "vdd1 -> ../sda1"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void namesPartitionsByTheNameOfTheirDisk(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(VDC, 1, A));
        guest.plugPartition("vdb", "vdb1", 1);
        guest.run("add", "vdb1").silent();
        guest.run("add", "vdb").defined("vdc");
        guest.plugPartition("vdb", "vdb15", 15);
        guest.run("add", "vdb15").defined("vdc15");
        assertEquals(
                List.of("vdc -> ../vdb", "vdc1 -> ../vdb1", "vdc15 -> ../vdb15"), guest.names());
        guest.pull("vdb15");
        guest.run("remove", "vdb15").silent();
        assertEquals(List.of("vdc -> ../vdb", "vdc1 -> ../vdb1"), guest.names());
        guest.pull("vdb1");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        assertEquals(List.of(), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void namesAnNbdDiskByItsDescriptionWhileItsConnectionLasts(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plugNbd("nbd0", "4711");
        guest.plugPartition("nbd0", "nbd0p1", 1);
        String description = "Chainring disk data, identifier " + Identifiers.vd(VDC, 1, A);
        guest.run("nbd", "nbd0", description).defined("vdc");
        guest.run("add", "nbd0").defined("vdc");
        assertEquals(List.of("vdc -> ../nbd0", "vdc1 -> ../nbd0p1"), guest.names());
        guest.plug("vdb", Identifiers.vd(VDC, 2, B));
        guest.run("add", "vdb").refused(CONFLICT, "allocated to a different disk, nbd0");

        guest.plugNbd("nbd0", "4712");
        guest.run("add", "vdb").defined("vdc");
        assertEquals(List.of("vdc -> ../vdb"), guest.names());
        guest.run("nbd", "nbd0", description).refused(STALE, "2 was seen");
        guest.run("nbd", "nbd0", "some disk").refused(MALFORMED, "does not end with");
        guest.run("nbd", "nbd0", Identifiers.vd(7, 1, A) + " x$(y)").refused(MALFORMED, "");
        guest.run("nbd", "nbd0", Identifiers.vd(7, 1, A)).defined("vdh");
        guest.run("nbd", "nbd1", description).refused(2, "nbd1 is not connected");
        guest.run("nbd", "vdb", description).refused(2, "vdb is no NBD device");
        assertEquals(
                List.of("vdc -> ../vdb", "vdh -> ../nbd0", "vdh1 -> ../nbd0p1"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void refusesArgumentsThatItDoesNotKnow(Shell shell) throws IOException, Exception {
        Guest guest = new Guest(folder, shell);
        guest.run().refused(2, "no command");
        guest.run("add").refused(2, "add takes a device");
        guest.run("add", "../vdb").refused(2, "no device name");
        guest.run("remove", "a b").refused(2, "no device name");
        guest.run("frobnicate", "vdb").refused(2, "unknown command");
        assertEquals(0, guest.run("--help").code());
    }
}
