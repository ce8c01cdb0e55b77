package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainring.guest.Guest.Answer;
import io.chainring.guest.Guest.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the helper costs, in processes started: in a small guest each is dear, and time is the machine's matter.
 *
 * <p>They are counted by the kernel: in a namespace of its own the next process id tells how many there were.
 */
@Tag("clients")
class CostTest {
    /** A shell, its lock, a listing, and what a new name is written with. */
    private static final int EVENT_LIMIT = 12;

    private static final int PER_NEW_NAME = 6;
    private static final int MANY = 200;

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void aRecheckIsLinearAndCostsNothingForWhatHasItsName(Shell shell) throws Exception {
        for (int disks : new int[] {1, 20, 100, MANY}) {
            Guest guest = guest(shell, disks);
            int first = count(guest, "recheck");
            int again = count(guest, "recheck");
            System.out.printf("%s: %d disks: %d, again %d%n", shell, disks, first, again);
            assertTrue(first <= EVENT_LIMIT + PER_NEW_NAME * disks, disks + " disks: " + first);
            assertTrue(again <= EVENT_LIMIT, disks + " disks again: " + again);
            assertEquals(disks, guest.names().size());
        }
    }

    @ParameterizedTest
    @EnumSource
    void anEventCostsTheSameHoweverManyDisksThereAre(Shell shell) throws Exception {
        for (int disks : new int[] {1, 20, 100, MANY}) {
            Guest guest = guest(shell, disks);
            assertEquals(0, guest.run("recheck").code());
            guest.plug("vdnew", Identifiers.vd(30_000, 1, new UUID(1, 1)));
            int added = count(guest, "add", "vdnew");
            int again = count(guest, "add", "vdnew");
            guest.pull("vdnew");
            int removed = count(guest, "remove", "vdnew");
            System.out.printf(
                    "%s: %d disks: add %d, again %d, remove %d%n",
                    shell, disks, added, again, removed);
            assertTrue(added <= EVENT_LIMIT, disks + " disks: " + added);
            assertTrue(again <= EVENT_LIMIT / 2, disks + " disks again: " + again);
            assertTrue(removed <= EVENT_LIMIT, disks + " disks, removed: " + removed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void manyAtOnceAreAllServed(Shell shell) throws Exception {
        Guest guest = guest(shell, MANY);
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            runs.add(guest.start("add", device(i)));
        }
        for (Run run : runs) {
            Answer answer = run.answer();
            assertEquals(0, answer.code(), answer.errors());
        }
        assertEquals(MANY, guest.names().size());
    }

    private Guest guest(Shell shell, int disks) throws Exception {
        Guest guest = new Guest(Files.createTempDirectory(folder, "guest"), shell);
        for (int i = 0; i < disks; i++) {
            guest.plug(device(i), Identifiers.vd(i + 1, 1, new UUID(0, i)));
        }
        return guest;
    }

    private static String device(int i) {
        return "vdx" + (char) ('a' + i / 26) + (char) ('a' + i % 26);
    }

    /** How many processes the helper starts, itself among them. */
    private static int count(Guest guest, String... arguments) throws Exception {
        assumeTrue((int) Files.getAttribute(guest.root, "unix:uid") == 0, "missing: root");
        String shell = Shell.require("dash").toString();
        Path counted = guest.root.resolve("out/count");
        List<String> namespace =
                List.of(
                        Shell.require("unshare").toString(),
                        "--pid",
                        "--fork",
                        "--mount-proc",
                        shell,
                        "-c",
                        "count=$0; \"$@\"; code=$?; "
                                + shell
                                + " -c 'echo $$' >\"$count\"; exit $code",
                        counted.toString());
        Answer answer =
                guest.start(namespace, Guest.SOURCES.resolve("chainring-disk"), arguments).answer();
        assertEquals(0, answer.code(), answer.errors());
        // The namespace's first process and the one that tells its number are not the helper's.
        return Integer.parseInt(Files.readString(counted).strip()) - 2;
    }
}
