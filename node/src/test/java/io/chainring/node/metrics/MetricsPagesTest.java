package io.chainring.node.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.node.StartException;
import io.chainring.node.control.DiskControl;
import io.chainring.node.control.NodeControl;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.http.HttpLimits;
import io.chainring.node.http.HttpServer;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MetricsPagesTest {
    private static final HttpLimits LIMITS = HttpLimits.from(ConfigFactory.load());

    private final NodeMetrics metrics = new NodeMetrics();
    private final HttpClient client = HttpClient.newHttpClient();
    private volatile String state = "serving";
    private HttpServer server;
    private NodeControl node;

    @BeforeEach
    void show() throws StartException {
        node =
                new NodeControl() {
                    @Override
                    public NodeStatus status() {
                        return new NodeStatus(
                                "1", 1, 1.5, "d", false, List.of(), 0, state, List.of());
                    }

                    @Override
                    public DiskControl diskControl() {
                        throw new IllegalStateException("nothing can be changed here");
                    }

                    @Override
                    public CompletionStage<Boolean> kill(
                            String disk, SupervisorCommand.Target target, KillMode mode) {
                        throw new IllegalStateException("nothing can be changed here");
                    }
                };
        server = MetricsPages.show(new InetSocketAddress("127.0.0.1", 0), LIMITS, metrics, node);
    }

    @AfterEach
    void end() {
        server.close();
        metrics.close();
    }

    /** Each with as much of a request as is taken, and none ever whole. */
    @Test
    void hundredsOfHalfSentRequestsKeepNobodyOut() throws Exception {
        String half = "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nx: " + "x".repeat(8000);
        ByteBuffer bytes = ByteBuffer.wrap(half.getBytes(StandardCharsets.US_ASCII));
        List<SocketChannel> halves = new ArrayList<>();
        try {
            for (int i = 0; i < 370; i++) {
                SocketChannel one = SocketChannel.open(server.address());
                halves.add(one);
                try {
                    one.write(bytes.duplicate());
                } catch (IOException e) {
                    assertTrue(e.getMessage().contains("reset"), e::getMessage);
                }
            }
            for (int i = 0; i < 20; i++) {
                HttpClient another = HttpClient.newHttpClient();
                assertTrue(ask(another, "GET", "/metrics").startsWith("200 "));
            }
        } finally {
            for (SocketChannel one : halves) {
                one.close();
            }
        }
    }

    @Test
    void aStrangersNameIsRefused() throws Exception {
        try (SocketChannel one = SocketChannel.open(server.address())) {
            String asked = "GET /status HTTP/1.1\r\nHost: evil.example:80\r\n\r\n";
            one.write(ByteBuffer.wrap(asked.getBytes(StandardCharsets.US_ASCII)));
            String answer =
                    new String(
                            one.socket().getInputStream().readAllBytes(),
                            StandardCharsets.US_ASCII);
            assertTrue(answer.startsWith("HTTP/1.1 421 "), answer);
            assertFalse(answer.contains("version"), answer);
        }
    }

    private String ask(String method, String page) throws Exception {
        return ask(client, method, page);
    }

    private String ask(HttpClient client, String method, String page) throws Exception {
        int port = ((InetSocketAddress) server.address()).getPort();
        HttpResponse<String> answer =
                client.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + page))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        String type = answer.headers().firstValue("content-type").orElse("");
        return answer.statusCode() + " " + type + " " + answer.body();
    }

    @Test
    void pagesHaveTheirStatusAndTheirType() throws Exception {
        String text = ask("GET", "/metrics");
        assertTrue(text.startsWith("200 text/plain; charset=UTF-8 # HELP "), text);
        assertEquals(text.lines().findFirst(), ask("GET", "/metrics?x=1").lines().findFirst());
        assertEquals("200 application/json {\"state\":\"serving\"}", ask("GET", "/health"));
        String status = ask("GET", "/status");
        assertTrue(status.startsWith("200 application/json {\"version\":\"1\""), status);
        assertTrue(ask("GET", "/nothing").startsWith("404 text/plain; charset=UTF-8 "));
        assertTrue(ask("POST", "/metrics").startsWith("405 text/plain; charset=UTF-8 "));
    }

    @Test
    void aNodeThatDoesNotServeIsNotWell() throws Exception {
        state = "stopping";
        assertEquals("503 application/json {\"state\":\"not serving\"}", ask("GET", "/health"));
        assertTrue(ask("GET", "/status").startsWith("200 "));
    }

    @Test
    void anAddressThatCannotBeHadIsNamedInOneLine() {
        for (InetSocketAddress address :
                List.of(
                        (InetSocketAddress) server.address(),
                        InetSocketAddress.createUnresolved("nowhere.invalid", 1))) {
            String why =
                    String.valueOf(
                            assertThrows(
                                            StartException.class,
                                            () -> MetricsPages.show(address, LIMITS, metrics, node))
                                    .getMessage());
            String where = address.getHostString() + ":" + address.getPort();
            assertTrue(why.startsWith("metrics cannot be shown on " + where + ": "), why);
            assertTrue(why.endsWith("; choose another address with --metrics"), why);
            assertEquals(1, why.lines().count(), why);
        }
    }
}
