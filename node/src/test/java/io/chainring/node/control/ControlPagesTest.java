package io.chainring.node.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.http.HttpLimits;
import io.chainring.node.http.HttpServer;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every request is answered once, whatever the node does with it. */
class ControlPagesTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final String KILL =
            "{\"disk\":\"a\",\"target\":\"backend\",\"how\":\"interrupt\"}";
    private static final String STATUS = "GET /status HTTP/1.1\r\nHost: chainring\r\n\r\n";

    @TempDir Path folder;
    private final FakeNode node = new FakeNode();
    private @Nullable HttpServer server;

    /** A node whose outcomes a test decides; a disk command is one that throws. */
    private static final class FakeNode implements NodeControl {
        private final CompletableFuture<Boolean> killed = new CompletableFuture<>();
        private final CountDownLatch asked = new CountDownLatch(1);

        @Override
        public NodeStatus status() {
            return new NodeStatus("1", 1, 1.5, "d", false, List.of(), 0, "stopping", List.of());
        }

        @Override
        public DiskControl diskControl() {
            return (DiskControl)
                    Proxy.newProxyInstance(
                            DiskControl.class.getClassLoader(),
                            new Class<?>[] {DiskControl.class},
                            (proxy, method, arguments) -> {
                                if (method.getName().equals("list")) {
                                    return new CompletableFuture<List<DiskEntry>>();
                                }
                                throw new IllegalStateException("a fault of ours");
                            });
        }

        @Override
        public CompletionStage<Boolean> kill(
                String disk, SupervisorCommand.Target target, KillMode mode) {
            asked.countDown();
            return killed;
        }
    }

    private void start(Duration limit, int maxConnections, Duration idle) throws IOException {
        server =
                HttpServer.start(
                        "control",
                        UnixDomainSocketAddress.of(folder.resolve("s")),
                        new HttpLimits(
                                maxConnections,
                                4096,
                                8192,
                                64,
                                4096,
                                1 << 20,
                                idle,
                                idle,
                                idle,
                                0,
                                List.of()),
                        new ControlPages(node, limit, limit));
    }

    @AfterEach
    void close() {
        if (server != null) {
            server.close();
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")));
    }

    private static void send(SocketChannel channel, String request) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Everything up to the end of the connection. */
    private static String read(SocketChannel channel) throws IOException {
        StringBuilder all = new StringBuilder();
        ByteBuffer some = ByteBuffer.allocate(4096);
        while (channel.read(some.clear()) >= 0) {
            all.append(StandardCharsets.UTF_8.decode(some.flip()));
        }
        return all.toString();
    }

    private static String post(String page, String body, String... headers) {
        return "POST "
                + page
                + " HTTP/1.1\r\nHost: chainring\r\nContent-Length: "
                + body.length()
                + "\r\n"
                + String.join("", headers)
                + "\r\n"
                + body;
    }

    private String exchange(String page, String body) throws IOException {
        try (SocketChannel channel = connect()) {
            send(channel, post(page, body, "Connection: close\r\n"));
            return read(channel);
        }
    }

    private static void says(String status, String error, String answer) {
        assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
        assertTrue(answer.endsWith("{\"error\":\"" + error + "\"}"), answer);
        assertEquals(answer.indexOf("HTTP/1.1"), answer.lastIndexOf("HTTP/1.1"), answer);
    }

    @Test
    void aNodeThatThrowsIsAnswered() throws Exception {
        start(LONG, 9, LONG);
        String why = "the request has failed; the node's log says why";
        says("503", why, exchange("/disks/forget", "{\"key\":\"a\"}"));
        node.killed.completeExceptionally(new IllegalStateException("another"));
        says("503", why, exchange("/kill", KILL));
    }

    @Test
    void anOutcomeWithoutAValueIsAnswered() throws Exception {
        start(LONG, 9, LONG);
        node.killed.complete(null);
        says("503", "the request has failed; the node's log says why", exchange("/kill", KILL));
    }

    @Test
    void whatNeverEndsIsAnsweredInTime() throws Exception {
        start(Duration.ofMillis(50), 9, LONG);
        says("503", "the disk does not answer", exchange("/kill", KILL));
        // Too late, and nobody hears of it twice.
        node.killed.complete(true);
        try (SocketChannel channel = connect()) {
            send(channel, "GET /disks HTTP/1.1\r\nHost: chainring\r\nConnection: close\r\n\r\n");
            says("503", "the disk does not answer", read(channel));
        }
    }

    @Test
    void aServerThatEndsAnswersWhatIsUnderWay() throws Exception {
        start(LONG, 9, LONG);
        try (SocketChannel idle = connect();
                SocketChannel channel = connect()) {
            send(channel, post("/kill", KILL));
            assertTrue(node.asked.await(30, TimeUnit.SECONDS));
            close();
            says(
                    "503",
                    "the node is ending; what becomes of the request is seen after its next start",
                    read(channel));
            assertEquals("", read(idle));
        }
    }

    @Test
    void requestsInARowAreAnsweredInTheirOrder() throws Exception {
        start(LONG, 9, LONG);
        try (SocketChannel channel = connect()) {
            send(
                    channel,
                    post("/kill", KILL)
                            + STATUS
                            + "GET /health HTTP/1.1\r\nHost: chainring\r\nConnection: close\r\n\r\n");
            assertTrue(node.asked.await(30, TimeUnit.SECONDS));
            node.killed.complete(true);
            String answers = read(channel);
            int killed = answers.indexOf("{\"killed\":true}");
            int status = answers.indexOf("{\"version\":\"1\"");
            int health = answers.indexOf("{\"state\":\"stopping\"}");
            assertTrue(0 < killed && killed < status && status < health, answers);
        }
    }

    @Test
    void aClientThatGoesAwayLeavesRoom() throws Exception {
        start(LONG, 1, LONG);
        try (SocketChannel channel = connect()) {
            send(channel, post("/kill", KILL));
            assertTrue(node.asked.await(30, TimeUnit.SECONDS));
            try (SocketChannel second = connect()) {
                assertEquals("", read(second));
            }
        }
        node.killed.complete(true);
        org.awaitility.Awaitility.await()
                .until(
                        () -> {
                            try (SocketChannel next = connect()) {
                                send(
                                        next,
                                        STATUS.replace(
                                                "\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
                                return read(next).startsWith("HTTP/1.1 200 ");
                            } catch (IOException e) {
                                return false;
                            }
                        });
    }

    @Test
    void silenceEndsAConnectionButNotARequest() throws Exception {
        start(LONG, 9, Duration.ofSeconds(1));
        try (SocketChannel silent = connect();
                SocketChannel waiting = connect()) {
            send(waiting, post("/kill", KILL));
            assertEquals("", read(silent));
            node.killed.complete(false);
            assertTrue(read(waiting).endsWith("{\"killed\":false}"));
        }
    }

    /** What stands behind it on its connection may be the rest of it, and is read no more. */
    @Test
    void aRequestThatIsTooLongIsRefusedAndEndsItsConnectionAlone() throws Exception {
        start(LONG, 9, LONG);
        String health = "GET /health HTTP/1.1\r\nHost: chainring\r\nConnection: close\r\n\r\n";
        try (SocketChannel channel = connect();
                SocketChannel other = connect()) {
            send(channel, post("/kill", "x".repeat(5000)) + health);
            String answers;
            try {
                answers = read(channel);
            } catch (IOException e) {
                // Its end overtook the answer, since the rest of the request was not read.
                answers = "HTTP/1.1 413 ";
            }
            assertTrue(answers.startsWith("HTTP/1.1 413 "), answers);
            assertFalse(answers.contains("state"), answers);
            send(other, health);
            assertTrue(read(other).endsWith("{\"state\":\"stopping\"}"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{ | the body is not JSON",
                "{\"key\":tru} | the body is not JSON",
                "`` | the body is not a JSON object",
                "[] | the body is not a JSON object",
                "1 | the body is not a JSON object",
                "{} | 'key' is missing or not a text",
                "{\"key\":null} | 'key' is missing or not a text",
                "{\"key\":5} | 'key' is missing or not a text",
                "{\"key\":[\"a\"]} | 'key' is missing or not a text",
                "{\"key\":\"a\",\"sizeBytes\":\"5\"} | 'sizeBytes' is not a whole number",
                "{\"key\":\"a\",\"sizeBytes\":1.5} | 'sizeBytes' is not a whole number",
                "{\"key\":\"a\",\"sizeBytes\":null} | 'sizeBytes' is not a whole number",
                "{\"key\":\"a\",\"sizeBytes\":99999999999999999999} | 'sizeBytes' is not a whole number",
                "{\"key\":\"a\"} | 'sizeBytes' is not a whole number",
                "{\"key\":\"a\",\"sizeBytes\":5,\"size\":5} | 'size' is no field of this request",
            })
    void whatIsWrongWithABodyIsSaidInOneLine(String body, String error) throws Exception {
        start(LONG, 9, LONG);
        says("400", error, exchange("/disks/resize", body));
    }

    @Test
    void whatIsWrongWithOtherFieldsIsSaidToo() throws Exception {
        start(LONG, 9, LONG);
        says(
                "400",
                "'force' is not true or false",
                exchange("/disks/eject", "{\"key\":\"a\",\"force\":\"yes\"}"));
        says(
                "400",
                "'deviceName' is missing or not a text",
                exchange("/disks/insert", "{\"key\":\"a\",\"deviceName\":7}"));
        says(
                "400",
                "'how' is not one of "
                        + String.join(
                                ", ", io.chainring.base.settings.Settings.labels(KillMode.class)),
                exchange("/kill", KILL.replace("interrupt", "pray")));
        assertFalse(node.killed.isDone());
    }
}
