package io.chainring.node.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the requests of one connection to the control socket, one at a time. */
final class ControlHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ControlHandler.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final NodeControl node;
    private int underWay;

    ControlHandler(NodeControl node) {
        this.node = node;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        String target = request.method() + " " + request.uri();
        if (!request.decoderResult().isSuccess()) {
            error(ctx, HttpResponseStatus.BAD_REQUEST, "not an HTTP request", false);
            return;
        }
        switch (target) {
            case "GET /status" -> answer(ctx, HttpResponseStatus.OK, node.status(), keepAlive);
            case "GET /health" ->
                    answer(
                            ctx,
                            HttpResponseStatus.OK,
                            Map.of("state", node.status().state()),
                            keepAlive);
            case "POST /kill" -> kill(ctx, request, keepAlive);
            default -> other(ctx, request, keepAlive);
        }
    }

    private void other(ChannelHandlerContext ctx, FullHttpRequest request, boolean keepAlive) {
        String page = request.uri();
        String method =
                switch (page) {
                    case "/status", "/health" -> "GET";
                    case "/kill" -> "POST";
                    default -> DiskRequests.methodOf(page);
                };
        if (method == null) {
            error(ctx, HttpResponseStatus.NOT_FOUND, "there is no such page", keepAlive);
        } else if (!request.method().name().equals(method)) {
            error(ctx, HttpResponseStatus.METHOD_NOT_ALLOWED, "only " + method, keepAlive);
        } else {
            disks(ctx, page, request.content().toString(StandardCharsets.UTF_8), keepAlive);
        }
    }

    private void disks(ChannelHandlerContext ctx, String page, String body, boolean keepAlive) {
        try {
            answerLater(ctx, DiskRequests.carryOut(node.diskControl(), page, body), keepAlive);
        } catch (BadRequestException e) {
            error(ctx, HttpResponseStatus.BAD_REQUEST, String.valueOf(e.getMessage()), keepAlive);
        }
    }

    private void kill(ChannelHandlerContext ctx, FullHttpRequest request, boolean keepAlive) {
        try {
            JsonNode body = DiskRequests.object(request.content().toString(StandardCharsets.UTF_8));
            String disk = DiskRequests.text(body, "disk");
            CompletionStage<Boolean> killed =
                    node.kill(
                            disk,
                            choice(SupervisorCommand.Target.class, body, "target"),
                            choice(KillMode.class, body, "how"));
            if (killed == null) {
                error(ctx, HttpResponseStatus.NOT_FOUND, "there is no disk " + disk, keepAlive);
                return;
            }
            answerLater(ctx, killed.thenApply(yes -> Map.of("killed", yes)), keepAlive);
        } catch (BadRequestException e) {
            error(ctx, HttpResponseStatus.BAD_REQUEST, String.valueOf(e.getMessage()), keepAlive);
        }
    }

    /** A request that is being carried out is no silence. */
    private void answerLater(
            ChannelHandlerContext ctx, CompletionStage<?> outcome, boolean keepAlive) {
        underWay++;
        var unused =
                outcome.whenCompleteAsync(
                        (body, failure) -> {
                            underWay--;
                            if (failure == null) {
                                answer(ctx, HttpResponseStatus.OK, body, keepAlive);
                            } else {
                                failed(ctx, failure, keepAlive);
                            }
                        },
                        ctx.executor());
    }

    private static void failed(ChannelHandlerContext ctx, Throwable failure, boolean keepAlive) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof DiskRefusedException) {
            error(ctx, HttpResponseStatus.CONFLICT, String.valueOf(cause.getMessage()), keepAlive);
        } else {
            LOG.warn("A request to the control socket has failed: {}", cause.toString());
            LOG.debug("It has failed here", cause);
            error(
                    ctx,
                    HttpResponseStatus.SERVICE_UNAVAILABLE,
                    "the disk does not answer",
                    keepAlive);
        }
    }

    private static <E extends Enum<E>> E choice(Class<E> type, JsonNode body, String field)
            throws BadRequestException {
        String wanted = DiskRequests.text(body, field);
        for (E each : type.getEnumConstants()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(wanted)) {
                return each;
            }
        }
        throw new BadRequestException("'" + field + "' has none of its values");
    }

    private static void error(
            ChannelHandlerContext ctx,
            HttpResponseStatus status,
            String message,
            boolean keepAlive) {
        answer(ctx, status, Map.of("error", message), keepAlive);
    }

    private static void answer(
            ChannelHandlerContext ctx, HttpResponseStatus status, Object body, boolean keepAlive) {
        byte[] bytes;
        try {
            bytes = JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot be written as JSON: " + body, e);
        }
        FullHttpResponse response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(bytes));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .setInt(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
        HttpUtil.setKeepAlive(response, keepAlive);
        var written = ctx.writeAndFlush(response);
        if (!keepAlive) {
            var unused = written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof IdleStateEvent && underWay == 0) {
            var unused = ctx.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("control connection failed", cause);
        var unused = ctx.close();
    }
}
