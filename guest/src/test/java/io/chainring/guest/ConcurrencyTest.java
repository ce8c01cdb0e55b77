package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.guest.Guest.Answer;
import io.chainring.guest.Guest.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Helpers at work at the same time, and helpers that die at work. */
@Tag("clients")
class ConcurrencyTest {
    private static final int CONFLICT = 5;
    private static final int CONTENDERS = 8;
    private static final int ROUNDS = 3;

    /** Above Linux's highest process id, so it is nobody's. */
    private static final String DEAD = "99999999.1";

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void ofDisksThatWantOneNameAtOnceOneGetsIt(Shell shell) throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            Guest guest = new Guest(folder.resolve(shell + "-" + round), shell);
            for (int i = 0; i < CONTENDERS; i++) {
                guest.plug(device(i), Identifiers.vd(2, 1, new UUID(round, i)));
            }
            holdLock(guest, mySelf());
            List<Run> runs = addAll(guest);
            Files.delete(guest.root.resolve("run/lock"));
            assertOneWinner(guest, runs);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theDeadHoldersLockHasOneHeir(Shell shell) throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            Guest guest = new Guest(folder.resolve(shell + "-" + round), shell);
            for (int i = 0; i < CONTENDERS; i++) {
                guest.plug(device(i), Identifiers.vd(2, 1, new UUID(round, i)));
            }
            holdLock(guest, DEAD);
            for (int heirs = 1; heirs < round; heirs++) {
                guest.link("run/lock." + DEAD + "+".repeat(heirs), DEAD);
            }
            assertOneWinner(guest, addAll(guest));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aProcessIdThatWasGivenOutAgainIsNotTheHolder(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, new UUID(0, 1)));
        holdLock(guest, ProcessHandle.current().pid() + ".1");
        guest.run("add", "vdb").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void differentNamesAtOnceAreAllDefined(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            guest.plug(device(i), Identifiers.vd(i, 1, new UUID(0, i)));
            expected.add("vd" + (char) ('a' + i) + " -> ../" + device(i));
        }
        for (Run run : addAll(guest)) {
            assertEquals(0, run.answer().code());
        }
        assertEquals(expected, guest.names());
    }

    /** Whatever a killed helper leaves behind, the next one gets the lock, and no name points at a wrong disk. */
    @ParameterizedTest
    @EnumSource
    void helpersKilledAtWorkLeaveNothingWrongBehind(Shell shell) throws Exception {
        Random random = IdentifierTest.random();
        Guest guest = new Guest(folder, shell);
        int killed = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            // Two disks a name, the second of the newer generation.
            List<String> expected = new ArrayList<>();
            for (int i = 0; i < CONTENDERS; i++) {
                int generation = 2 * round + i % 2;
                guest.plug(device(i), Identifiers.vd(i / 2, generation, new UUID(round, i)));
                if (i % 2 == 1) {
                    expected.add("vd" + (char) ('a' + i / 2) + " -> ../" + device(i));
                }
            }
            List<Run> runs = addAll(guest);
            for (Run run : runs) {
                if (!run.process().waitFor(random.nextInt(12), TimeUnit.MILLISECONDS)) {
                    run.process().destroyForcibly();
                    killed++;
                }
            }
            for (Run run : runs) {
                run.process().waitFor();
            }
            // Once to see what is there, once to take names from what turned out stale.
            guest.run("recheck");
            guest.run("recheck");
            assertEquals(expected, guest.names());
        }
        assertTrue(killed > 0, "nobody was killed");
        assertEquals(List.of(), guest.links("run"));
    }

    private static String device(int i) {
        return "vd" + (char) ('m' + i);
    }

    private static List<Run> addAll(Guest guest) throws IOException {
        List<Run> runs = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            runs.add(guest.start("add", device(i)));
        }
        return runs;
    }

    private static void assertOneWinner(Guest guest, List<Run> runs) throws Exception {
        List<String> winners = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            Answer answer = runs.get(i).answer();
            if (answer.code() == 0) {
                winners.add("vdc -> ../" + device(i));
            } else {
                answer.refused(CONFLICT, "");
            }
        }
        assertEquals(1, winners.size(), winners.toString());
        assertEquals(winners, guest.names());
        assertEquals(List.of(), guest.links("run"), "lock and heirs are gone");
    }

    private static void holdLock(Guest guest, String holder) throws IOException {
        guest.link("run/lock", holder);
    }

    /** This process, as the lock names it: id and start in clock ticks. */
    private static String mySelf() throws IOException {
        long pid = ProcessHandle.current().pid();
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(") ") + 2).split(" ");
        return pid + "." + fields[19];
    }
}
