package io.chainring.node.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.chaos.plan.Fault;
import io.chainring.chaos.plan.FaultDriver.Outcome;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.http.HttpAnswer;
import io.chainring.node.http.HttpLimits;
import io.chainring.node.http.HttpPages;
import io.chainring.node.http.HttpServer;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The requests for faults, and what becomes of the answers, with a node that is none. */
final class FaultDoorTest {
    private static final Fault KILL = new Fault("backend-kill", 1, "error", "RECORDED", 7, 0);
    private static final Fault SLOW = new Fault("store-slow", 0, null, null, 300, 0);

    @TempDir private Path data;
    private final ConcurrentLinkedQueue<String> asked = new ConcurrentLinkedQueue<>();

    private HttpServer node(HttpResponseStatus status, Object document) throws IOException {
        HttpPages pages =
                (method, page, body) -> {
                    asked.add((method + " " + page + " " + body).strip());
                    return CompletableFuture.completedFuture(HttpAnswer.json(status, document));
                };
        return HttpServer.start(
                "test",
                UnixDomainSocketAddress.of(DataDirectory.controlSocket(data)),
                HttpLimits.from(ConfigFactory.load()),
                pages);
    }

    private FaultDoor door(boolean knowsFaults) {
        return new FaultDoor(data, List.of("a", "b"), knowsFaults);
    }

    @Test
    void aFaultIsAskedForByName() throws Exception {
        try (HttpServer node =
                node(HttpResponseStatus.OK, Map.of("injected", true, "what", "one line"))) {
            assertEquals(new Outcome(true, "one line"), door(true).carryOut(KILL));
            door(true).carryOut(SLOW);
            assertEquals(
                    List.of(
                            "POST /fault {\"fault\":\"backend-kill\",\"disk\":\"b\",\"how\":\"error\",\"point\":\"RECORDED\",\"count\":1}",
                            "POST /fault {\"fault\":\"store-slow\",\"disk\":\"a\",\"millis\":300}"),
                    List.copyOf(asked));
        }
    }

    @Test
    void aNodeThatKnowsNoFaultsHasItsActorsKilled() throws Exception {
        try (HttpServer node = node(HttpResponseStatus.OK, Map.of("killed", false))) {
            assertEquals(
                    new Outcome(false, "backend of b killed by error"), door(false).carryOut(KILL));
            assertEquals(
                    List.of("POST /kill {\"disk\":\"b\",\"target\":\"backend\",\"how\":\"error\"}"),
                    List.copyOf(asked));
        }
    }

    @Test
    void whatIsRefusedSaysWhy() throws Exception {
        try (HttpServer node =
                node(HttpResponseStatus.CONFLICT, new HttpAnswer.Problem("chaos is off"))) {
            IOException why = assertThrows(IOException.class, () -> door(true).carryOut(KILL));
            assertEquals("chaos is off", why.getMessage());
        }
        assertThrows(IOException.class, () -> door(true).carryOut(KILL));
    }

    @Test
    void theMenuIsTheNodes() throws Exception {
        Map<String, Object> kill =
                Map.of("name", "host-kill", "how", List.of("stop"), "points", List.of("TAKEN"));
        try (HttpServer node = node(HttpResponseStatus.OK, Map.of("faults", List.of(kill)))) {
            FaultDoor.Menu menu = FaultDoor.menu(data);
            assertTrue(menu != null && menu.faults().get(0).points() != null);
            assertEquals("host-kill", menu.faults().get(0).name());
        }
        try (HttpServer node =
                node(HttpResponseStatus.NOT_FOUND, new HttpAnswer.Problem("no such page"))) {
            assertNull(FaultDoor.menu(data));
        }
    }
}
