package io.chainring.node.fault;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.node.StartException;
import io.chainring.node.control.FaultControl;
import io.chainring.node.control.FaultList;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.http.HttpAnswer;
import io.chainring.node.http.HttpCall;
import io.chainring.node.http.Json;
import io.chainring.node.service.Node;
import io.chainring.node.service.NodeSettings;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.client.BlockIoException;
import io.chainring.ring.client.BlockingClient;
import io.chainring.ring.request.ChainStatus;
import java.io.IOException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node's control socket takes for a fault, and what comes of it. */
final class NodeFaultsTest {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir Path folder;

    private Node node;

    private void start(String chaos) throws StartException {
        node =
                Node.start(
                        NodeSettings.of(
                                ConfigFactory.parseMap(
                                                Map.of(
                                                        "chainring.node.data",
                                                        folder.toString(),
                                                        "chainring.node.chaos",
                                                        chaos,
                                                        "chainring.node.loops",
                                                        1,
                                                        "chainring.node.default-disk-size",
                                                        "1 MiB",
                                                        "chainring.node.metrics",
                                                        "127.0.0.1:0",
                                                        "chainring.node.nbd.listen",
                                                        List.of("127.0.0.1:0")))
                                        .withFallback(ConfigFactory.load()),
                                List.of()));
    }

    @AfterEach
    void stop() {
        assertTrue(node.stop());
    }

    private HttpAnswer ask(String method, String page, String body) throws Exception {
        return HttpCall.ask(
                UnixDomainSocketAddress.of(DataDirectory.controlSocket(folder)),
                method,
                page,
                body,
                PATIENCE,
                1 << 20);
    }

    private FaultList list() throws Exception {
        return Json.readAnswer(ask("GET", "/faults", "").body(), FaultList.class);
    }

    private long killedAt(String point) throws Exception {
        return list().passed().stream()
                .filter(each -> each.point().equals(point))
                .findFirst()
                .orElseThrow()
                .killed();
    }

    private FaultList.Outcome inject(String body) throws Exception {
        HttpAnswer answer = ask("POST", "/fault", body);
        assertEquals(200, answer.status().code(), answer.body());
        return Json.readAnswer(answer.body(), FaultList.Outcome.class);
    }

    private void refused(String error, String body) throws Exception {
        HttpAnswer answer = ask("POST", "/fault", body);
        assertEquals(400, answer.status().code(), answer.body());
        assertTrue(answer.body().contains(error), answer.body());
    }

    private BlockingClient client() {
        return new BlockingClient(
                BlockClient.open(node.disks().get(0).service(), 64, ForkJoinPool.commonPool()));
    }

    private static void write(BlockingClient client) throws IOException {
        client.write(512, ByteBuffer.allocate(4096));
    }

    private static byte statusOf(BlockingClient client) {
        return assertThrows(BlockIoException.class, () -> write(client)).status();
    }

    @Test
    void aNodeThatWasNotStartedForThemTakesNone() throws Exception {
        start("off");
        for (HttpAnswer answer :
                List.of(
                        ask("POST", "/fault", "{\"fault\":\"registry-kill\"}"),
                        ask("GET", "/faults", ""))) {
            assertEquals(403, answer.status().code());
            assertTrue(answer.body().contains("chainring.node.chaos = on"), answer.body());
            assertEquals(FaultControl.OFF.lines().count(), 1);
        }
        assertEquals(1, node.disks().size());
    }

    @Test
    void whatIsNotThereIsRefusedWithWhatThereIs() throws Exception {
        start("on");
        refused("one of backend-kill, host-kill", "{\"fault\":\"x\"}");
        refused("needs a 'disk': one of disk0", "{\"fault\":\"store-eio\"}");
        refused("there is disk0", "{\"fault\":\"store-eio\",\"disk\":\"x\"}");
        refused("interrupt, error, stop, terminate", kill("\"how\":\"x\""));
        refused("TAKEN, RECORDING", kill("\"point\":\"x\""));
        refused("TAKEN, RECORDING", kill("\"point\":\"HOST_INSIDE\""));
        refused("needs a 'point'", kill("\"count\":2"));
        refused("from 1 to", kill("\"count\":0,\"point\":\"TAKEN\""));
        refused("from 1 to", kill("\"millis\":0"));
        refused("takes no 'how'", "{\"fault\":\"store-eio\",\"disk\":\"disk0\",\"how\":\"error\"}");
        refused("'fault'", "{}");
    }

    private static String kill(String rest) {
        return "{\"fault\":\"backend-kill\",\"disk\":\"disk0\"," + rest + "}";
    }

