package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** qemu-io as a client that stays connected and does what it is told when it is told. Needs stdbuf. */
final class TypedClient implements AutoCloseable {
    private static final int LIMIT_SECONDS = 60;

    private final Process process;
    private final Path output;
    private int answers;

    private TypedClient(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    static TypedClient connect(String uri) throws IOException {
        File output = Files.createTempFile("chainring-client", ".out").toFile();
        Process process =
                new ProcessBuilder(
                                "timeout",
                                "-k",
                                "2",
                                Integer.toString(LIMIT_SECONDS),
                                "stdbuf",
                                "-i0",
                                "-oL",
                                "qemu-io",
                                "-f",
                                "raw",
                                uri)
                        .redirectErrorStream(true)
                        .redirectOutput(output)
                        .start();
        return new TypedClient(process, output.toPath());
    }

    private String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new AssertionError("output of qemu-io", e);
        }
    }

    private void type(String command) throws IOException {
        process.getOutputStream().write((command + "\n").getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
    }

    /** A command that must come to a good end. */
    void does(String command) throws IOException {
        type(command);
        answers++;
        Awaitility.await(command)
                .atMost(Duration.ofSeconds(120))
                .until(() -> output().split(" ops;", -1).length > answers || !process.isAlive());
        assertTrue(process.isAlive(), this::output);
        assertTrue(!output().contains("rror") && !output().contains("failed"), this::output);
    }

    /** A command that must fail. */
    void cannot(String command) throws IOException {
        type(command);
        Awaitility.await(command)
                .atMost(Duration.ofSeconds(120))
                .until(() -> output().contains("rror") || !process.isAlive());
        assertTrue(output().contains("rror"), this::output);
    }

    @Override
    public void close() throws IOException {
        try {
            type("quit");
            if (!process.waitFor(120, TimeUnit.SECONDS)) {
                throw new AssertionError("qemu-io has not ended:\n" + output());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            Files.deleteIfExists(output);
        }
    }
}
