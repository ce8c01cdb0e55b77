package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is kept over a reboot, what happens while it cannot be, and who hears of a refusal. */
@Tag("clients")
class MemoryTest {
    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);
    private static final int STALE = 4;
    private static final int CONFLICT = 5;
    private static final int UNABLE = 6;

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void recheckKeepsForGoodWhatCouldNotBeWritten(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Files.createFile(guest.root.resolve("lib"));
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.plug("vdd", Identifiers.vd(3, 7, B));
        var answer = guest.run("add", "vdb");
        assertEquals("vdc\n", answer.output());
        assertTrue(answer.errors().contains("forgotten at reboot unless recheck"), answer.errors());
        guest.run("add", "vdd");
        guest.pull("vdd");
        guest.run("remove", "vdd").silent();

        Files.delete(guest.root.resolve("lib"));
        assertEquals(0, guest.run("recheck").code());
        assertEquals(List.of("vdc -> ../vdb"), guest.names());
        assertEquals(
                List.of(
                        "vdc -> 00007:" + Identifiers.digest(A),
                        "vdd -> 00007:" + Identifiers.digest(B)),
                guest.links("lib/generations"));
    }

    @ParameterizedTest
    @EnumSource
    void recheckTakesAwayWhatTheMemoryOfEarlierBootsRefuses(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.plug("vdd", Identifiers.vd(3, 7, A));
        guest.plug("vde", Identifiers.vd(4, 7, A));
        guest.run("add", "vdb").defined("vdc");
        guest.run("add", "vdd").defined("vdd");
        guest.run("add", "vde").defined("vde");
        Guest.delete(guest.root.resolve("lib"));
        guest.link("lib/generations/vdc", "00008:" + Identifiers.digest(B));
        guest.link("lib/generations/vdd", "00007:" + Identifiers.digest(B));
        guest.link("lib/generations/vde", "00006:" + Identifiers.digest(B));

        var answer = guest.run("recheck");
        assertTrue(List.of(STALE, CONFLICT).contains(answer.code()), answer.toString());
        assertTrue(answer.errors().contains("generation 7 of vdc; 8 was seen"), answer.errors());
        assertTrue(answer.errors().contains("of vdd is a different disk's"), answer.errors());
        assertEquals(List.of("vde -> ../vde"), guest.names());
        assertEquals(
                List.of(
                        "vdc -> 00008:" + Identifiers.digest(B),
                        "vdd -> 00007:" + Identifiers.digest(B),
                        "vde -> 00007:" + Identifiers.digest(A)),
                guest.links("lib/generations"));
    }

    @ParameterizedTest
    @EnumSource
    void recheckTakesNoNameFromItsHolderForARefusedDisk(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        guest.plug("vdd", Identifiers.vd(2, 2, B));
        guest.run("add", "vdb").defined("vdc");
        guest.pull("vdd");
        assertEquals(0, guest.run("recheck").code());
        guest.plug("vdd", Identifiers.vd(2, 2, B));
        guest.run("add", "vdd").refused(CONFLICT, "allocated to a different disk, vdb");
        assertEquals(CONFLICT, guest.run("recheck").code());
        assertEquals(List.of("vdc -> ../vdb"), guest.names());
    }

    @ParameterizedTest
    @EnumSource
    void definesNothingOverADamagedMemory(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        for (String damage :
                List.of("", "x", "0000a:00000000", "00001:0000000", "00001-00000000")) {
            Path memory = guest.root.resolve("lib/generations/vdc");
            if (damage.isEmpty()) {
                guest.folders("lib/generations");
                Files.createFile(memory);
            } else {
                guest.link("lib/generations/vdc", damage);
            }
            guest.run("add", "vdb")
                    .refused(UNABLE, "lib/generations/vdc is damaged: chainring-disk forget vdc");
            assertEquals(List.of(), guest.names());
            guest.run("forget", "vdc").silent();
        }
        guest.run("add", "vdb").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsRefusedIsNotRemembered(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        List<String> seen = List.of("vdc -> 00007:" + Identifiers.digest(A));
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.run("add", "vdb").defined("vdc");

        // Its name is held, is another's, or cannot be made: each time a generation that may
        // follow.
        guest.plug("vdd", Identifiers.vd(2, 8, B));
        guest.run("add", "vdd").refused(CONFLICT, "allocated to a different disk, vdb");
        guest.pull("vdd");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        guest.plug("vdd", Identifiers.vd(2, 8, B));
        guest.link("dev/chainring/vdc", "../sda");
        guest.run("add", "vdd").refused(CONFLICT, "is not ours");
        Guest.delete(guest.root.resolve("dev/chainring"));
        Files.createFile(guest.root.resolve("dev/chainring"));
        guest.run("add", "vdd").refused(UNABLE, "cannot make");
        Files.delete(guest.root.resolve("dev/chainring"));
        assertEquals(seen, guest.links("run/generations"));
        assertEquals(seen, guest.links("lib/generations"));

        guest.pull("vdd");
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.run("add", "vdb").defined("vdc");
        guest.reboot();
        guest.run("add", "vdb").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void aGenerationMayNotJumpFarAhead(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.run("add", "vdb").defined("vdc");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        for (int generation : new int[] {1_008, 60_466_175}) {
            guest.plug("vdd", Identifiers.vd(2, generation, B));
            guest.run("add", "vdd").refused(STALE, "over 1000 ahead of 7, the newest seen");
            guest.run("add", "vdd").refused(STALE, "chainring-disk forget vdc");
        }
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.run("add", "vdb").defined("vdc");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        assertEquals(List.of(), guest.names(), "it waited for the name, and is too far ahead");
        guest.plug("vdd", Identifiers.vd(2, 1_007, B));
        guest.run("add", "vdd").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void forgetGivesANameBackThatALieEnded(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdd", Identifiers.vd(2, 60_466_175, B));
        guest.run("add", "vdd").defined("vdc");
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.run("add", "vdb").refused(STALE, "chainring-disk forget vdc");
        guest.run("forget", "vdc").refused(CONFLICT, "first unplug it");
        guest.pull("vdd");
        guest.run("remove", "vdd").silent();
        guest.run("add", "vdb").refused(STALE, "chainring-disk forget vdc");
        guest.run("forget", "vdc").silent();
        assertEquals(List.of(), guest.links("run/generations"));
        assertEquals(List.of(), guest.links("lib/generations"));
        guest.run("add", "vdb").defined("vdc");
        guest.plug("vdb", Identifiers.vd(2, 7, B));
        guest.run("add", "vdb").refused(CONFLICT, "chainring-disk forget vdc");
        guest.run("forget", "vdq").silent();
        guest.run("forget").refused(2, "forget takes a name");
    }

    /** Before /var/lib can be read a first lie is believed; it ends with the recheck. */
    @ParameterizedTest
    @EnumSource
    void recheckLetsNoLieOfEarlyBootIntoTheMemory(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        Files.createFile(guest.root.resolve("lib"));
        guest.plug("vdd", Identifiers.vd(2, 60_466_175, B));
        guest.plug("vde", Identifiers.vd(3, 7, B));
        assertEquals(0, guest.run("add", "vdd").code());
        assertEquals(0, guest.run("add", "vde").code());
        Files.delete(guest.root.resolve("lib"));
        guest.link("lib/generations/vdc", "00007:" + Identifiers.digest(A));
        guest.link("lib/generations/vdd", "00007:" + Identifiers.digest(A));
        guest.link("lib/generations/vde", "damaged");
        guest.link("run/generations/vde", "00007:" + Identifiers.digest(A));
        var answer = guest.run("recheck");
        assertTrue(answer.code() != 0, answer.toString());
        assertTrue(answer.errors().contains("over 1000 ahead of 7"), answer.errors());
        assertTrue(answer.errors().contains("of vdd is a different disk's"), answer.errors());
        assertEquals(List.of(), guest.names());
        guest.pull("vdd");
        guest.pull("vde");
        guest.plug("vdb", Identifiers.vd(2, 7, A));
        guest.plug("vdf", Identifiers.vd(3, 7, A));
        guest.run("add", "vdb").defined("vdc");
        guest.run("add", "vdf").defined("vdd");
    }

    @ParameterizedTest
    @EnumSource
    void definesNothingThatItCannotRecord(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        Files.createFile(guest.root.resolve("run"));
        guest.run("add", "vdb").refused(UNABLE, "cannot make");
        Files.delete(guest.root.resolve("run"));
        Files.createFile(guest.root.resolve("dev/chainring"));
        guest.run("add", "vdb").refused(UNABLE, "cannot make");
        assertEquals(List.of(), guest.links("run/names"));
    }

    @ParameterizedTest
    @EnumSource
    void tellsTheLogOfARefusal(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.identifier('W', 3, 1, A));
        Path kernel = Files.createFile(guest.root.resolve("dev/kmsg"));
        String said = guest.run("add", "vdb").errors();
        assertEquals("<3>" + said, Files.readString(kernel));

        Path logger = guest.root.resolve("bin/logger");
        Path log = Files.createFile(guest.root.resolve("dev/log"));
        Files.writeString(logger, "#!/bin/sh\nprintf '%s,' \"$@\" >" + log + "\n");
        assertTrue(logger.toFile().setExecutable(true));
        guest.plug("vdd", Identifiers.identifier('W', 3, 1, A));
        String logged = guest.run("add", "vdd").errors();
        assertEquals(
                "-t,chainring-disk,-p,daemon.err,--,"
                        + logged.strip().replace("chainring-disk: ", "")
                        + ",",
                Files.readString(log));
        assertEquals("<3>" + said, Files.readString(kernel));
    }
}
