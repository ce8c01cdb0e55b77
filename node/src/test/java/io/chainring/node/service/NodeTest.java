package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.disk.DiskStatus;
import io.chainring.node.http.HostPort;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node in this JVM: its start, its control socket, its metrics, its end, and its start with other loops. */
class NodeTest {
    @TempDir Path folder;
    @TempDir Path images;

    private Node start(int loops, String... disks) throws StartException {
        return Node.start(
                NodeSettings.of(
                        ConfigFactory.parseMap(
                                        Map.of(
                                                "chainring.node.data",
                                                folder.toString(),
                                                "chainring.node.loops",
                                                loops,
                                                "chainring.node.default-disk-size",
                                                "1 MiB",
                                                "chainring.node.metrics",
                                                "127.0.0.1:0",
                                                "chainring.node.nbd.listen",
                                                List.of("127.0.0.1:0")))
                                .withFallback(ConfigFactory.load()),
                        java.util.Arrays.stream(disks)
                                .map(name -> new RequestedDisk(name, images.resolve(name), 1 << 20))
                                .toList()));
    }

    @Test
    void withoutDisksItMakesOne() throws Exception {
        Node node = start(1);
        try {
            assertEquals(1, node.disks().size());
            assertEquals(1 << 20, Files.size(folder.resolve("images/disk0.img")));
            DiskStatus disk = node.status().disks().get(0);
            assertEquals("serving", disk.state());
            assertEquals(1, disk.epoch());
        } finally {
            assertTrue(node.stop());
        }
        assertFalse(Files.exists(DataDirectory.controlSocket(folder)));
    }

    @Test
    void disksKeepTheirJournalWhateverTheLoops() throws Exception {
        Node first = start(2, "a", "b", "c");
        List<Integer> journals = first.status().disks().stream().map(DiskStatus::journal).toList();
        assertEquals(List.of(0, 1, 0), journals);
        assertTrue(first.stop());
        Node second = start(1);
        try {
            List<DiskStatus> disks = second.status().disks();
            assertEquals(journals, disks.stream().map(DiskStatus::journal).toList());
            assertEquals(List.of(0, 0, 0), disks.stream().map(DiskStatus::loop).toList());
            // The epoch is in the journal: the same one was found again.
            assertEquals(List.of(2L, 2L, 2L), disks.stream().map(DiskStatus::epoch).toList());
        } finally {
            assertTrue(second.stop());
        }
    }

    @Test
    void killsAreCountedAndSurvived() throws Exception {
        Node node = start(1, "a");
        try {
            ControlClient client = new ControlClient(folder);
            long kills = 0;
            for (KillMode how : KillMode.values()) {
                for (SupervisorCommand.Target target :
                        List.of(SupervisorCommand.Target.BACKEND, SupervisorCommand.Target.HOST)) {
                    Awaitility.await().until(() -> client.kill("a", target, how));
                    kills++;
                    long expected = kills;
                    Awaitility.await()
                            .atMost(Duration.ofSeconds(120))
                            .untilAsserted(
                                    () -> {
                                        DiskStatus disk = client.status().disks().get(0);
                                        assertEquals(
                                                expected, disk.restarts() + disk.hostRestarts());
                                        assertEquals("serving", disk.state());
                                    });
                }
            }
            DiskStatus disk = node.status().disks().get(0);
            int ways = KillMode.values().length;
            assertEquals(ways, disk.restarts());
            assertEquals(ways, disk.hostRestarts());
            assertEquals(ways + 1, disk.epoch());
            assertTrue(disk.lastRecoveryMillis() > 0);
            assertNull(node.kill("b", SupervisorCommand.Target.HOST, KillMode.STOP));
        } finally {
            assertTrue(node.stop());
        }
    }

    @Test
    void theControlSocketIsItsOwnersAlone() throws Exception {
        Node node = start(1, "a");
        try {
            Path socket = DataDirectory.controlSocket(folder);
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            NodeStatus status = new ControlClient(folder).status();
            assertEquals(ProcessHandle.current().pid(), status.pid());
            assertEquals("a", status.disks().get(0).name());
        } finally {
            node.stop();
        }
    }

