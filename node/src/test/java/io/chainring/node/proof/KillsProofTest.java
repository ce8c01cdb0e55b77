package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * fio writes and verifies for 20 s while the backend, then the host, is killed every 100 ms in each of the three ways: no
 * error, no mismatch, and the node tells of more than 100 restarts of each and of resumed chains.
 */
@Tag("clients")
@Tag("slow")
class KillsProofTest {
    private static final int FIO_SECONDS = 20;
    private static final int MIN_RESTARTS = 100;

    /** On a machine that is busy with other things a restart may take longer than 100 ms. */
    private static final int MAX_ROUNDS = 4;

    @TempDir Path folder;

    @Test
    void fioNoticesNothingWhileBackendAndHostAreKilled() throws Exception {
        proveKills(FIO_SECONDS, MIN_RESTARTS);
    }

    @Test
    void norWithAJournalThatIsOnStableStorage() throws Exception {
        proveKills(5, 10, "--fsync", "on");
    }

    private void proveKills(int seconds, int minRestarts, String... options) throws Exception {
        ExternalTool.require("fio");
        Path socket = folder.resolve("s");
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--disk",
                                "d=" + folder.resolve("d.img") + ",size=256M",
                                "--nbd-socket",
                                socket.toString()));
        arguments.addAll(List.of(options));
        try (NodeProcess node =
                NodeProcess.serve(folder.resolve("data"), arguments.toArray(String[]::new))) {
            int rounds = 0;
            JsonNode disk;
            do {
                rounds++;
                try (ExternalTool fio = fio(socket, rounds, 2 * seconds)) {
                    // Four connections, each with its own part of the disk.
                    kill(node, "backend", seconds);
                    kill(node, "host", seconds);
                    String output = fio.expectSuccess();
                    assertTrue(output.contains("err= 0"), output);
                }
                disk = node.disk("d");
            } while (fewestRestarts(disk) <= minRestarts && rounds < MAX_ROUNDS);
            assertTrue(fewestRestarts(disk) > minRestarts, disk::toString);
            assertTrue(disk.get("resumed").asLong() > 0, disk::toString);
            assertEquals("serving", disk.get("state").asText());
            assertEquals(0, disk.get("inFlight").asInt(), disk::toString);
            assertEquals(0, disk.get("brokenRings").asInt(), disk::toString);
            assertTrue(disk.get("lastRecoveryMillis").asDouble() > 0, disk::toString);
            node.stop();
        }
    }

    private static long fewestRestarts(JsonNode disk) {
        return Math.min(disk.get("restarts").asLong(), disk.get("hostRestarts").asLong());
    }

    private static ExternalTool fio(Path socket, int seed, int seconds) throws Exception {
        return ExternalTool.start(
                2 * seconds + 60,
                "fio",
                "--name=kills",
                "--ioengine=nbd",
                "--uri=nbd+unix:///d?socket=" + socket,
                "--rw=randrw",
                "--bs=4k",
                "--numjobs=4",
                "--size=64M",
                "--offset_increment=64M",
                "--iodepth=16",
                "--verify=crc32c",
                "--verify_fatal=1",
                "--verify_backlog=1024",
                "--time_based",
                "--runtime=" + seconds,
                "--group_reporting",
                "--randseed=" + seed);
    }

    private static void kill(NodeProcess node, String target, int seconds) throws Exception {
        NodeProcess.Ended kills =
                NodeProcess.run(
                        List.of(
                                "kill",
                                target,
                                "--disk",
                                "d",
                                "--how",
                                "mixed",
                                "--every",
                                "100ms",
                                "--for",
                                seconds + "s",
                                "--data",
                                node.data().toString()));
        assertEquals(0, kills.exitCode(), kills.output());
        assertTrue(kills.output().contains("done: "), kills.output());
    }
}