    @Test
    void eachIsListedWithItsPointsAndOnlyOnTheControlSocket() throws Exception {
        start("on");
        FaultList list = list();
        assertEquals(
                List.of(
                        "backend-kill",
                        "host-kill",
                        "frontend-kill",
                        "registry-kill",
                        "supervisor-kill",
                        "journal-slow",
                        "journal-fail",
                        "journal-reject",
                        "journal-torn",
                        "journal-full",
                        "store-slow",
                        "store-eio",
                        "store-enospc",
                        "store-torn",
                        "store-short",
                        "store-sync-fail"),
                list.faults().stream().map(FaultList.Kind::name).toList());
        Set<String> points = new HashSet<>();
        list.faults().forEach(each -> points.addAll(each.points()));
        assertEquals(
                points,
                new HashSet<>(list.passed().stream().map(FaultList.Passed::point).toList()));
        assertEquals(points.size(), list.passed().size());
        HttpRequest shown =
                HttpRequest.newBuilder(
                                URI.create(
                                        "http://127.0.0.1:"
                                                + node.metricsAddress().getPort()
                                                + "/faults"))
                        .build();
        assertEquals(
                404,
                HttpClient.newHttpClient()
                        .send(shown, HttpResponse.BodyHandlers.discarding())
                        .statusCode());
    }

    @Test
    void killsAreDoneAndCounted() throws Exception {
        start("on");
        for (String who : List.of("backend", "host", "supervisor")) {
            String request = "{\"fault\":\"" + who + "-kill\",\"disk\":\"disk0\",\"how\":\"stop\"}";
            await().atMost(PATIENCE).until(() -> inject(request).injected());
            try (BlockingClient client = reconnected()) {
                write(client);
            }
        }
        try (BlockingClient client = reconnected()) {
            write(client);
            assertTrue(inject("{\"fault\":\"frontend-kill\",\"disk\":\"disk0\"}").injected());
        }
        try (BlockingClient client = reconnected()) {
            write(client);
        }
        for (String point : List.of("RECORDED", "MASKED", "PUBLISHED")) {
            inject(kill("\"point\":\"" + point + "\",\"count\":2,\"how\":\"error\""));
            try (BlockingClient client = client()) {
                for (int i = 0; i < 4; i++) {
                    write(client);
                }
            }
            assertEquals(2, killedAt(point));
        }
        inject("{\"fault\":\"registry-kill\",\"point\":\"REGISTRY_RECOVERED\"}");
        inject("{\"fault\":\"registry-kill\"}");
        assertTrue(ask("GET", "/disks", "").body().contains("disk0"));
        await().atMost(PATIENCE).until(() -> killedAt("REGISTRY_RECOVERED") == 1);
        assertTrue(ask("GET", "/disks", "").body().contains("disk0"));
    }

    /** After the death of a supervisor there is none for a moment. */
    private BlockingClient reconnected() {
        BlockingClient[] found = new BlockingClient[1];
        await().atMost(PATIENCE)
                .until(
                        () -> {
                            BlockingClient client = client();
                            try {
                                write(client);
                                found[0] = client;
                                return true;
                            } catch (IOException gone) {
                                client.close();
                                return false;
                            }
                        });
        return found[0];
    }

    @Test
    void journalAndStoreFailAsTheyAreTold() throws Exception {
        start("on");
        try (BlockingClient client = client()) {
            for (String fault : List.of("slow", "fail", "reject", "torn", "full")) {
                inject(on("journal-" + fault, "\"millis\":300"));
                write(client);
            }
            inject(on("store-eio", "\"count\":2"));
            assertEquals(ChainStatus.IOERR, statusOf(client));
            assertEquals(ChainStatus.IOERR, statusOf(client));
            inject(on("store-enospc", "\"count\":1"));
            assertEquals(ChainStatus.NOSPC, statusOf(client));
            inject(on("store-torn", "\"count\":1"));
            assertEquals(ChainStatus.IOERR, statusOf(client));
            inject(on("store-short", "\"count\":1"));
            inject(on("store-slow", "\"count\":1"));
            write(client);
            inject(on("store-eio", "\"count\":100"));
            assertEquals("all faults have ended", inject("{\"fault\":\"none\"}").what());
            write(client);
            inject(on("store-sync-fail", "\"count\":1"));
            assertThrows(BlockIoException.class, client::flush);
            assertEquals(ChainStatus.IOERR, statusOf(client));
            client.read(0, ByteBuffer.allocate(512));
            assertNotEquals("serving", node.status().disks().get(0).state());
        }
    }

    private static String on(String fault, String rest) {
        return "{\"fault\":\"" + fault + "\",\"disk\":\"disk0\"," + rest + "}";
    }
}