    @Test
    void badControlRequestsAreAnsweredAndHarmless() throws Exception {
        Node node = start(1, "a");
        try {
            assertTrue(exchange("GET /nothing HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 404 "));
            assertTrue(exchange("DELETE /status HTTP/1.1\r\n\r\n").startsWith("HTTP/1.1 405 "));
            assertTrue(exchange("rubbish\r\n\r\n").startsWith("HTTP/1.1 400 "));
            assertTrue(kill("{").startsWith("HTTP/1.1 400 "));
            assertTrue(kill("{}").contains("'disk' is missing"));
            assertTrue(kill("[1]").startsWith("HTTP/1.1 400 "));
            assertTrue(
                    kill("{\"disk\":\"a\",\"target\":\"all\",\"how\":\"stop\"}")
                            .contains("'target' is not one of backend, host"));
            assertTrue(
                    kill("{\"disk\":\"x\",\"target\":\"host\",\"how\":\"stop\"}")
                            .startsWith("HTTP/1.1 404 "));
            assertTrue(kill("x".repeat(20_000)).startsWith("HTTP/1.1 413 "));
            assertTrue(
                    exchange("POST /disks HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
                            .startsWith("HTTP/1.1 405 "));
            assertTrue(exchange("GET /disks/eject HTTP/1.1\r\n\r\n").contains("only POST"));
            assertTrue(
                    exchange("POST /disks/x HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
                            .startsWith("HTTP/1.1 404 "));
            assertTrue(disk("eject", "[]").startsWith("HTTP/1.1 400 "));
            assertTrue(disk("eject", "{}").contains("'key' is missing"));
            assertTrue(disk("eject", "{\"key\":\"a\",\"force\":1}").contains("true or false"));
            assertTrue(disk("resize", "{\"key\":\"a\"}").contains("not a whole number"));
            assertTrue(
                    disk("create", "{\"name\":\"b\",\"path\":\"b.img\"}")
                            .contains("'path' is not absolute"));
            assertTrue(disk("eject", "{\"key\":\"x\"}").startsWith("HTTP/1.1 409 "));
            assertEquals(1, node.status().disks().size());
            assertEquals(0, node.status().disks().get(0).restarts());
        } finally {
            node.stop();
        }
    }

    private String kill(String body) throws Exception {
        return exchange(
                "POST /kill HTTP/1.1\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private String disk(String what, String body) throws Exception {
        return exchange(
                "POST /disks/"
                        + what
                        + " HTTP/1.1\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n"
                        + body);
    }

    /** The beginning of the answer to one request. */
    private String exchange(String requestWithoutHost) throws Exception {
        String request = requestWithoutHost.replaceFirst("\r\n", "\r\nHost: localhost\r\n");
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(DataDirectory.controlSocket(folder)));
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(4096);
            channel.read(answer);
            return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void metricsAreShown() throws Exception {
        Node node = start(1, "a");
        try {
            node.kill("a", SupervisorCommand.Target.BACKEND, KillMode.STOP)
                    .toCompletableFuture()
                    .get(120, TimeUnit.SECONDS);
            String address = "http://" + HostPort.format(node.metricsAddress());
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .until(
                            () ->
                                    get(address + "/metrics")
                                            .contains(
                                                    "chainring_backend_restarts_total{disk=\"a\"} 1.0"));
            String text = get(address + "/metrics");
            for (String meter :
                    List.of(
                            "chainring_chains_in_flight",
                            "chainring_chains_oldest_in_flight_seconds",
                            "chainring_journal_write_seconds",
                            "chainring_recovery_seconds_bucket",
                            "chainring_signals_deferred_total",
                            "chainring_nbd_connections")) {
                assertTrue(text.contains(meter), meter + " in\n" + text);
            }
            assertTrue(get(address + "/status").contains("\"disks\":[{\"name\":\"a\""));
            assertTrue(get(address + "/health").contains("serving"));
        } finally {
            node.stop();
        }
    }

    static String get(String uri) {
        return HttpClient.newHttpClient()
                .sendAsync(
                        HttpRequest.newBuilder(URI.create(uri)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .join()
                .body();
    }

    @Test
    void whatWasStartedIsTakenDownWhenTheStartFails() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> start(1, "../x"));
        Node node = start(1, "a");
        assertThrows(StartException.class, () -> start(1, "a"));
        assertTrue(node.stop());
        assertTrue(start(1).stop());
    }

    @Test
    void nobodyAnswersWhereNoNodeRuns() {
        String why =
                String.valueOf(
                        assertThrows(StartException.class, () -> new ControlClient(folder).status())
                                .getMessage());
        assertTrue(why.contains(folder.toString()), why);
    }
}
