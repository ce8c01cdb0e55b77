package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** A node in a process of its own, with the JVM options of the launcher, and the launcher's other commands. */
final class NodeProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path data;
    private final Process process;
    private final Path output;

    private NodeProcess(Path data, Process process, Path output) {
        this.data = data;
        this.process = process;
        this.output = output;
    }

    /** A command that has ended. */
    record Ended(int exitCode, String output) {}

    /** Starts a node and waits until it says that it is ready. */
    static NodeProcess serve(Path data, String... options) throws IOException {
        return serve(List.of(), List.of(), data, options);
    }

    /**
     * As {@link #serve(Path, String...)}.
     *
     * @param before a command that runs the one behind it, as {@code env} does
     * @param java further options of the JVM
     */
    static NodeProcess serve(List<String> before, List<String> java, Path data, String... options)
            throws IOException {
        return awaitReady(launch(before, java, classPath(), data, options));
    }

    /** The same with a limit on the files that its process may have open, which nothing in it can raise. */
    static NodeProcess serveWithin(int openFiles, Path data, String... options) throws IOException {
        List<String> limited =
                List.of("bash", "-c", "ulimit -n " + openFiles + "; exec \"$@\"", "limited");
        return awaitReady(launch(limited, List.of(), classPath(), data, options));
    }

    /**
     * The same from jars, as people run it: a class that is in a file of its own can't be loaded without a descriptor.
     *
     * @param folder for the jars
     */
    static NodeProcess serveFromJars(Path folder, Path data, String... options) throws IOException {
        List<String> packed = new ArrayList<>();
        for (String entry : classPath().split(File.pathSeparator)) {
            Path place = Path.of(entry);
            packed.add(
                    Files.isDirectory(place)
                            ? pack(place, folder.resolve("classes-" + packed.size() + ".jar"))
                            : entry);
        }
        return awaitReady(
                launch(
                        List.of(),
                        List.of(),
                        String.join(File.pathSeparator, packed),
                        data,
                        options));
    }

    private static String pack(Path classes, Path jar) throws IOException {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar));
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                Files.copy(file, out);
            }
        }
        return jar.toString();
    }

    private static NodeProcess awaitReady(NodeProcess node) {
        Awaitility.await("ready line of a node")
                .atMost(START_LIMIT)
                .until(() -> !node.process.isAlive() || node.output().contains("Ready.\n"));
        assertTrue(node.process.isAlive(), () -> "the node has ended:\n" + node.output());
        return node;
    }

    private static NodeProcess launch(
            List<String> before, List<String> java, String classPath, Path data, String... options)
            throws IOException {
        Path output = Files.createTempFile("chainring-node", ".out");
        List<String> arguments = new ArrayList<>(List.of("serve", "--data", data.toString()));
        arguments.addAll(List.of(options));
        List<String> command = command(true, classPath, arguments);
        command.addAll(1, java);
        command.addAll(0, before);
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().putAll(launcherEnvironment());
        Process process = builder.start();
        return new NodeProcess(data, process, output);
    }

    /** Runs a command of the launcher to its end. */
    static Ended run(List<String> arguments) throws Exception {
        Path output = Files.createTempFile("chainring-command", ".out");
        boolean serves = arguments.get(0).equals("serve");
        Process process =
                new ProcessBuilder(command(serves, classPath(), arguments))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            boolean ended = process.waitFor(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            String text = Files.readString(output);
            assertTrue(ended, () -> arguments + " has not ended:\n" + text);
            return new Ended(process.exitValue(), text);
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(output);
        }
    }

    private static List<String> command(boolean serves, String classPath, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (serves) {
            command.addAll(launcherOptions());
        } else {
            command.addAll(List.of("-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        }
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(
                List.of(
                        "-cp",
                        classPath,
                        "-Dlogback.configurationFile=logback.xml",
                        "io.chainring.node.cli.Main"));
        command.addAll(arguments);
        return command;
    }

    /** What ./chainring tells the C library of a node. */
    private static Map<String, String> launcherEnvironment() throws IOException {
        Map<String, String> variables = new HashMap<>();
        Matcher assignment =
                Pattern.compile("(MALLOC_\\w+)=\\$\\{\\w+:-(\\d+)}")
                        .matcher(
                                Files.readString(
                                        Path.of(System.getProperty("chainring.rootDirectory", ".."))
                                                .resolve("chainring")));
        while (assignment.find()) {
            variables.put(assignment.group(1), assignment.group(2));
        }
        assertTrue(variables.size() >= 2, variables::toString);
        return variables;
    }

    /** What ./chainring gives a node's JVM, read from it: the proof is of what people run. */
    private static List<String> launcherOptions() throws IOException {
        String launcher =
                Files.readString(
                        Path.of(System.getProperty("chainring.rootDirectory", ".."))
                                .resolve("chainring"));
        List<String> options = new ArrayList<>();
        Matcher assignment = Pattern.compile("\\bserve=\"([^\"]*)\"").matcher(launcher);
        while (assignment.find()) {
            for (String option : assignment.group(1).split(" ")) {
                if (!option.equals("$serve")) {
                    options.add(option);
                }
            }
        }
        assertTrue(options.stream().anyMatch(each -> each.startsWith("-Xmx")), options::toString);
        return options;
    }

    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    Path data() {
        return data;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new AssertionError("output of the node", e);
        }
    }

    /** Sends a signal by its name: TERM, KILL, STOP, CONT. */
    void signal(String name) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start();
        assertTrue(kill.waitFor(120, TimeUnit.SECONDS) && kill.exitValue() == 0, "kill -" + name);
    }

    /** Waits for its end. */
    int exitCode(Duration limit) throws InterruptedException {
        assertTrue(
                process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS),
                () -> "the node has not ended within " + limit + ":\n" + output());
        return process.exitValue();
    }

    /** SIGTERM, and a good end. */
    void stop() throws Exception {
        signal("TERM");
        int code = exitCode(Duration.ofSeconds(60));
        assertTrue(code == 0, () -> "exit code " + code + ":\n" + output());
    }

    /** A disk's entry in {@code status --json}. */
    JsonNode disk(String name) throws Exception {
        Ended status = run(List.of("status", "--json", "--data", data.toString()));
        assertTrue(status.exitCode() == 0, status::output);
        for (JsonNode disk : JSON.readTree(status.output()).get("disks")) {
            if (disk.get("name").asText().equals(name)) {
                return disk;
            }
        }
        throw new AssertionError("no disk " + name + " in " + status.output());
    }

    /** Resident memory in bytes. */
    long residentBytes() throws IOException {
        Matcher line =
                Pattern.compile("VmRSS:\\s+(\\d+) kB")
                        .matcher(Files.readString(Path.of("/proc/" + pid() + "/status")));
        assertTrue(line.find(), "no VmRSS");
        return Long.parseLong(line.group(1)) << 10;
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(output);
    }
}
