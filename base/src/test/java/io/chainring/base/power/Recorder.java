package io.chainring.base.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a class of the tests in a JVM of its own, with {@code record.c} under it, and gives back what it did to the files
 * of a folder.
 *
 * <p>{@link #NOTES} is the environment variable with the file into which the class writes what it was told.
 */
public final class Recorder {
    /** Where a recorded process writes its notes, one {@code write} each. */
    public static final String NOTES = "CHAINRING_RECORD_NOTES";

    private static final long COMPILE_LIMIT_SECONDS = 60;
    private static final long RUN_LIMIT_SECONDS = 240;

    private final Path library;
    private final Path work;
    private int runs;

    private Recorder(Path library, Path work) {
        this.library = library;
        this.work = work;
    }

    /**
     * Compiles the recorder; the test is skipped where there is no C compiler.
     *
     * @param work a folder for its files, outside of the recorded one
     */
    public static Recorder in(Path work) throws IOException, InterruptedException {
        assumeTrue(System.getProperty("os.name").equals("Linux"), "missing: Linux (LD_PRELOAD)");
        assumeTrue(onPath("gcc"), "missing: gcc");
        Path source = work.resolve("record.c");
        try (InputStream in = Recorder.class.getResourceAsStream("record.c")) {
            if (in == null) {
                throw new IOException("record.c is not on the classpath");
            }
            Files.copy(in, source);
        }
        Path library = work.resolve("record.so");
        run(
                new ProcessBuilder(
                        "gcc",
                        "-O2",
                        "-Wall",
                        "-Wextra",
                        "-Werror",
                        "-shared",
                        "-fPIC",
                        "-o",
                        library.toString(),
                        source.toString(),
                        "-ldl",
                        "-pthread"),
                work.resolve("gcc.txt"),
                COMPILE_LIMIT_SECONDS);
        return new Recorder(library, work);
    }

    /**
     * Runs a class to its end.
     *
     * @param folder whose files are recorded
     * @param interruptEvery every n-th sync is interrupted once; 0 for none
     * @param main its name
     * @param arguments of it
     */
    public List<Operation> record(
            Path folder, int interruptEvery, Class<?> main, List<String> arguments)
            throws IOException, InterruptedException {
        runs++;
        Path record = work.resolve("record-" + runs);
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(
                List.of(
                        "-Xmx512m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + work,
                        "-cp",
                        System.getProperty("java.class.path"),
                        main.getName()));
        line.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment()
                .putAll(
                        Map.of(
                                "LD_PRELOAD",
                                library.toString(),
                                "CHAINRING_RECORD_FOLDER",
                                folder.toAbsolutePath().toString(),
                                "CHAINRING_RECORD_LOG",
                                record.toString(),
                                "CHAINRING_RECORD_EINTR",
                                String.valueOf(interruptEvery),
                                NOTES,
                                work.resolve("notes-" + runs).toString()));
        run(builder, work.resolve("output-" + runs + ".txt"), RUN_LIMIT_SECONDS);
        List<Operation> operations = Operation.readAll(record);
        assertTrue(
                operations.stream().anyMatch(each -> each.kind() == Operation.Kind.WRITE),
                "nothing was recorded");
        return operations;
    }

    private static boolean onPath(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    private static void run(ProcessBuilder builder, Path output, long limitSeconds)
            throws IOException, InterruptedException {
        Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            boolean ended = process.waitFor(limitSeconds, TimeUnit.SECONDS);
            String said = Files.readString(output);
            assertTrue(ended, () -> "did not end within " + limitSeconds + " s: " + said);
            assertEquals(0, process.exitValue(), said);
        } finally {
            process.destroyForcibly();
        }
    }
}
