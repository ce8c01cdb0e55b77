package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What another local user can do to a node through its files, and what a node leaves behind that is killed. */
@Tag("clients")
@Tag("slow")
class FilesProofTest {
    private static final Duration END = Duration.ofSeconds(60);
    private static final List<String> OPEN_UMASK =
            List.of("sh", "-c", "umask 000; exec \"$@\"", "sh");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    private record Ended(int exitCode, String output) {}

    private static Ended run(List<String> command) throws Exception {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(new File("/dev/null"))
                        .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), () -> command + " does not end");
        return new Ended(process.exitValue(), output);
    }

    private static Ended asNobody(String... command) throws Exception {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--reuid",
                                "65534",
                                "--regid",
                                "65534",
                                "--clear-groups"));
        all.addAll(List.of(command));
        return run(all);
    }

    private static void requireRoot() throws Exception {
        ExternalTool.require("setpriv", "flock");
        assumeTrue(
                run(List.of("id", "-u")).output().trim().equals("0"),
                "missing: root, who can become another user");
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(
                Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    }

    private static List<Path> all(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.toList();
        }
    }

    private Path data() {
        return folder.resolve("data");
    }

    /** The engine whose library comes inside of a jar; one of the system's packages needs no unpacking. */
    private static final String UNPACKED_ENGINE =
            "-Dchainring.persistence.leveldb.engine=leveldbjni";

    @Test
    void anotherUserCanNeitherReadNorLockNorConnect() throws Exception {
        requireRoot();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path image = folder.resolve("d.img");
        Path socket = folder.resolve("s");
        String[] options = {
            "--disk", "d=" + image + ",size=16M", "--nbd-socket", socket.toString()
        };
        try (NodeProcess node = NodeProcess.serve(OPEN_UMASK, List.of(), data(), options)) {
            for (Path each : all(data())) {
                if (Files.isDirectory(each)) {
                    assertEquals("rwx------", mode(each), each.toString());
                }
            }
            for (String name : List.of("lock", "node.json", "disks.json", "control.sock")) {
                assertEquals("rw-------", mode(data().resolve(name)), name);
            }
            assertEquals("rw-------", mode(image));
            assertEquals("rw-------", mode(socket));
            for (Path each :
                    List.of(image, data().resolve("lock"), data().resolve("registry/LOCK"))) {
                Ended lock = asNobody("flock", "-n", "-s", each.toString(), "true");
                assertNotEquals(0, lock.exitCode());
                assertTrue(lock.output().contains("Permission denied"), lock.output());
            }
            assertNotEquals(0, asNobody("ls", data().toString()).exitCode());
            assertFalse(node.output().contains("Other users"), node::output);
            node.stop();
        }
        // Somebody who can open them could lock them: said once, with what mends it.
        Files.setPosixFilePermissions(data(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r--r--"));
        try (NodeProcess node = NodeProcess.serve(data(), options)) {
            List<String> warned =
                    node.output().lines().filter(line -> line.contains("Other users")).toList();
            assertEquals(1, warned.size(), node::output);
            String line = warned.get(0);
            String command = "chmod -R go= " + data() + " " + image;
            assertTrue(line.contains(command), line);
            node.stop();
            assertEquals(0, run(List.of(command.split(" "))).exitCode());
        }
        try (NodeProcess node = NodeProcess.serve(data(), options)) {
            assertFalse(node.output().contains("Other users"), node::output);
            node.stop();
        }
    }

    private NodeProcess.Ended create(String name, Path image, String... more) throws Exception {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "disk",
                                "create",
                                name,
                                "--path",
                                image.toString(),
                                "--data",
                                data().toString()));
        all.addAll(List.of(more));
        return NodeProcess.run(all);
    }

    @Test
    void whatIsNoImageIsNeverOpenedAndCostsNothing() throws Exception {
        Path other = folder.resolve("other");
        try (NodeProcess second = NodeProcess.serve(other, "--nbd", "127.0.0.1:0")) {
            second.stop();
        }
        try (NodeProcess node = NodeProcess.serve(data(), "--nbd", "127.0.0.1:0")) {
            Path lock = data().resolve("lock");
            Path pipe = folder.resolve("pipe");
            assertEquals(0, run(List.of("mkfifo", pipe.toString())).exitCode());
            Path own = data().resolve("images/disk0.img");
            List<Path> refused =
                    List.of(
                            lock,
                            data().resolve("registry/LOCK"),
                            data().resolve("journals/0/LOCK"),
                            data().resolve("node.json"),
                            data().resolve("control.sock"),
                            data().resolve("new.img"),
                            data().resolve("images/../lock"),
                            Files.createLink(folder.resolve("hard"), lock),
                            Files.createSymbolicLink(folder.resolve("soft"), lock),
                            Files.createSymbolicLink(folder.resolve("in"), data()).resolve("lock"),
                            Files.createLink(folder.resolve("own"), own),
                            Files.createSymbolicLink(folder.resolve("image"), own),
                            other.resolve("lock"),
                            other.resolve("registry/LOCK"),
                            pipe,
                            folder,
                            Path.of("/dev/zero"));
            for (Path each : refused) {
                NodeProcess.Ended ended = create("x", each, "--size", "1M");
                assertEquals(1, ended.exitCode(), ended::output);
                assertEquals(1, ended.output().lines().count(), ended::output);
            }
            NodeProcess.Ended huge = create("x", folder.resolve("huge.img"), "--size", "8388607T");
            assertEquals(1, huge.exitCode(), huge::output);
            assertFalse(Files.exists(folder.resolve("huge.img")));
            // No lock was lost with a descriptor of a file that only was looked at.
            NodeProcess.Ended second =
                    NodeProcess.run(
                            List.of("serve", "--data", data().toString(), "--nbd", "127.0.0.1:0"));
            assertEquals(2, second.exitCode(), second::output);
            assertTrue(second.output().contains("in use by another running node"), second::output);
            // A refusal uses up no generation of a name.
            NodeProcess.Ended good = create("x", folder.resolve("x.img"), "--size", "1M", "--json");
            assertEquals(0, good.exitCode(), good::output);
            assertEquals(1, JSON.readTree(good.output()).get("generation").asInt());
            node.stop();
        }
    }

    @Test
    void tenKillsLeaveNothingBehind() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path home = Files.createDirectory(folder.resolve("home"));
        List<String> java =
                List.of("-Djava.io.tmpdir=" + temporary, "-Duser.home=" + home, UNPACKED_ENGINE);
        List<String> noCache = List.of("env", "-u", "XDG_CACHE_HOME");
        TreeSet<Path> before = new TreeSet<>();
        for (int i = 0; i < 10; i++) {
            try (NodeProcess node =
                    NodeProcess.serve(noCache, java, data(), "--nbd", "127.0.0.1:0")) {
                node.signal("KILL");
                node.exitCode(END);
            }
            TreeSet<Path> after = new TreeSet<>(all(temporary));
            after.addAll(all(home));
            if (i == 0) {
                before.addAll(after);
            }
            assertEquals(before, after, "after kill " + (i + 1));
        }
        assertEquals(List.of(temporary), all(temporary));
        assertTrue(
                before.stream().anyMatch(each -> each.endsWith("libleveldbjni.so")),
                before::toString);
    }

    @Test
    void aFolderThatRunsNothingIsNamedWithTheSettingThatMovesIt() throws Exception {
        requireRoot();
        Path place = Files.createDirectory(folder.resolve("noexec"));
        assumeTrue(
                run(List.of("mount", "-t", "tmpfs", "-o", "noexec", "tmpfs", place.toString()))
                                .exitCode()
                        == 0,
                "missing: the right to mount");
        try {
            List<String> java = List.of("-Djava.io.tmpdir=" + place, "-Duser.home=" + place);
            List<String> noCache = List.of("env", "-u", "XDG_CACHE_HOME");
            TreeSet<Path> before = new TreeSet<>();
            for (int i = 0; i < 2; i++) {
                try (NodeProcess node =
                        NodeProcess.serve(noCache, java, data(), "--nbd", "127.0.0.1:0")) {
                    String line =
                            node.output()
                                    .lines()
                                    .filter(each -> each.contains("mounted noexec"))
                                    .findFirst()
                                    .orElse("");
                    assertTrue(
                            line.contains("chainring.persistence.leveldb.native-directory"),
                            node::output);
                    node.stop();
                }
                TreeSet<Path> after = new TreeSet<>(all(place));
                if (i == 0) {
                    before.addAll(after);
                }
                assertEquals(before, after);
            }
            Path config =
                    Files.writeString(
                            folder.resolve("node.conf"),
                            "chainring.persistence.leveldb { engine = leveldbjni, native-directory = \""
                                    + folder.resolve("native")
                                    + "\" }\n");
            Path socket = folder.resolve("s");
            try (NodeProcess node =
                    NodeProcess.serve(
                            noCache,
                            java,
                            data(),
                            "--config",
                            config.toString(),
                            "--nbd-socket",
                            socket.toString())) {
                assertFalse(node.output().contains("noexec"), node::output);
                assertTrue(
                        all(folder.resolve("native")).stream()
                                .anyMatch(each -> each.endsWith("libleveldbjni.so")));
                node.stop();
            }
            assertEquals(before, new TreeSet<>(all(place)));
        } finally {
            assertEquals(0, run(List.of("umount", "-l", place.toString())).exitCode());
        }
    }
}
