package io.chainring.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.ReferenceCountUtil;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One connection, without a socket and with a clock that the test moves. */
class HttpConnectionTest {
    private static final HttpLimits LIMITS =
            new HttpLimits(
                    4,
                    256,
                    1024,
                    16,
                    2048,
                    4 << 20,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(60),
                    0,
                    List.of());
    private static final String GET = "GET /page?x HTTP/1.1\r\nHost: chainring\r\n\r\n";

    private final List<String> asked = new ArrayList<>();
    private final ClientPlaces<Channel> places = new ClientPlaces<>(4, 4 << 20);
    private CompletionStage<HttpAnswer> answer =
            CompletableFuture.completedFuture(HttpAnswer.text(HttpResponseStatus.OK, "hello"));
    private final EmbeddedChannel client = connect();

    private EmbeddedChannel connect() {
        EmbeddedChannel channel =
                new EmbeddedChannel() {
                    @Override
                    protected SocketAddress localAddress0() {
                        return UnixDomainSocketAddress.of("/x");
                    }
                };
        channel.freezeTime();
        channel.config().setAutoRead(false);
        places.enter(channel, "a");
        SocketAddress unix = UnixDomainSocketAddress.of("/x");
        channel.pipeline()
                .addLast(
                        HttpServer.handlers(
                                LIMITS,
                                new RequestCheck(LIMITS, HostNames.of(unix, List.of())),
                                (method, page, body) -> {
                                    asked.add(method + " " + page + " " + body);
                                    return answer;
                                },
                                places));
        channel.pipeline().fireChannelActive();
        return channel;
    }

    @AfterEach
    void end() {
        client.finishAndReleaseAll();
    }

    private void send(String text) {
        client.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
        client.runPendingTasks();
    }

    private String sent() {
        StringBuilder all = new StringBuilder();
        for (ByteBuf one = client.readOutbound(); one != null; one = client.readOutbound()) {
            all.append(one.toString(StandardCharsets.UTF_8));
            one.release();
        }
        return all.toString();
    }

    private void pass(int seconds) {
        client.advanceTimeBy(seconds, TimeUnit.SECONDS);
        client.runScheduledPendingTasks();
        client.runPendingTasks();
    }

    @Test
    void aRequestIsAnsweredAndTheNextOneToo() {
        send(GET);
        String first = sent();
        assertTrue(first.startsWith("HTTP/1.1 200 OK\r\n") && first.endsWith("hello"), first);
        send("POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\na");
        assertEquals("", sent());
        send("b");
        send("c");
        assertTrue(sent().endsWith("hello"));
        assertEquals(List.of("GET /page ", "POST /p abc"), asked);
        assertTrue(client.isOpen());
    }

    @Test
    void whoDripsHasTheSameTimeAsWhoIsSilent() {
        pass(9);
        send("GET /page HTTP/1.1\r\n");
        assertTrue(client.isOpen());
        pass(2);
        assertFalse(client.isOpen(), "the first request counts from the connection on");
        assertEquals(List.of(), asked);
    }

    @Test
    void aLaterRequestCountsFromItsFirstByte() {
        send(GET);
        sent();
        pass(29);
        for (int i = 0; i < 9; i++) {
            send(GET.substring(i, i + 1));
            pass(1);
        }
        assertTrue(client.isOpen());
        send(GET.substring(9, 10));
        pass(1);
        assertFalse(client.isOpen());
    }

    @Test
    void aBodyThatDripsCountsToo() {
        send("POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30\r\n\r\n");
        for (int i = 0; i < 9; i++) {
            send("x");
            pass(1);
            assertTrue(client.isOpen());
        }
        pass(1);
        assertFalse(client.isOpen());
    }

    @Test
    void silenceBetweenRequestsHasItsOwnLimit() {
        send(GET);
        sent();
        pass(29);
        assertTrue(client.isOpen());
        pass(1);
        assertFalse(client.isOpen());
    }

