package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A machine for the helper: a fake /sys, /dev, /run and /var/lib in one folder, and a PATH with what it may call. */
final class Guest {
    static final Path SOURCES =
            Path.of(System.getProperty("chainring.rootDirectory", "..")).resolve("guest");

    /** All that the helper may call, with flock; the rest is the shell's. */
    private static final List<String> PROGRAMS = List.of("ln", "rm", "mkdir", "mv", "cat", "ls");

    private static final long LIMIT_SECONDS = 120;

    final Path root;

    /** What it is called with; mdev does with 000. */
    String umask = "022";

    /** What the helper finds in its environment beside its folders. */
    final Map<String, String> environment = new TreeMap<>();

    private final Shell shell;
    private int runs;

    Guest(Path root, Shell shell) throws IOException {
        this.root = root;
        this.shell = shell;
        for (String folder :
                List.of("bin", "sys/class/block", "sys/devices", "dev", "proc/1", "out")) {
            folders(folder);
        }
        mounts("");
        for (String program : PROGRAMS) {
            Files.createSymbolicLink(root.resolve("bin").resolve(program), shell.program(program));
        }
        // Not every busybox has it.
        Files.createSymbolicLink(root.resolve("bin/flock"), Shell.require("flock"));
    }

    /** What the helper said: exit code, standard output, standard error. */
    record Answer(int code, String output, String errors) {
        void defined(String name) {
            assertEquals(new Answer(0, name + "\n", ""), this);
        }

        void silent() {
            assertEquals(new Answer(0, "", ""), this);
        }

        void refused(int expectedCode, String words) {
            assertEquals(expectedCode, code, toString());
            assertEquals("", output);
            assertTrue(errors.startsWith("chainring-disk: "), errors);
            assertTrue(errors.contains(words), errors);
        }
    }

    /** The helper at work. */
    record Run(Process process, Path output, Path errors) {
        Answer answer() throws Exception {
            assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "no end");
            return new Answer(process.exitValue(), read(output), read(errors));
        }

        private static String read(Path file) throws IOException {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        }
    }

    Answer run(String... arguments) throws Exception {
        return start(arguments).answer();
    }

    Run start(String... arguments) throws IOException {
        return start(SOURCES.resolve("chainring-disk"), arguments);
    }

    Run start(Path script, String... arguments) throws IOException {
        return start(List.of(), script, arguments);
    }

    /** Starts the script below another command, which has to have the script's output. */
    Run start(List<String> above, Path script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(above);
        command.addAll(shell.command());
        command.addAll(List.of("-c", "umask " + umask + " && exec \"$@\"", "umask"));
        command.addAll(shell.command());
        command.add(script.toString());
        command.addAll(Arrays.asList(arguments));
        Path output = root.resolve("out/" + runs + ".out");
        Path errors = root.resolve("out/" + runs++ + ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile());
        builder.environment().clear();
        builder.environment().put("PATH", root.resolve("bin").toString());
        builder.environment().put("CHAINRING_SYS", root.resolve("sys").toString());
        builder.environment().put("CHAINRING_DEV", root.resolve("dev").toString());
        builder.environment().put("CHAINRING_RUN", root.resolve("run").toString());
        builder.environment().put("CHAINRING_LIB", root.resolve("lib").toString());
        builder.environment().put("CHAINRING_PROC", root.resolve("proc").toString());
        builder.environment().put("CHAINRING_UDEV", root.resolve("udev").toString());
        builder.environment().putAll(environment);
        return new Run(builder.start(), output, errors);
    }

    /** Plugs a disk in, or changes its serial. The kernel puts no line end behind it. */
    void plug(String device, String serial) throws IOException {
        block(device, device);
        Files.writeString(
                root.resolve("sys/devices").resolve(device).resolve("serial"),
                serial,
                StandardCharsets.ISO_8859_1);
    }

    void plugNbd(String device, String connection) throws IOException {
        block(device, device);
        Files.writeString(
                root.resolve("sys/devices").resolve(device).resolve("pid"), connection + "\n");
    }

    void plugPartition(String disk, String device, int number) throws IOException {
        block(device, disk + "/" + device);
        Files.writeString(
                root.resolve("sys/devices").resolve(disk).resolve(device).resolve("partition"),
                number + "\n");
    }

    private void block(String device, String place) throws IOException {
        Path folder = Files.createDirectories(root.resolve("sys/devices").resolve(place));
        Files.writeString(folder.resolve("uevent"), "");
        Files.writeString(folder.resolve("dev"), number(device) + "\n");
        Path link = root.resolve("sys/class/block").resolve(device);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, Path.of("../../devices").resolve(place));
    }

    /** The major and minor number that a device has here. */
    static String number(String device) {
        return "253:" + Math.floorMod(device.hashCode(), 100_000);
    }

    /** What is mounted: /proc/1/mountinfo. */
    void mounts(String lines) throws IOException {
        Files.writeString(root.resolve("proc/1/mountinfo"), lines);
    }

    /** Mounts a device, under the name that it has itself. */
    void mount(String device) throws IOException {
        mounts("36 1 " + number(device) + " / /data rw shared:1 - ext4 /dev/" + device + " rw\n");
    }

    /** Pulls a disk or partition out, with what is in it. */
    void pull(String device) throws IOException {
        Path link = root.resolve("sys/class/block").resolve(device);
        delete(link.toRealPath());
        Files.delete(link);
    }

    static void delete(Path tree) throws IOException {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    /** All names under /dev/chainring, as "name -> target". */
    List<String> names() throws IOException {
        return links("dev/chainring");
    }

    /** The symbolic links of a folder, as "name -> target". */
    List<String> links(String folder) throws IOException {
        TreeMap<String, String> found = new TreeMap<>();
        Path path = root.resolve(folder);
        if (Files.isDirectory(path)) {
            try (Stream<Path> all = Files.list(path)) {
                for (Path each : all.filter(Files::isSymbolicLink).toList()) {
                    found.put(
                            each.getFileName().toString(), Files.readSymbolicLink(each).toString());
                }
            }
        }
        return found.entrySet().stream().map(e -> e.getKey() + " -> " + e.getValue()).toList();
    }

    /** Makes a symbolic link, with the folders above it. */
    void link(String place, String target) throws IOException {
        Path path = Path.of(place);
        if (path.getParent() != null) {
            folders(path.getParent().toString());
        }
        Files.createSymbolicLink(root.resolve(place), Path.of(target));
    }

    /** Makes folders that only their owner may write, whatever the umask of the tests is. */
    Path folders(String place) throws IOException {
        var mode = PosixFilePermissions.fromString("rwxr-xr-x");
        return Files.createDirectories(
                root.resolve(place), PosixFilePermissions.asFileAttribute(mode));
    }

    /** Takes all that goes with a reboot. */
    void reboot() throws IOException {
        delete(root.resolve("run"));
        delete(root.resolve("dev/chainring"));
        mounts("");
    }
}
