package io.chainring.chaos.nbd;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainring.base.Seed;
import io.chainring.chaos.Chaos;
import io.chainring.chaos.ChaosResult;
import io.chainring.chaos.check.Violation;
import io.chainring.chaos.check.Violation.Kind;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that is not ours: its own faults are found, and what is no fault is not. */
@Tag("clients")
final class AgainstNbdkitTest {
    private static final int CELLS = 512;

    /** Answers each write, and does one in a hundred of them not. */
    private static final String LOSES_WRITES =
            """
            disk = bytearray(%d)
            count = 0
            def thread_model():
                import nbdkit
                return nbdkit.THREAD_MODEL_SERIALIZE_ALL_REQUESTS
            def open(readonly):
                return 1
            def get_size(h):
                return len(disk)
            def pread(h, count, offset):
                return disk[offset:offset+count]
            def pwrite(h, buf, offset):
                global count
                count += 1
                if count %% 100 != 99:
                    disk[offset:offset+len(buf)] = buf
            def flush(h):
                pass
            """
                    .formatted(CELLS * 512);

    @TempDir private Path folder;

    private final class Server implements AutoCloseable {
        private final Path socket = folder.resolve("nbdkit.sock");
        private final Process process;

        Server(String... arguments) throws IOException {
            List<String> command =
                    new ArrayList<>(List.of("nbdkit", "-f", "-U", socket.toString()));
            command.addAll(List.of(arguments));
            process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("nbdkit.log").toFile())
                            .start();
            Awaitility.await("nbdkit").until(() -> Files.exists(socket) || !process.isAlive());
            assertTrue(process.isAlive(), "nbdkit has ended");
        }

        ChaosResult run(int operations) throws IOException, InterruptedException {
            SocketAddress address = UnixDomainSocketAddress.of(socket);
            return Chaos.on(new NbdDoor(new NbdAddress(address, ""), 300_000))
                    .seed(Seed.of(AgainstNbdkitTest.class))
                    .area(CELLS, 512)
                    .operations(operations)
                    .answerLimit(Duration.ofMinutes(5))
                    .errorsAllowed()
                    .history(folder.resolve("history.jsonl"))
                    .run();
        }

        @Override
        public void close() throws InterruptedException {
            process.destroy();
            if (!process.waitFor(1, TimeUnit.MINUTES)) {
                process.destroyForcibly();
            }
        }
    }

    private static void needsNbdkit() throws InterruptedException {
        boolean found;
        try {
            Process process =
                    new ProcessBuilder("nbdkit", "--version").redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            found = process.waitFor() == 0;
        } catch (IOException e) {
            found = false;
        }
        assumeTrue(found, "missing: nbdkit");
    }

    @Test
    void errorsAndDelaysAreNoFalseAlarm() throws Exception {
        needsNbdkit();
        try (Server server =
                new Server(
                        "--filter=error",
                        "--filter=delay",
                        "memory",
                        "16M",
                        "error=EIO",
                        "error-rate=3%",
                        "rdelay=1ms",
                        "wdelay=1ms")) {
            ChaosResult result = server.run(4000);
            assertTrue(result.isGood(), result::text);
            assertFalse(result.tally().errors().isEmpty(), result::text);
        }
    }

    @Test
    void aLostWriteIsFound() throws Exception {
        needsNbdkit();
        Path plugin = folder.resolve("loses_writes.py");
        Files.writeString(plugin, LOSES_WRITES);
        try (Server server = new Server("python", plugin.toString())) {
            ChaosResult result = server.run(4000);
            assertFalse(result.isGood(), result::text);
            List<Kind> kinds = result.verdict().violations().stream().map(Violation::kind).toList();
            assertTrue(
                    EnumSet.of(Kind.LOST_WRITE, Kind.STALE_READ).containsAll(kinds), result::text);
            assertTrue(result.tally().losses().isEmpty(), result::text);
        }
    }
}
