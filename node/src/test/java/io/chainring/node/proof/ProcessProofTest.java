package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The node's process is killed, ended, halted and doubled under load (scenarios P1 to P4), and stays small. */
@Tag("clients")
@Tag("slow")
class ProcessProofTest {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(40);
    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final long MAX_RESIDENT_BYTES = 400L << 20;

    @TempDir Path folder;
    private Path data;
    private Path image;
    private Path socket;

    @BeforeEach
    void place() {
        data = folder.resolve("data");
        image = folder.resolve("d.img");
        socket = folder.resolve("s");
    }

    private NodeProcess serve() throws Exception {
        return NodeProcess.serve(
                data, "--disk", "d=" + image + ",size=64M", "--nbd-socket", socket.toString());
    }

    @Test
    void aClientWithReconnectGoesOnAfterKill9() throws Exception {
        ExternalTool.require("qemu-io");
        try (PatternWriter writer = new PatternWriter()) {
            try (NodeProcess node = serve()) {
                writer.start(socket, 60);
                writer.awaitAcknowledged(200);
                node.signal("KILL");
                assertEquals(137, node.exitCode(STOP_LIMIT));
            }
            int before = writer.acknowledged();
            try (NodeProcess node = serve()) {
                writer.awaitAcknowledged(before + 200);
                writer.finish();
                writer.verify(image);
                node.stop();
            }
            writer.verify(image);
        }
    }

    @Test
    void sigtermUnderLoadFinishesWhatIsInFlight() throws Exception {
        ExternalTool.require("qemu-io", "fio");
        try (PatternWriter writer = new PatternWriter();
                NodeProcess node = serve()) {
            writer.start(socket, 0);
            try (ExternalTool fio = fio("32M", 30)) {
                writer.awaitAcknowledged(200);
                node.signal("TERM");
                assertEquals(0, node.exitCode(STOP_LIMIT), node::output);
                assertTrue(fio.isAlive() || fio.exitCode() != 0, "fio did not notice the end");
            }
            writer.verify(image);
        }
        try (NodeProcess again = serve()) {
            assertEquals(0, again.disk("d").get("resumed").asLong());
            again.stop();
        }
    }

    @Test
    void aHaltedNodeGoesOnWhereItWas() throws Exception {
        ExternalTool.require("fio");
        try (NodeProcess node = serve();
                ExternalTool fio = fio("0", 75)) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .until(() -> node.disk("d").get("completed").asLong() > 500);
            node.signal("STOP");
            Awaitility.await().pollDelay(PAUSE).atMost(PAUSE.plus(STOP_LIMIT)).until(fio::isAlive);
            node.signal("CONT");
            String output = fio.expectSuccess();
            assertTrue(output.contains("err= 0"), output);
            assertEquals(0, node.disk("d").get("restarts").asLong());
            node.stop();
        }
    }

    @Test
    void aSecondNodeIsRefusedAndTheFirstNoticesNothing() throws Exception {
        ExternalTool.require("qemu-io");
        try (PatternWriter writer = new PatternWriter();
                NodeProcess node = serve()) {
            writer.start(socket, 0);
            writer.awaitAcknowledged(50);
            refused(
                    "is in use by another running node",
                    List.of("serve", "--data", data.toString(), "--nbd", "127.0.0.1:0"));
            refused(
                    "in use by another process",
                    List.of(
                            "serve",
                            "--data",
                            folder.resolve("other").toString(),
                            "--disk",
                            "x=" + image,
                            "--nbd",
                            "127.0.0.1:0"));
            refused(
                    "is in use by a running server",
                    List.of(
                            "serve",
                            "--data",
                            folder.resolve("third").toString(),
                            "--nbd-socket",
                            socket.toString()));
            writer.awaitAcknowledged(writer.acknowledged() + 50);
            writer.finish();
            writer.verify(image);
            node.stop();
        }
    }

    private static void refused(String why, List<String> command) throws Exception {
        NodeProcess.Ended second = NodeProcess.run(command);
        assertEquals(2, second.exitCode(), second.output());
        assertTrue(second.output().contains(why), second.output());
        assertEquals(
                1, second.output().lines().filter(line -> line.startsWith("chainring: ")).count());
        assertTrue(!second.output().contains("\tat "), second.output());
    }

    @Test
    void aNodeUnderLoadStaysBelow400Megabytes() throws Exception {
        ExternalTool.require("fio");
        try (NodeProcess node = serve();
                ExternalTool fio =
                        ExternalTool.start(
                                90,
                                "fio",
                                "--name=memory",
                                "--ioengine=nbd",
                                "--uri=nbd+unix:///d?socket=" + socket,
                                "--rw=randrw",
                                "--bsrange=4k-1m",
                                "--blockalign=4k",
                                "--numjobs=4",
                                "--size=16M",
                                "--offset_increment=16M",
                                "--iodepth=32",
                                "--time_based",
                                "--runtime=20",
                                "--group_reporting")) {
            AtomicLong most = new AtomicLong();
            Awaitility.await("end of fio")
                    .atMost(Duration.ofSeconds(100))
                    .pollInterval(Duration.ofMillis(500))
                    .until(
                            () -> {
                                most.accumulateAndGet(node.residentBytes(), Math::max);
                                return !fio.isAlive();
                            });
            fio.expectSuccess();
            long mebibytes = most.get() >> 20;
            System.out.println("resident at most " + mebibytes + " MiB while fio ran");
            assertTrue(most.get() < MAX_RESIDENT_BYTES, mebibytes + " MiB resident");
            node.stop();
        }
    }

    private ExternalTool fio(String offset, int seconds) throws Exception {
        return ExternalTool.start(
                seconds + 60,
                "fio",
                "--name=load",
                "--ioengine=nbd",
                "--uri=nbd+unix:///d?socket=" + socket,
                "--rw=randrw",
                "--bs=4k",
                "--offset=" + offset,
                "--size=32M",
                "--iodepth=16",
                "--verify=crc32c",
                "--verify_backlog=512",
                "--time_based",
                "--runtime=" + seconds);
    }

    /** The image is what a client was told it is. */
    static byte[] read(Path image, long offsetBytes, int lengthBytes) throws Exception {
        try (var channel = Files.newByteChannel(image)) {
            var buffer = java.nio.ByteBuffer.allocate(lengthBytes);
            channel.position(offsetBytes);
            while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
                // until it is full
            }
            return buffer.array();
        }
    }
}
