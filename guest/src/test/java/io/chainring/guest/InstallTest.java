package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.guest.Guest.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The way into a guest: what is put where, and what calls what. */
@Tag("clients")
class InstallTest {
    private static final String HELPER = "usr/local/sbin/chainring-disk";
    private static final String RULES = "etc/udev/rules.d/60-chainring-disk.rules";
    private static final String UNIT = "etc/systemd/system/chainring-disk.service";
    private static final String WANTED =
            "etc/systemd/system/sysinit.target.wants/chainring-disk.service";

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void putsEverythingInItsPlaceAndTakesItAwayAgain(Shell shell) throws Exception {
        Path root = root("lib/udev", "usr/lib/systemd/system");
        Answer answer = install(shell, "--root", root.toString());
        assertEquals(0, answer.code(), answer.errors());
        assertEquals(new TreeSet<>(List.of(HELPER, RULES, UNIT, WANTED)), files(root));
        assertArrayEquals(
                Files.readAllBytes(Guest.SOURCES.resolve("chainring-disk")),
                Files.readAllBytes(root.resolve(HELPER)));
        assertTrue(Files.isExecutable(root.resolve(HELPER)));

        assertEquals(0, install(shell, "--uninstall", "--root", root.toString()).code());
        assertEquals(new TreeSet<>(), files(root));
    }

    @ParameterizedTest
    @EnumSource
    void showsTheLinesForMdevAndSaysWhenNothingCallsTheHelper(Shell shell) throws Exception {
        Path root = root("etc");
        Answer answer = install(shell, "--root", root.toString());
        assertEquals(0, answer.code());
        assertTrue(answer.output().contains("Neither udev nor mdev is here"), answer.output());

        Files.createFile(root.resolve("etc/mdev.conf"));
        answer = install(shell, "--root", root.toString());
        String lines = Files.readString(Guest.SOURCES.resolve("mdev.conf"));
        assertTrue(answer.output().contains(lines), answer.output());
        assertFalse(answer.output().contains("Neither"), answer.output());
        assertEquals(new TreeSet<>(List.of(HELPER, "etc/mdev.conf")), files(root));
    }

    @ParameterizedTest
    @EnumSource
    void saysWhatIsWrong(Shell shell) throws Exception {
        assertRefused(install(shell, "--frobnicate"), "unknown argument");
        Answer none = install(shell, "--root", folder.resolve("none").toString());
        assertRefused(none, "--root takes a folder");
    }

    /** An image whose maker wants the installing host's files: every folder and file on the way is a link to them. */
    @ParameterizedTest
    @EnumSource
    void noLinkOfTheImageLeadsOutOfIt(Shell shell) throws Exception {
        for (String out : List.of("", "../".repeat(30))) {
            for (String last : List.of("", HELPER, RULES, UNIT, WANTED)) {
                for (String action : List.of("install", "--uninstall")) {
                    assertStaysInside(shell, out, last, action);
                }
            }
        }
    }

    /** The link is the file itself, or with "" the folders of all files are. */
    private void assertStaysInside(Shell shell, String out, String last, String action)
            throws Exception {
        Path base = Files.createTempDirectory(folder, "image");
        Path host = Files.createDirectory(base.resolve("host"));
        Path root = Files.createDirectory(base.resolve("root"));
        String way = out + host;
        for (String file : List.of("chainring-disk", RULES, UNIT, WANTED)) {
            Path name = Path.of(file).getFileName();
            Files.writeString(host.resolve(name), "the host's");
        }
        for (String each : List.of(HELPER, RULES, UNIT, WANTED)) {
            Path place = root.resolve(each);
            if (last.isEmpty()) {
                Files.createDirectories(place.getParent().getParent());
                if (!Files.isDirectory(place.getParent(), LinkOption.NOFOLLOW_LINKS)
                        && !Files.isSymbolicLink(place.getParent())) {
                    Files.createSymbolicLink(place.getParent(), Path.of(way));
                }
            } else if (each.equals(last)) {
                Files.createDirectories(place.getParent());
                Files.createSymbolicLink(place, host.resolve(place.getFileName()));
            }
        }
        for (String each : List.of("lib/udev", "lib/systemd/system")) {
            Files.createDirectories(root.resolve(each));
        }
        Answer answer =
                action.equals("install")
                        ? install(shell, "--root", root.toString())
                        : install(shell, action, "--root", root.toString());
        assertEquals(0, answer.code(), answer.errors());
        assertEquals(3, files(host).size());
        for (String each : files(host)) {
            assertEquals("the host's", Files.readString(host.resolve(each)), last + " " + each);
        }
        if (action.equals("install") && !last.isEmpty()) {
            assertFalse(Files.isSymbolicLink(root.resolve(HELPER)));
            assertTrue(Files.isExecutable(root.resolve(HELPER)));
        }
    }

    /** As distributions have them: /lib and /usr/local/sbin are links, relative or not. */
    @ParameterizedTest
    @EnumSource
    void followsTheImagesOwnLinksInsideIt(Shell shell) throws Exception {
        Path root = root("usr/lib/udev", "usr/local/bin", "etc/udev", "data/rules");
        Files.createSymbolicLink(root.resolve("lib"), Path.of("usr/lib"));
        Files.createSymbolicLink(root.resolve("usr/local/sbin"), Path.of("bin"));
        Files.createSymbolicLink(root.resolve("etc/udev/rules.d"), Path.of("/data/rules"));
        assertEquals(0, install(shell, "--root", root.toString()).code());
        String rules = "data/rules/60-chainring-disk.rules";
        assertTrue(files(root).contains("usr/local/bin/chainring-disk"), files(root).toString());
        assertTrue(files(root).contains(rules), files(root).toString());
        assertEquals(0, install(shell, "--uninstall", "--root", root.toString()).code());
        assertFalse(files(root).contains("usr/local/bin/chainring-disk"));
        assertFalse(files(root).contains(rules));
    }

