package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program of somebody else, run with a limit on its time and on its output. fio, when its server dies, spins and
 * writes gigabytes: so the limits are set outside of this JVM, by timeout(1) and head(1).
 */
final class ExternalTool implements AutoCloseable {
    private static final int MAX_OUTPUT_BYTES = 1 << 20;

    private final List<String> command;
    private final Process process;
    private final Path output;
    private final int limitSeconds;

    private ExternalTool(List<String> command, Process process, Path output, int limitSeconds) {
        this.command = command;
        this.process = process;
        this.output = output;
        this.limitSeconds = limitSeconds;
    }

    /** Skips the calling test when one of these is not installed; with CI=true that is a failure. */
    static void require(String... programs) {
        for (String program : programs) {
            boolean found =
                    Arrays.stream(
                                    System.getenv()
                                            .getOrDefault("PATH", "")
                                            .split(File.pathSeparator))
                            .anyMatch(folder -> new File(folder, program).canExecute());
            if (!found && "true".equals(System.getenv("CI"))) {
                fail("missing: " + program);
            }
            assumeTrue(found, "missing: " + program);
        }
    }

    /** Runs a program to its end, which must be a good one; what it wrote is returned. */
    static String run(int limitSeconds, String... command) throws Exception {
        try (ExternalTool tool = start(limitSeconds, command)) {
            return tool.expectSuccess();
        }
    }

    /** Starts a program; its standard output and error are kept together, up to a limit. */
    static ExternalTool start(int limitSeconds, String... command) throws IOException {
        Path output = Files.createTempFile("chainring-tool", ".out");
        String script =
                "set -o pipefail; timeout -k 2 \"$LIMIT\" \"$@\" 2>&1 </dev/null | { head -c \"$BYTES\" >\"$OUT\";"
                        + " cat >/dev/null; }; exit ${PIPESTATUS[0]}";
        List<String> all =
                Stream.concat(Stream.of("bash", "-c", script, command[0]), Arrays.stream(command))
                        .toList();
        ProcessBuilder builder = new ProcessBuilder(all);
        builder.environment().put("LIMIT", Integer.toString(limitSeconds));
        builder.environment().put("BYTES", Integer.toString(MAX_OUTPUT_BYTES));
        builder.environment().put("OUT", output.toString());
        return new ExternalTool(List.of(command), builder.start(), output, limitSeconds);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What it has written so far. */
    String output() throws IOException {
        return Files.readString(output);
    }

    /** Waits for its end; 124 or 137 when its time was over. */
    int exitCode() throws InterruptedException {
        if (!process.waitFor(limitSeconds + 10L, TimeUnit.SECONDS)) {
            throw new AssertionError(command + " has outlived its limit");
        }
        return process.exitValue();
    }

    /** Waits for its end, which must be a good one. */
    String expectSuccess() throws IOException, InterruptedException {
        int code = exitCode();
        assertEquals(0, code, () -> String.join(" ", command) + "\n" + quietOutput());
        return output();
    }

    private String quietOutput() {
        try {
            return output();
        } catch (IOException e) {
            return "(no output: " + e.getMessage() + ")";
        }
    }

    @Override
    public void close() throws IOException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        Files.deleteIfExists(output);
    }
}
