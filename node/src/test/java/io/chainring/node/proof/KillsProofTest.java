package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * fio writes and verifies for 20 s while the backend, then the host, is killed every 100 ms in each of the three ways: no
 * error, no mismatch, and the node tells of more than 100 restarts and of resumed chains.
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
        ExternalTool.require("fio");
        Path socket = folder.resolve("s");
        try (NodeProcess node =
                NodeProcess.serve(
                        folder.resolve("data"),
                        "--disk",
                        "d=" + folder.resolve("d.img") + ",size=256M",
                        "--nbd-socket",
                        socket.toString())) {
            int rounds = 0;
            JsonNode disk;
            do {
                rounds++;
                try (ExternalTool fio = fio(socket, rounds)) {
                    // Four connections, each with its own part of the disk.
                    kill(node, "backend");
                    kill(node, "host");
                    String output = fio.expectSuccess();
                    assertTrue(output.contains("err= 0"), output);
                }
                disk = node.disk("d");
            } while (disk.get("restarts").asLong() <= MIN_RESTARTS && rounds < MAX_ROUNDS);
            long restarts = disk.get("restarts").asLong();
            long hostRestarts = disk.get("hostRestarts").asLong();
            assertTrue(restarts > MIN_RESTARTS, disk::toString);
            assertTrue(hostRestarts > MIN_RESTARTS / 2, disk::toString);
            assertTrue(disk.get("resumed").asLong() > 0, disk::toString);
            assertEquals("serving", disk.get("state").asText());
            assertEquals(0, disk.get("inFlight").asInt(), disk::toString);
            assertEquals(0, disk.get("brokenRings").asInt(), disk::toString);
            assertTrue(disk.get("lastRecoveryMillis").asDouble() > 0, disk::toString);
            node.stop();
        }
    }

    private static ExternalTool fio(Path socket, int seed) throws Exception {
        return ExternalTool.start(
                4 * FIO_SECONDS + 60,
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
                "--runtime=" + (2 * FIO_SECONDS),
                "--group_reporting",
                "--randseed=" + seed);
    }

    private static void kill(NodeProcess node, String target) throws Exception {
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
                                FIO_SECONDS + "s",
                                "--data",
                                node.data().toString()));
        assertEquals(0, kills.exitCode(), kills.output());
        assertTrue(kills.output().contains("done: "), kills.output());
    }
}
