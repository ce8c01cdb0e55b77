package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Disks that are there together when a guest boots: who gets the name depends on them alone. */
@Tag("clients")
class OrderTest {
    private static final int ROUNDS = 12;

    @TempDir Path folder;

    /** Two that are stale, one that is not, and nothing is remembered; far apart or not. */
    @ParameterizedTest
    @EnumSource
    void theNewestGetsTheNameInAnyOrderAndAfterAnyNumberOfRechecks(Shell shell) throws Exception {
        Random random = IdentifierTest.random();
        for (int round = 0; round < ROUNDS; round++) {
            Guest guest = new Guest(folder.resolve(shell + "-" + round), shell);
            int newest = round % 2 == 0 ? 3 : 2_500;
            plug(guest, 1, newest / 2, newest);
            boot(guest, random);
            assertEquals(List.of("vdc -> ../vdm"), guest.names(), "round " + round);
            for (int i = random.nextInt(3); i > 0; i--) {
                guest.run("recheck");
            }
            assertEquals(List.of("vdc -> ../vdm"), guest.names(), "round " + round);
            guest.reboot();
            boot(guest, random);
            assertEquals(List.of("vdc -> ../vdm"), guest.names(), "round " + round);
        }
    }

    /** What an earlier boot has seen bounds them all, also when it can be read only in the middle. */
    @ParameterizedTest
    @EnumSource
    void theNewestThatMayFollowGetsIt(Shell shell) throws Exception {
        Random random = IdentifierTest.random();
        for (int round = 0; round < ROUNDS; round++) {
            Guest guest = new Guest(folder.resolve(shell + "-" + round), shell);
            plug(guest, 4, 1_600, 900);
            boolean late = round % 2 == 0;
            String memory = "00005:" + Identifiers.digest(new UUID(0, 9));
            Runnable nothing = () -> {};
            if (late) {
                Files.createFile(guest.root.resolve("lib"));
                events(guest, random, nothing);
                Files.delete(guest.root.resolve("lib"));
                guest.link("lib/generations/vdc", memory);
                guest.run("recheck");
            } else {
                guest.link("lib/generations/vdc", memory);
                boot(guest, random);
            }
            assertEquals(List.of("vdc -> ../vdm"), guest.names(), "round " + round);
            for (int i = random.nextInt(3); i > 0; i--) {
                guest.run("recheck");
            }
            assertEquals(List.of("vdc -> ../vdm"), guest.names(), "round " + round);
            assertEquals(
                    List.of("vdc -> 000P0:" + Identifiers.digest(new UUID(0, 2))),
                    guest.links("lib/generations"));
        }
    }

    /** The last of the generations is vdm's, which is to get the name. */
    private static void plug(Guest guest, int... generations) throws Exception {
        List<String> devices = List.of("vdk", "vdl", "vdm");
        for (int i = 0; i < devices.size(); i++) {
            guest.plug(devices.get(i), Identifiers.vd(2, generations[i], new UUID(0, i)));
        }
    }

    /** The events of all disks with rechecks between them, and one at the end. */
    private static void boot(Guest guest, Random random) throws Exception {
        events(
                guest,
                random,
                () -> {
                    try {
                        guest.run("recheck");
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                });
        guest.run("recheck");
    }

    private static void events(Guest guest, Random random, Runnable between) throws Exception {
        List<String> order = new ArrayList<>(List.of("vdk", "vdl", "vdm", "vdk"));
        Collections.shuffle(order, random);
        for (String each : order) {
            guest.run("add", each);
            if (random.nextBoolean()) {
                between.run();
            }
        }
    }
}
