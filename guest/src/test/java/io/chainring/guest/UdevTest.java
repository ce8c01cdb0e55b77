package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.guest.Guest.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where udev runs the links are its alone, and a name that is in use is not taken away. */
@Tag("clients")
class UdevTest {
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);
    private static final int STALE = 4;
    private static final int UNABLE = 6;

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void theHelperMakesNoLinkButHasUdevMakeIt(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Udev udev = new Udev(guest);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        guest.plugPartition("vdb", "vdb1", 1);
        guest.run("add", "vdb").defined("vdc");
        assertEquals(List.of(), guest.names());
        assertEquals(2, udev.events());
        assertEquals(List.of("vdc -> ../vdb", "vdc1 -> ../vdb1"), guest.names());
        assertEquals(0, guest.run("recheck").code());
        assertEquals(0, udev.events(), "nothing was to be changed");
    }

    @ParameterizedTest
    @EnumSource
    void anEventOfItsOwnAsksForNoOtherThanThePartitions(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Udev udev = new Udev(guest);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        guest.plugPartition("vdb", "vdb1", 1);
        assertEquals("\n", udev.event("vdb1").output());
        udev.event("vdb").defined("vdc");
        assertEquals(1, udev.events());
        udev.event("vdb").defined("vdc");
        assertEquals(0, udev.events());
        assertEquals(List.of("vdc -> ../vdb", "vdc1 -> ../vdb1"), guest.names());
    }

    /** The right disk's name once went with the next event of a stale one that recheck had taken it from. */
    @ParameterizedTest
    @EnumSource
    void recheckLeavesUdevOfOneMindWithTheHelper(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Udev udev = new Udev(guest);
        Files.createFile(guest.root.resolve("lib"));
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.plug("vdd", Identifiers.vd(2, 9, B));
        assertEquals("vdc\n", udev.event("vdb").output());
        udev.event("vdd");
        Files.delete(guest.root.resolve("lib"));
        guest.link("lib/generations/vdc", "00009:" + Identifiers.digest(B));
        guest.run("recheck");
        udev.events();
        assertEquals(List.of("vdc -> ../vdd"), guest.names());
        for (String each : List.of("vdb", "vdd", "vdb")) {
            udev.event(each);
            assertEquals(List.of("vdc -> ../vdd"), guest.names());
        }
        guest.pull("vdb");
        udev.removed("vdb");
        assertEquals(List.of("vdc -> ../vdd"), guest.names());
    }

    /** Also when udev has another opinion for a reason that nobody knows. */
    @ParameterizedTest
    @EnumSource
    void recheckMendsWhatUdevHasOtherwise(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Udev udev = new Udev(guest);
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        udev.event("vdb").defined("vdc");
        Files.delete(guest.root.resolve("dev/chainring/vdc"));
        guest.link("dev/chainring/vdq", "../vdb");
        assertEquals(0, guest.run("recheck").code());
        assertEquals(1, udev.events());
        assertEquals(List.of("vdc -> ../vdb"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void aHelperThatCannotDecideFailsSoThatTheLinkStays(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Udev udev = new Udev(guest);
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        udev.event("vdb").defined("vdc");
        Files.setAttribute(guest.root.resolve("run"), "unix:mode", 0777);
        udev.event("vdb").refused(UNABLE, "others than root can change");
        assertEquals(List.of("vdc -> ../vdb"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void aRefusedDiskIsNoFailureOfTheRule(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Udev udev = new Udev(guest);
        guest.plug("vdb", Identifiers.vd(2, 7, A).replace("V", "S"));
        Answer answer = udev.event("vdb");
        assertEquals(0, answer.code());
        assertEquals("\n", answer.output());
        assertTrue(answer.errors().contains("wrong check character"), answer.errors());
    }

    @ParameterizedTest
    @EnumSource
    void aNameInUseIsNotTakenAway(Shell shell) throws Exception {
        for (String use : List.of("disk", "partition", "source", "link", "swap", "holder")) {
            Guest guest = new Guest(folder.resolve(use), shell);
            Udev udev = new Udev(guest);
            guest.plug("vdb", Identifiers.vd(2, 7, A));
            guest.plugPartition("vdb", "vdb1", 1);
            udev.event("vdb").defined("vdc");
            udev.events();
            assertEquals(0, guest.run("recheck").code());
            List<String> names = List.of("vdc -> ../vdb", "vdc1 -> ../vdb1");
            assertEquals(names, guest.names());
            assertEquals(new Answer(0, "", ""), guest.run("in-use"));
            use(guest, use);
            assertEquals("vdc\n", guest.run("in-use").output(), use);

            // It has become stale, then another disk's by what the device says, then nothing at
            // all.
            remember(guest, "00008:" + Identifiers.digest(B));
            Answer answer = guest.run("recheck");
            assertEquals(STALE, answer.code(), answer.toString());
            assertTrue(answer.errors().contains("keeps the name vdc"), answer.errors());
            assertEquals(1, answer.errors().lines().count(), answer.errors());
            udev.events();
            udev.event("vdb").defined("vdc");
            assertEquals(names, guest.names(), use);
            serial(guest, Identifiers.vd(5, 1, B));
            assertEquals("vdc\n", udev.event("vdb").output());
            serial(guest, "");
            assertEquals("vdc\n", udev.event("vdb").output());
            assertEquals(names, guest.names(), use);
            guest.plug("vdd", Identifiers.vd(2, 9, B));
            assertEquals("\n", udev.event("vdd").output());
            assertEquals(names, guest.names(), use);

            // The use is over.
            guest.mounts("");
            Files.deleteIfExists(guest.root.resolve("proc/swaps"));
            Files.deleteIfExists(guest.root.resolve("sys/devices/vdb/vdb1/holders/dm-0"));
            serial(guest, Identifiers.vd(2, 7, A));
            guest.run("recheck");
            udev.events();
            assertEquals(List.of("vdc -> ../vdd"), guest.names(), use);
        }
    }

    private static void use(Guest guest, String use) throws Exception {
        String line = "36 1 0:50 / /data rw,noatime shared:1 master:2 - btrfs %s rw\n";
        switch (use) {
            case "disk" -> guest.mount("vdb");
            case "partition" -> guest.mount("vdb1");
            case "source" -> guest.mounts(line.formatted(guest.root.resolve("dev/vdb1")));
            case "link" -> guest.mounts(line.formatted(guest.root.resolve("dev/chainring/vdc1")));
            case "swap" ->
                    Files.writeString(
                            guest.root.resolve("proc/swaps"),
                            "Filename Type Size Used Priority\n"
                                    + guest.root.resolve("dev/vdb1")
                                    + " partition 1 0 -2\n");
            default -> guest.folders("sys/devices/vdb/vdb1/holders/dm-0");
        }
    }

    private static void remember(Guest guest, String text) throws Exception {
        for (String memory : List.of("lib/generations/vdc", "run/generations/vdc")) {
            Files.delete(guest.root.resolve(memory));
            guest.link(memory, text);
        }
    }

    private static void serial(Guest guest, String text) throws Exception {
        Files.writeString(guest.root.resolve("sys/devices/vdb/serial"), text);
    }

    @ParameterizedTest
    @EnumSource
    void whoWaitsForANameGetsItWhenItIsFree(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Udev udev = new Udev(guest);
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.plug("vdd", Identifiers.vd(2, 9, B));
        udev.event("vdb").defined("vdc");
        Answer refused = udev.event("vdd");
        assertTrue(refused.errors().contains("allocated to a different disk"), refused.errors());
        guest.pull("vdb");
        udev.removed("vdb").silent();
        assertEquals(1, udev.events());
        assertEquals(List.of("vdc -> ../vdd"), guest.names());
        assertEquals(List.of(), guest.links("run/refused"));
    }

    @ParameterizedTest
    @EnumSource
    void aRefusalIsLoggedOnceHoweverOftenItIsMet(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Udev udev = new Udev(guest);
        Path kernel = Files.createFile(guest.root.resolve("dev/kmsg"));
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.plug("vdd", Identifiers.vd(2, 6, B));
        udev.event("vdb").defined("vdc");
        assertTrue(udev.event("vdd").errors().contains("is stale"));
        String once = Files.readString(kernel);
        assertEquals(1, once.lines().count(), once);
        assertTrue(once.startsWith("<3>chainring-disk: vdd gets no name: "), once);
        udev.event("vdd");
        assertEquals(STALE, guest.run("recheck").code());
        guest.run("add", "vdd").refused(STALE, "is stale");
        assertEquals(once, Files.readString(kernel));

        // As the unit calls it: the log has it, its status says how many and which.
        guest.environment.put("CHAINRING_LOG", "stderr");
        Answer answer = guest.run("recheck");
        assertEquals(
                new Answer(
                        STALE,
                        "Chainring disks without a name: 1 of 2 (vdd);"
                                + " journalctl -t chainring-disk says why\n",
                        ""),
                answer);
        guest.pull("vdd");
        udev.removed("vdd");
        guest.plug("vdd", Identifiers.vd(2, 6, B));
        answer = guest.run("recheck");
        assertEquals(1, answer.errors().lines().count(), answer.errors());
        assertTrue(answer.errors().startsWith("<3>vdd gets no name: "), answer.errors());
        assertEquals(once, Files.readString(kernel));
    }
}
