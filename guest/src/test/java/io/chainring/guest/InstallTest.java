package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.guest.Guest.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
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

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void putsEverythingInItsPlaceAndTakesItAwayAgain(Shell shell) throws Exception {
        Path root = root("lib/udev", "usr/lib/systemd/system");
        Answer answer = install(shell, "--root", root.toString());
        assertEquals(0, answer.code(), answer.errors());
        assertEquals(
                new TreeSet<>(
                        List.of(
                                HELPER,
                                RULES,
                                UNIT,
                                "etc/systemd/system/sysinit.target.wants/chainring-disk.service")),
                files(root));
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
            TreeSet<String> expected =
                    new TreeSet<>(
                            caller.endsWith("service")
                                    ? List.of("recheck")
                                    : List.of("add", "remove"));
            assertEquals(expected, commands, caller);
        }
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
        Guest guest = new Guest(folder.resolve("guest" + System.nanoTime()), shell);
        for (String program : List.of("cp", "chmod")) {
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
