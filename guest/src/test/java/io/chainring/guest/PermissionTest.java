package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Other users of the guest: what they may change is not believed, and nothing is left open to them. */
@Tag("clients")
class PermissionTest {
    private static final UUID A = new UUID(0, 1);
    private static final int UNABLE = 6;
    private static final int SOMEBODY = 12_345;

    /** What the helper keeps, and where its names are. */
    private static final List<String> FOLDERS =
            List.of(
                    "run",
                    "run/names",
                    "run/generations",
                    "run/devices",
                    "run/refused",
                    "lib",
                    "lib/generations",
                    "dev/chainring");

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void leavesNothingOpenWhenItIsCalledWithoutAUmask(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.umask = "000";
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        guest.run("add", "vdb").defined("vdc");
        for (String each : FOLDERS) {
            assertEquals("rwxr-xr-x", mode(guest, each), each);
        }
        assertEquals(0, guest.run("recheck").code());
    }

    @ParameterizedTest
    @EnumSource
    void refusesFoldersThatOthersMayWrite(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        guest.run("add", "vdb").defined("vdc");
        guest.pull("vdb");
        guest.run("remove", "vdb").silent();
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        for (String each : FOLDERS) {
            for (String mode : List.of("rwxrwxr-x", "rwxr-xrwx")) {
                chmod(guest, each, mode);
                assertNotBelieved(guest, "rm -r " + guest.root.resolve(each));
                chmod(guest, each, "rwxr-xr-x");
            }
        }
        guest.run("add", "vdb").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void refusesFoldersThatOthersMayReplace(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        guest.run("add", "vdb").defined("vdc");
        chmod(guest, "dev", "rwxrwxrwx");
        assertNotBelieved(guest, "chmod go-w " + guest.root.resolve("dev"));
        // As /tmp: what is root's there stays root's.
        Files.setAttribute(guest.root.resolve("dev"), "unix:mode", 01777);
        guest.run("add", "vdb").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void refusesFoldersAndEntriesOfOthers(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        guest.run("add", "vdb").defined("vdc");
        assumeTrue((int) Files.getAttribute(guest.root, "unix:uid") == 0, "missing: root");
        for (String each : FOLDERS) {
            chown(guest, each, SOMEBODY);
            // The folder, or the one above it that has it for an entry.
            assertNotBelieved(guest, "rm -r " + guest.root.resolve(each.split("/")[0]));
            chown(guest, each, 0);
        }
        for (String each :
                List.of(
                        "run/names/vdc",
                        "run/devices/vdb",
                        "lib/generations/vdc",
                        "dev/chainring/vdc")) {
            chown(guest, each, SOMEBODY);
            assertNotBelieved(guest, "rm -r " + guest.root.resolve(each).getParent());
            chown(guest, each, 0);
        }
        // What this disk has nothing to do with is read when all are.
        guest.link("run/names/vdz", "../../sda");
        guest.folders("run/names/vdy");
        for (String each : List.of("run/names/vdy", "run/names/vdz")) {
            chown(guest, each, SOMEBODY);
            String wayOut = "rm -r " + guest.root.resolve("run/names");
            guest.run("recheck").refused(UNABLE, wayOut);
            guest.run("list").refused(UNABLE, wayOut);
            chown(guest, each, 0);
        }
        Files.delete(guest.root.resolve("run/names/vdy"));
        Files.delete(guest.root.resolve("run/names/vdz"));
        guest.run("add", "vdb").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void followsNoLinkToItsFolders(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        Path elsewhere = guest.folders("elsewhere");
        for (String each : FOLDERS) {
            guest.link(each, elsewhere.toString());
            assertNotBelieved(guest, "rm " + guest.root.resolve(each));
            try (var content = Files.list(elsewhere)) {
                assertEquals(List.of(), content.toList(), each);
            }
            Files.delete(guest.root.resolve(each));
        }
        guest.run("add", "vdb").defined("vdc");
    }

    @ParameterizedTest
    @EnumSource
    void theWayOutLeadsOut(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        guest.run("add", "vdb").defined("vdc");
        for (String each : List.of("dev/chainring", "lib", "run")) {
            chmod(guest, each, "rwxrwxrwx");
            assertNotBelieved(guest, "then chainring-disk recheck");
            Guest.delete(guest.root.resolve(each));
            assertEquals(0, guest.run("recheck").code(), each);
            assertEquals(List.of("vdc -> ../vdb"), guest.names(), each);
        }
    }

    @ParameterizedTest
    @EnumSource
    void neverPrintsARecordThatItDidNotWrite(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        String identifier = Identifiers.vd(2, 1, A);
        guest.link("run/names/vdc", identifier + ":vd\u001b[31mhostile\n:-");
        guest.folders("run/generations");
        guest.run("list").silent();
        guest.run("add", "vdb").defined("vdc");
        guest.run("remove", "a\u001bhostile").refused(2, "no device name");
        guest.run("forget", "../vdc").refused(2, "no name");
    }

    /** Who may open what is locked may keep everybody waiting. */
    @ParameterizedTest
    @EnumSource
    void nobodyElseCanOpenWhatIsLocked(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.umask = "000";
        guest.plug("vdb", Identifiers.vd(2, 1, A));
        guest.run("add", "vdb").defined("vdc");
        assertEquals("rwx------", mode(guest, "run/turn"));
        chmod(guest, "run/turn", "rwxr-xr-x");
        assertNotBelieved(guest, "rm -r " + guest.root.resolve("run"));
        chmod(guest, "run/turn", "rwx------");
        assumeTrue((int) Files.getAttribute(guest.root, "unix:uid") == 0, "missing: root");
        chown(guest, "run/turn", SOMEBODY);
        assertNotBelieved(guest, "rm -r " + guest.root.resolve("run"));
    }

    private static void assertNotBelieved(Guest guest, String wayOut) throws Exception {
        Guest.Answer answer = guest.run("add", "vdb");
        answer.refused(UNABLE, wayOut);
        assertEquals(1, answer.errors().lines().count(), answer.errors());
    }

    private static String mode(Guest guest, String place) throws IOException {
        Path path = guest.root.resolve(place);
        assertTrue(Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS), place);
        assertFalse(Files.isSymbolicLink(path), place);
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static void chmod(Guest guest, String place, String mode) throws IOException {
        Files.setPosixFilePermissions(
                guest.root.resolve(place), PosixFilePermissions.fromString(mode));
    }

    private static void chown(Guest guest, String place, int owner) throws IOException {
        Files.setAttribute(guest.root.resolve(place), "unix:uid", owner, LinkOption.NOFOLLOW_LINKS);
    }
}
