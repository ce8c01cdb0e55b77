package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.guest.Guest.Answer;
import io.chainring.guest.Guest.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
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

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void ofDisksThatWantOneNameAtOnceOneGetsIt(Shell shell) throws Exception {
        for (int round = 1; round <= ROUNDS; round++) {
            Guest guest = new Guest(folder.resolve(shell + "-" + round), shell);
            for (int i = 0; i < CONTENDERS; i++) {
                guest.plug(device(i), Identifiers.vd(2, 1, new UUID(round, i)));
            }
            Process holder = holdTurn(guest);
            List<Run> runs = addAll(guest);
            holder.getOutputStream().close();
            assertOneWinner(guest, runs);
        }
    }

    /** The turn is given on by the kernel when who has it dies. */
    @ParameterizedTest
    @EnumSource
    void aTurnEndsWithItsHolder(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        for (int i = 0; i < CONTENDERS; i++) {
            guest.plug(device(i), Identifiers.vd(2, 1, new UUID(0, i)));
        }
        Process holder = holdTurn(guest);
        List<Run> runs = addAll(guest);
        holder.destroyForcibly();
        assertOneWinner(guest, runs);
    }

    /** What busybox's mkdir does with -m comes after the folder is there, and others have looked at it by then. */
    @ParameterizedTest
    @EnumSource
    void theTurnIsPrivateFromItsFirstMoment(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, new UUID(0, 1)));
        Path mkdir = guest.root.resolve("bin/mkdir");
        Files.delete(mkdir);
        Files.writeString(
                mkdir,
                "#!/bin/sh\nif [ \"$1\" = -m ]; then shift 2; fi\nexec "
                        + Shell.require("mkdir")
                        + " \"$@\"\n");
        Files.setPosixFilePermissions(mkdir, PosixFilePermissions.fromString("rwxr-xr-x"));
        guest.run("add", "vdb").defined("vdc");
        assertEquals(
                "rwx------",
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(guest.root.resolve("run/turn"))));
    }

    /** However long it takes: who waits is not refused, and starts nothing meanwhile. */
    @ParameterizedTest
    @EnumSource
    void whoWaitsForItsTurnSleepsUntilItComes(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, new UUID(0, 1)));
        Process holder = holdTurn(guest);
        Run run = guest.start("add", "vdb");
        // In the kernel's queue: only then is there anything to see of it.
        await(() -> Files.readString(Path.of("/proc/locks")).contains("-> FLOCK"));
        assertEquals(List.of(), guest.names());
        holder.getOutputStream().close();
        run.answer().defined("vdc");
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
            // Two disks a name, of one generation after the other.
            for (int i = 0; i < CONTENDERS; i++) {
                int generation = 2 * round + i % 2;
                guest.plug(device(i), Identifiers.vd(i / 2, generation, new UUID(round, i)));
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
            guest.run("recheck");
            List<String> names = guest.names();
            assertEquals(CONTENDERS / 2, names.size(), names.toString());
            for (int i = 0; i < names.size(); i++) {
                String name = "vd" + (char) ('a' + i) + " -> ../";
                List<String> either = List.of(name + device(2 * i), name + device(2 * i + 1));
                assertTrue(either.contains(names.get(i)), names.toString());
            }
        }
        assertTrue(killed > 0, "nobody was killed");
        assertEquals(List.of("settled -> yes"), guest.links("run"));
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
    }

    /** Takes the turn, as another helper would, until the standard input of what is left here ends. */
    private static Process holdTurn(Guest guest) throws Exception {
        guest.run("remove", "vdnone").silent();
        Process holder =
                new ProcessBuilder(
                                Shell.require("flock").toString(),
                                guest.root.resolve("run/turn").toString(),
                                "sh",
                                "-c",
                                "echo held; read -r end")
                        .start();
        assertEquals('h', holder.getInputStream().read());
        return holder;
    }

    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < end, "it does not come");
            Thread.onSpinWait();
        }
    }
}