    /** A file of the image may have a second name outside; that one keeps its content. */
    @ParameterizedTest
    @EnumSource
    void replacesFilesAndDoesNotWriteThemOver(Shell shell) throws Exception {
        Path root = root("usr/local/sbin");
        Path host = Files.writeString(folder.resolve("host"), "the host's");
        Files.createLink(root.resolve(HELPER), host);
        Files.createSymbolicLink(root.resolve(HELPER + ".new"), host);
        assertEquals(0, install(shell, "--root", root.toString()).code());
        assertEquals("the host's", Files.readString(host));
        assertEquals(new TreeSet<>(List.of(HELPER)), files(root));
    }

    @ParameterizedTest
    @EnumSource
    void refusesLinksInACircleAndFoldersInTheWay(Shell shell) throws Exception {
        Path root = root("usr/local", "there/" + HELPER);
        Files.createSymbolicLink(root.resolve("usr/local/sbin"), Path.of("sbin"));
        assertRefused(install(shell, "--root", root.toString()), "too many links");
        Path there = root.resolve("there");
        assertRefused(install(shell, "--root", there.toString()), "is a folder");
    }

    @ParameterizedTest
    @EnumSource
    void leavesNothingOpenWithoutAUmask(Shell shell) throws Exception {
        Path root = root("lib/udev", "lib/systemd/system");
        assertEquals(0, installWith("000", shell, "--root", root.toString()).code());
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : all.filter(each -> !Files.isSymbolicLink(each)).toList()) {
                String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(each));
                assertEquals('-', mode.charAt(7), each + " " + mode);
            }
        }
    }

    private static void assertRefused(Answer answer, String words) {
        assertEquals(2, answer.code());
        assertEquals(1, answer.errors().lines().count(), answer.errors());
        assertTrue(answer.errors().contains(words), answer.errors());
    }

    @Test
    void rulesCallTheHelperWhereItIsPut() throws IOException {
        Pattern call = Pattern.compile("(/\\S*/)chainring-disk (\\w+)");
        for (String caller :
                List.of("60-chainring-disk.rules", "mdev.conf", "chainring-disk.service")) {
            var calls = call.matcher(Files.readString(Guest.SOURCES.resolve(caller)));
            TreeSet<String> commands = new TreeSet<>();
            while (calls.find()) {
                assertTrue(calls.group(1).endsWith("/usr/local/sbin/"), calls.group());
                commands.add(calls.group(2));
            }
            List<String> expected =
                    switch (caller) {
                        case "60-chainring-disk.rules" -> List.of("remove", "udev");
                        case "mdev.conf" -> List.of("add", "remove");
                        default -> List.of("recheck");
                    };
            assertEquals(new TreeSet<>(expected), commands, caller);
        }
    }

    /** A refused disk is no fault of the system's: only a helper that could not do its work is. */
    @Test
    void theUnitFailsOnlyWhenTheHelperCouldNotWork() throws IOException {
        String unit = Files.readString(Guest.SOURCES.resolve("chainring-disk.service"));
        assertTrue(unit.contains("\nSuccessExitStatus=3 4 5\n"), unit);
        assertTrue(unit.contains("\nEnvironment=CHAINRING_LOG=stderr\n"), unit);
    }

    @ParameterizedTest
    @EnumSource
    void takesNothingAwayWhileANameIsInUse(Shell shell) throws Exception {
        Guest guest = new Guest(folder, shell);
        guest.plug("vdb", Identifiers.vd(2, 1, new UUID(0, 1)));
        guest.run("add", "vdb").defined("vdc");
        guest.mount("vdb");
        Answer answer = guest.start(Guest.SOURCES.resolve("install.sh"), "--uninstall").answer();
        assertRefused(answer, "nothing was removed: these names are in use");
        assertTrue(answer.errors().endsWith(" vdc\n"), answer.errors());
        assertEquals(List.of("vdc -> ../vdb"), guest.names());
    }

    @Test
    void shellcheckFindsNothing() throws Exception {
        Process process =
                new ProcessBuilder(
                                Shell.require("shellcheck").toString(),
                                Guest.SOURCES.resolve("chainring-disk").toString(),
                                Guest.SOURCES.resolve("install.sh").toString())
                        .redirectErrorStream(true)
                        .start();
        String findings =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals("", findings);
        assertEquals(0, process.exitValue());
    }

    private Path root(String... folders) throws IOException {
        Path root = Files.createDirectories(folder.resolve("root"));
        for (String each : folders) {
            Files.createDirectories(root.resolve(each));
        }
        return root;
    }

    private Answer install(Shell shell, String... arguments) throws Exception {
        return installWith("022", shell, arguments);
    }

    private Answer installWith(String umask, Shell shell, String... arguments) throws Exception {
        Guest guest = new Guest(Files.createTempDirectory(folder, "guest"), shell);
        guest.umask = umask;
        for (String program : List.of("cp", "chmod", "readlink")) {
            Files.createSymbolicLink(
                    guest.root.resolve("bin").resolve(program), shell.program(program));
        }
        return guest.start(Guest.SOURCES.resolve("install.sh"), arguments).answer();
    }

    private static TreeSet<String> files(Path root) throws IOException {
        TreeSet<String> found = new TreeSet<>();
        try (Stream<Path> all = Files.walk(root)) {
            all.filter(file -> !Files.isDirectory(file))
                    .forEach(file -> found.add(root.relativize(file).toString()));
        }
        return found;
    }
}
