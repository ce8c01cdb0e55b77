package io.chainring.node.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.function.Consumer;

/** An answer on its way, in pieces: only one of them is copied into memory outside of the heap at a time. */
final class AnswerPieces {
    private static final int PIECE_BYTES = 16 << 10;

    private final ChannelHandlerContext ctx;
    private final byte[] bytes;
    private final Consumer<Boolean> whenSent;

    private AnswerPieces(ChannelHandlerContext ctx, byte[] bytes, Consumer<Boolean> whenSent) {
        this.ctx = ctx;
        this.bytes = bytes;
        this.whenSent = whenSent;
    }

    /**
     * Sends an answer.
     *
     * @param bytes its body
     * @param keepAlive whether another one may follow
     * @param whenSent hears whether it was taken as a whole, once
     */
    static void send(
            ChannelHandlerContext ctx,
            HttpAnswer answer,
            byte[] bytes,
            boolean keepAlive,
            Consumer<Boolean> whenSent) {
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, answer.status());
        head.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
                .setInt(HttpHeaderNames.CONTENT_LENGTH, bytes.length);
        HttpUtil.setKeepAlive(head, keepAlive);
        var unused = ctx.write(head);
        new AnswerPieces(ctx, bytes, whenSent).from(0);
    }

    private void from(int start) {
        int next = Math.min(bytes.length, start + PIECE_BYTES);
        ByteBuf piece = Unpooled.wrappedBuffer(bytes, start, next - start);
        boolean whole = next == bytes.length;
        var unused =
                ctx.writeAndFlush(
                                whole
                                        ? new DefaultLastHttpContent(piece)
                                        : new DefaultHttpContent(piece))
                        .addListener(
                                (ChannelFuture sent) -> {
                                    if (whole || !sent.isSuccess()) {
                                        whenSent.accept(sent.isSuccess());
                                    } else {
                                        from(next);
                                    }
                                });
    }
}
