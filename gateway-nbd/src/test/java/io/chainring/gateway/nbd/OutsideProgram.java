package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs of others, each with a limit on its time and on its output. */
final class OutsideProgram {
    private static final int MAX_OUTPUT_BYTES = 1 << 20;

    private OutsideProgram() {}

    /** What became of a run. */
    record Result(List<String> command, int exitCode, String output) {
        Result expectSuccess() {
            assertEquals(0, exitCode, () -> String.join(" ", command) + "\n" + output);
            return this;
        }
    }

    /** Skips the calling test when one of these programs is not installed; with CI=true that is a failure. */
    static void require(String... programs) {
        for (String program : programs) {
            boolean found = isInstalled(program);
            if (!found && "true".equals(System.getenv("CI"))) {
                fail("missing: " + program);
            }
            assumeTrue(found, "missing: " + program);
        }
    }

    /** True for a program in the path, or a file that can be executed. */
    static boolean isInstalled(String program) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Arrays.stream(path.split(File.pathSeparator))
                .map(
                        folder ->
                                program.startsWith("/")
                                        ? new File(program)
                                        : new File(folder, program))
                .anyMatch(File::canExecute);
    }

    /** Runs to the end; output is standard output and error together, cut at a limit. */
    static Result run(int timeoutSeconds, String... command)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        StringBuilder output = new StringBuilder();
        Thread reader = new Thread(() -> drain(process, output), "output of " + command[0]);
        reader.setDaemon(true);
        reader.start();
        boolean ended = process.waitFor(timeoutSeconds, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        reader.join(10_000);
        String text;
        synchronized (output) {
            text = output.toString();
        }
        if (!ended) {
            fail(String.join(" ", command) + " took more than " + timeoutSeconds + " s\n" + text);
        }
        return new Result(List.of(command), process.exitValue(), text);
    }

    /** Reads everything, so that the program never waits, and keeps what the limit allows. */
    private static void drain(Process process, StringBuilder output) {
        byte[] buffer = new byte[8192];
        try (InputStream in = process.getInputStream()) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                synchronized (output) {
                    if (output.length() < MAX_OUTPUT_BYTES) {
                        output.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                    }
                }
            }
        } catch (IOException e) {
            synchronized (output) {
                output.append("\n(output broke off: ").append(e.getMessage()).append(')');
            }
        }
    }
}