    @Test
    void aRequestThatIsCarriedOutHasNone() {
        CompletableFuture<HttpAnswer> later = new CompletableFuture<>();
        answer = later;
        send(GET);
        pass(3600);
        assertTrue(client.isOpen());
        later.complete(HttpAnswer.text(HttpResponseStatus.OK, "at last"));
        client.runPendingTasks();
        assertTrue(sent().endsWith("at last"));
    }

    @Test
    void requestsThatWaitBehindOneAreAnsweredInTheirOrder() {
        CompletableFuture<HttpAnswer> later = new CompletableFuture<>();
        answer = later;
        send(GET + GET.replace("page", "next") + GET.replace("page", "last"));
        assertEquals(List.of("GET /page "), asked);
        later.complete(HttpAnswer.text(HttpResponseStatus.OK, "x"));
        client.runPendingTasks();
        assertEquals(List.of("GET /page ", "GET /next ", "GET /last "), asked);
    }

    @Test
    void whoDoesNotTakeItsAnswerHasALimitToo() {
        client.pipeline()
                .addFirst(
                        new ChannelOutboundHandlerAdapter() {
                            @Override
                            public void write(
                                    ChannelHandlerContext ctx,
                                    Object message,
                                    ChannelPromise promise) {
                                ReferenceCountUtil.release(message);
                            }
                        });
        send(GET);
        pass(59);
        assertTrue(client.isOpen());
        pass(2);
        assertFalse(client.isOpen());
    }

    @Test
    void aLongAnswerComesInPieces() {
        String long1 = "x".repeat(1 << 20);
        answer = CompletableFuture.completedFuture(HttpAnswer.text(HttpResponseStatus.OK, long1));
        send(GET);
        String all = sent();
        assertTrue(all.endsWith("\r\n\r\n" + long1));
        assertEquals(0, places.answersBytes());
    }

    static List<List<String>> refused() {
        String host = "Host: chainring\r\n";
        return List.of(
                List.of("400", "GET / HTTP/1.1\r\n\r\n"),
                List.of("400", "GET / HTTP/1.1\r\n" + host + host + "\r\n"),
                List.of("400", "nonsense\r\n\r\n"),
                List.of("400", "GET http://evil.example/ HTTP/1.1\r\n" + host + "\r\n"),
                List.of("400", "GET / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n"),
                List.of("411", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n"),
                List.of("413", "POST / HTTP/1.1\r\n" + host + "Content-Length: 2049\r\n\r\n"),
                List.of("414", "GET /" + "x".repeat(300) + " HTTP/1.1\r\n" + host + "\r\n"),
                List.of("421", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
                List.of("431", "GET / HTTP/1.1\r\n" + host + "a: " + "x".repeat(1100) + "\r\n\r\n"),
                List.of("431", "GET / HTTP/1.1\r\n" + host + "a: b\r\n".repeat(20) + "\r\n"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatIsNotTakenIsAnsweredOnceAndEndsItsConnection(List<String> request) {
        send(request.get(1) + GET);
        String answered = sent();
        assertTrue(answered.startsWith("HTTP/1.1 " + request.get(0) + " "), answered);
        assertEquals(answered.indexOf("HTTP/1.1"), answered.lastIndexOf("HTTP/1.1"), answered);
        assertFalse(client.isOpen());
        assertEquals(List.of(), asked);
    }

    @Test
    void anOldRequestNeedsNoHost() {
        send("GET / HTTP/1.0\r\n\r\n");
        assertTrue(sent().endsWith("hello"));
        assertFalse(client.isOpen());
    }

    @Test
    void whoAsksWhetherToSendItsBodyIsTold() {
        send(
                "POST / HTTP/1.1\r\nHost: chainring\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
        assertTrue(sent().startsWith("HTTP/1.1 100 "));
        send("ok");
        assertTrue(sent().endsWith("hello"));
        assertEquals(List.of("POST / ok"), asked);
    }
}
