package io.chainring.node.http;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpContentException;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One request to a server on a unix socket, over a connection of its own. */
public final class HttpCall {
    /** For all calls of a process, which is mostly a command that makes one. */
    private static final MultiThreadIoEventLoopGroup LOOP =
            new MultiThreadIoEventLoopGroup(
                    1,
                    new DefaultThreadFactory("chainring-control-client", true),
                    NioIoHandler.newFactory());

    private HttpCall() {}

    /** What came is no answer. The message says why, with "it" for the answer. */
    public static final class NoAnswerException extends Exception {
        private static final long serialVersionUID = 1L;

        NoAnswerException(String message) {
            super(message);
        }
    }

    /**
     * Asks and waits.
     *
     * @param body JSON, or empty
     * @param limit for all of it, from connecting on
     * @param maxAnswerBytes longest body of an answer
     * @throws IOException nobody listens, or the connection breaks
     * @throws NoAnswerException what came is cut off, too long, or not HTTP
     */
    public static HttpAnswer ask(
            UnixDomainSocketAddress where,
            String method,
            String page,
            String body,
            Duration limit,
            int maxAnswerBytes)
            throws IOException, NoAnswerException, TimeoutException, InterruptedException {
        CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
        ChannelFuture connected =
                new Bootstrap()
                        .group(LOOP)
                        .channel(NioDomainSocketChannel.class)
                        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0)
                        .handler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel channel) {
                                        channel.pipeline()
                                                .addLast(
                                                        new HttpClientCodec(),
                                                        new HttpObjectAggregator(maxAnswerBytes),
                                                        new Receiver(answer, maxAnswerBytes));
                                    }
                                })
                        .connect(where);
        try {
            var unused =
                    connected.addListener(
                            (ChannelFuture done) -> {
                                if (failUnless(done, answer)) {
                                    done.channel()
                                            .writeAndFlush(request(method, page, body))
                                            .addListener(
                                                    (ChannelFuture sent) ->
                                                            failUnless(sent, answer));
                                }
                            });
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof NoAnswerException none) {
                throw none;
            }
            throw new IOException(e.getCause());
        } finally {
            var unused = connected.channel().close();
        }
    }

    private static boolean failUnless(ChannelFuture done, CompletableFuture<?> answer) {
        if (!done.isSuccess()) {
            answer.completeExceptionally(done.cause());
        }
        return done.isSuccess();
    }

    private static FullHttpRequest request(String method, String page, String body) {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        FullHttpRequest request =
                new DefaultFullHttpRequest(
                        HttpVersion.HTTP_1_1,
                        HttpMethod.valueOf(method),
                        page,
                        Unpooled.wrappedBuffer(content));
        request.headers()
                .set(HttpHeaderNames.HOST, "chainring")
                .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE)
                .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.APPLICATION_JSON)
                .setInt(HttpHeaderNames.CONTENT_LENGTH, content.length);
        return request;
    }

    /** The first that comes counts: the answer, or why there is none. */
    private static final class Receiver extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final CompletableFuture<HttpAnswer> answer;
        private final int maxAnswerBytes;

        Receiver(CompletableFuture<HttpAnswer> answer, int maxAnswerBytes) {
            this.answer = answer;
            this.maxAnswerBytes = maxAnswerBytes;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            if (response.decoderResult().isSuccess()) {
                answer.complete(
                        new HttpAnswer(
                                response.status(),
                                response.headers().get(HttpHeaderNames.CONTENT_TYPE, ""),
                                response.content().toString(StandardCharsets.UTF_8)));
            } else {
                exceptionCaught(ctx, response.decoderResult().cause());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            answer.completeExceptionally(new NoAnswerException("it ends too early"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            answer.completeExceptionally(
                    cause instanceof IOException ? cause : new NoAnswerException(why(cause)));
        }

        private String why(Throwable cause) {
            if (cause instanceof PrematureChannelClosureException) {
                return "it ends too early";
            }
            return cause instanceof TooLongHttpContentException
                    ? "it is longer than " + maxAnswerBytes + " bytes"
                    : "it is not HTTP";
        }
    }
}
