package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node whose process has few file descriptors, or none left, with a client that writes all the time. */
@Tag("clients")
@Tag("slow")
class DescriptorsProofTest {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int FEW = 256;
    private static final int MORE_CLIENTS_THAN_DESCRIPTORS = 320;
    private static final int MOST_LOG_LINES = 60;

    @TempDir Path folder;
    private Path data;
    private Path socket;
    private Path image;
    private Path config;

    @BeforeEach
    void place() {
        data = folder.resolve("data");
        socket = folder.resolve("s");
        image = folder.resolve("d.img");
        config = folder.resolve("node.conf");
    }

    @Test
    void moreClientsThanDescriptorsCostNobodyElseAnything() throws Exception {
        ExternalTool.require("qemu-io");
        List<Socket> crowd = new ArrayList<>();
        try (PatternWriter writer = new PatternWriter();
                NodeProcess node =
                        NodeProcess.serveWithin(
                                FEW,
                                data,
                                "--disk",
                                "d=" + image + ",size=64M",
                                "--nbd-socket",
                                socket.toString(),
                                "--nbd",
                                "127.0.0.1:0",
                                "--metrics",
                                "127.0.0.1:0")) {
            writer.start(socket, 0);
            writer.awaitAcknowledged(50);
            int before = writer.acknowledged();
            crowd(port(node, "nbd://127.0.0.1:(\\d+)"), crowd);
            writer.awaitAcknowledged(before + 500);
            assertEquals(0, node.disk("d").get("restarts").asInt());
            assertEquals(200, health(port(node, "http://127.0.0.1:(\\d+)")));
            assertFewLines(node);
            NodeProcess.Ended made =
                    NodeProcess.run(
                            List.of(
                                    "disk",
                                    "create",
                                    "late",
                                    "--size",
                                    "1M",
                                    "--data",
                                    data.toString()));
            assertEquals(0, made.exitCode(), made::output);
            writer.finish();
            node.stop();
            assertFewLines(node);
        } finally {
            for (Socket each : crowd) {
                each.close();
            }
        }
    }

    private static void assertFewLines(NodeProcess node) {
        long lines = node.output().lines().count();
        assertTrue(lines < MOST_LOG_LINES, () -> lines + " lines: " + head(node.output()));
    }

    private static String head(String text) {
        return text.substring(0, Math.min(text.length(), 4000));
    }

    private static int port(NodeProcess node, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(node.output());
        assertTrue(found.find(), node::output);
        return Integer.parseInt(found.group(1));
    }

    private static int health(int port) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health"))
                                .timeout(LIMIT)
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    /** Clients that choose the disk at once and never say anything again; whoever is not let in does not matter. */
    private static void crowd(int port, List<Socket> crowd) throws IOException {
        byte[] name = "d".getBytes(StandardCharsets.UTF_8);
        ByteBuffer go =
                ByteBuffer.allocate(4 + 16 + 6 + name.length)
                        .putInt(3)
                        .putLong(0x49484156454F5054L)
                        .putInt(7)
                        .putInt(6 + name.length)
                        .putInt(name.length)
                        .put(name)
                        .putShort((short) 0);
        int in = 0;
        for (int i = 0; i < MORE_CLIENTS_THAN_DESCRIPTORS; i++) {
            Socket client = new Socket();
            crowd.add(client);
            try {
                client.connect(
                        new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 500);
                client.getOutputStream().write(go.array());
                in++;
            } catch (IOException e) {
                // The listen backlog is full, or it was sent away: it is one too many.
                client.close();
            }
        }
        assertTrue(in > FEW / 2, in + " clients came in");
    }

    // --- no descriptor for the journal ---

    private NodeProcess serveWithSmallTables(PatternWriter writer) throws Exception {
        // A table, and with it a new log, every few writes; and a stop that would wait for long.
        Files.writeString(
                config,
                "chainring.persistence.leveldb.write-buffer = 64 KiB\n"
                        + "chainring.node.stop-limit = 10 minutes\n");
        NodeProcess node =
                NodeProcess.serveFromJars(
                        folder,
                        data,
                        "--disk",
                        "d=" + image + ",size=64M",
                        "--nbd-socket",
                        socket.toString(),
                        "--config",
                        config.toString());
        writer.start(socket, 0);
        writer.awaitAcknowledged(50);
        return node;
    }

    private static void descriptors(NodeProcess node, String soft) throws Exception {
        Process set =
                new ProcessBuilder(
                                "prlimit", "--pid", Long.toString(node.pid()), "--nofile=" + soft)
                        .inheritIO()
                        .start();
        assertTrue(set.waitFor(120, TimeUnit.SECONDS) && set.exitValue() == 0, "prlimit");
    }

    private static void awaitFailedJournal(NodeProcess node) {
        Awaitility.await("a journal without a descriptor")
                .atMost(LIMIT)
                .until(() -> node.output().contains("a write failed"));
        Awaitility.await("attempts to open it again")
                .atMost(LIMIT)
                .until(() -> node.output().contains("cannot be reopened"));
    }

    @Test
    void aJournalWithoutDescriptorsGoesOnWhenThereAreSome() throws Exception {
        ExternalTool.require("qemu-io", "prlimit");
        try (PatternWriter writer = new PatternWriter();
                NodeProcess node = serveWithSmallTables(writer)) {
            for (int round = 0; round < 2; round++) {
                descriptors(node, "10:");
                awaitFailedJournal(node);
                // Long enough for whatever counts failures to have counted enough of them.
                Awaitility.await()
                        .pollDelay(Duration.ofSeconds(12))
                        .atMost(LIMIT)
                        .until(node::isAlive);
                int before = writer.acknowledged();
                descriptors(node, "4096:");
                Awaitility.await("writes go on")
                        .atMost(Duration.ofSeconds(25))
                        .until(() -> writer.acknowledged() > before + 20);
            }
            assertFewLines(node);
            writer.finish();
            node.stop();
            writer.verify(image);
        }
    }

    @Test
    void aStopDoesNotWaitForAJournalThatCannotBeOpened() throws Exception {
        ExternalTool.require("qemu-io", "prlimit");
        try (PatternWriter writer = new PatternWriter();
                NodeProcess node = serveWithSmallTables(writer)) {
            descriptors(node, "10:");
            awaitFailedJournal(node);
            node.signal("TERM");
            // Everything that was acknowledged is in the image; what was not is not known to be
            // done.
            int code = node.exitCode(LIMIT);
            assertTrue(code == 0 || code == 1, () -> "exit code " + code + ":\n" + node.output());
            assertTrue(node.output().contains("stops without its journal"), node::output);
        }
    }
}
