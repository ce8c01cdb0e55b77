package io.chainring.node.http;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;
import io.chainring.base.log.RateLimitedLog;
import io.chainring.base.text.Printable;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * One client of an {@link HttpServer}. Its requests are answered one after the other: the next one is read when the
 * answer to the last one is taken.
 *
 * <pre>
 *   state      ends with                                     within
 *   READING    the last byte of a request, or its refusal    request-timeout, from the connection or the first byte on
 *   WORKING    answer, failure, or the server's end          the page's own limit
 *   SENDING    the last byte of the answer taken             answer-timeout
 *   WAITING    the first byte of the next request            idle-timeout
 *   CLOSED
 * </pre>
 *
 * Times count to the end of what is waited for, so bytes that come one by one win nothing. Of what a client sends nothing is
 * kept but the request's headers and its body, which is copied into an array of its announced length.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
    /** The event that says that the server ends. */
    static final Object END = "the server ends";

    /** The event that says that bytes have come, whatever they are. */
    static final Object BYTES = "bytes have come";

    /** What an answer's headers take, beside its body. */
    private static final int HEAD_BYTES = 512;

    private static final RateLimitedLog LOG =
            new RateLimitedLog(LoggerFactory.getLogger(HttpConnection.class));

    enum State {
        READING,
        WORKING,
        SENDING,
        WAITING,
        CLOSED
    }

    private static final Transitions<State> LEGAL =
            Transitions.of(State.class)
                    .from(State.READING, State.WORKING, State.SENDING, State.CLOSED)
                    .from(State.WORKING, State.SENDING, State.CLOSED)
                    .from(State.SENDING, State.WAITING, State.CLOSED)
                    .from(State.WAITING, State.READING, State.CLOSED);

    private final HttpLimits limits;
    private final RequestCheck check;
    private final HttpPages pages;
    private final ClientPlaces<Channel> places;
    private final Lifecycle<State> state = LEGAL.startIn(State.READING, "connection");
    private @Nullable HttpRequest request;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private @Nullable CompletableFuture<HttpAnswer> underWay;
    private @Nullable Future<?> deadline;
    private boolean last;

    HttpConnection(
            HttpLimits limits, RequestCheck check, HttpPages pages, ClientPlaces<Channel> places) {
        this.limits = limits;
        this.check = check;
        this.pages = pages;
        this.places = places;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        endWithin(ctx, limits.requestTimeout(), "its request is not whole");
        ctx.read();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        close(ctx);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        readOn(ctx);
    }

    private void readOn(ChannelHandlerContext ctx) {
        if (state.is(State.READING) || state.is(State.WAITING)) {
            ctx.read();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (message instanceof HttpRequest head) {
                requestBegins(ctx);
                head(ctx, head);
            }
            if (message instanceof HttpContent content) {
                content(ctx, content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
        readOn(ctx);
    }

    private void requestBegins(ChannelHandlerContext ctx) {
        if (state.is(State.WAITING)) {
            state.to(State.READING);
            endWithin(ctx, limits.requestTimeout(), "its request is not whole");
        }
    }

    private void head(ChannelHandlerContext ctx, HttpRequest head) {
        HttpAnswer refusal = check.refusal(head, ctx.channel().localAddress());
        if (refusal != null) {
            refuse(ctx, refusal);
            return;
        }
        int lengthBytes = HttpUtil.getContentLength(head, 0);
        if (HttpUtil.is100ContinueExpected(head)) {
            var unused =
                    ctx.writeAndFlush(
                            new DefaultFullHttpResponse(
                                    HttpVersion.HTTP_1_1,
                                    HttpResponseStatus.CONTINUE,
                                    Unpooled.EMPTY_BUFFER));
        }
        request = head;
        body = Unpooled.buffer(lengthBytes, lengthBytes);
    }

    private void content(ChannelHandlerContext ctx, HttpContent content) {
        HttpRequest head = request;
        if (head == null || !state.is(State.READING)) {
            return;
        }
        if (!content.decoderResult().isSuccess()
                || content.content().readableBytes() > body.writableBytes()) {
            refuse(ctx, HttpAnswer.problem(HttpResponseStatus.BAD_REQUEST, "not an HTTP request"));
            return;
        }
        body.writeBytes(content.content());
        if (content instanceof LastHttpContent) {
            request = null;
            work(ctx, head, body.toString(StandardCharsets.UTF_8));
            body = Unpooled.EMPTY_BUFFER;
        }
    }

    /** What stands behind a refused request can't be told apart from its body: the connection ends. */
    private void refuse(ChannelHandlerContext ctx, HttpAnswer refusal) {
        request = null;
        body = Unpooled.EMPTY_BUFFER;
        last = true;
        send(ctx, refusal);
    }

    private void work(ChannelHandlerContext ctx, HttpRequest head, String text) {
        state.to(State.WORKING);
        stopClock();
        places.works(ctx.channel());
        CompletableFuture<HttpAnswer> answer = new CompletableFuture<>();
        underWay = answer;
        var unused = answer.thenAcceptAsync(it -> send(ctx, it), ctx.executor());
        String uri = head.uri();
        int query = uri.indexOf('?');
        String page = query < 0 ? uri : uri.substring(0, query);
        try {
            var stage = pages.answer(head.method().name(), page, text);
            var done =
                    stage.whenComplete(
                            (it, failure) ->
                                    answer.complete(it == null ? failed(ctx, failure) : it));
        } catch (RuntimeException e) {
            answer.complete(failed(ctx, e));
        }
    }

    private static HttpAnswer failed(ChannelHandlerContext ctx, @Nullable Throwable failure) {
        LOG.warn(source(ctx), "A request has failed: {}", Printable.line(failure));
        LOG.debug(source(ctx), "It has failed here", failure);
        return HttpAnswer.problem(
                HttpResponseStatus.SERVICE_UNAVAILABLE,
                "the request has failed; the node's log says why");
    }

    private void send(ChannelHandlerContext ctx, HttpAnswer answer) {
        underWay = null;
        if (state.is(State.CLOSED)) {
            return;
        }
        state.to(State.SENDING);
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        for (Channel other : places.answers(ctx.channel(), bytes.length + (long) HEAD_BYTES)) {
            LOG.info(
                    RateLimitedLog.source(other.remoteAddress()),
                    "{} is closed: it does not take its answer, and there is no room"
                            + " (chainring.node.control.max-answers-size)",
                    other);
            var unused = other.close();
        }
        endWithin(ctx, limits.answerTimeout(), "its answer is not taken");
        AnswerPieces.send(ctx, answer, bytes, !last, well -> sent(ctx, well));
    }

    private void sent(ChannelHandlerContext ctx, boolean well) {
        if (last || !well || state.is(State.CLOSED)) {
            close(ctx);
            return;
        }
        state.to(State.WAITING);
        places.taken(ctx.channel());
        endWithin(ctx, limits.idleTimeout(), "it asks nothing");
        ctx.read();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == BYTES) {
            requestBegins(ctx);
        } else if (event == END) {
            end(ctx);
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    private void end(ChannelHandlerContext ctx) {
        last = true;
        CompletableFuture<HttpAnswer> present = underWay;
        if (present != null) {
            present.complete(
                    HttpAnswer.problem(
                            HttpResponseStatus.SERVICE_UNAVAILABLE,
                            "the node is ending; what becomes of the request is seen after its next start"));
        } else if (!state.is(State.SENDING)) {
            close(ctx);
        }
    }

    private void endWithin(ChannelHandlerContext ctx, Duration limit, String why) {
        stopClock();
        deadline =
                ctx.executor()
                        .schedule(
                                () -> {
                                    LOG.debug(
                                            source(ctx),
                                            "{} is closed after {} ms: {}",
                                            ctx.channel(),
                                            limit.toMillis(),
                                            why);
                                    close(ctx);
                                },
                                limit.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    private void stopClock() {
        Future<?> present = deadline;
        if (present != null) {
            present.cancel(false);
            deadline = null;
        }
    }

    private void close(ChannelHandlerContext ctx) {
        stopClock();
        if (!state.is(State.CLOSED)) {
            state.to(State.CLOSED);
            var unused = ctx.close();
        }
    }

    private static String source(ChannelHandlerContext ctx) {
        return RateLimitedLog.source(ctx.channel().remoteAddress());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug(source(ctx), "{} has failed", ctx.channel(), cause);
        close(ctx);
    }
}
