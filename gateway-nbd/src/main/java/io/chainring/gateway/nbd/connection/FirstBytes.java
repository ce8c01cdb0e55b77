package io.chainring.gateway.nbd.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Waits at the head of a pipeline for the first bytes of a client whose turn it is, for a short time: behind the greeting,
 * and behind the answer to STARTTLS. Leaves the pipeline when they are there.
 */
final class FirstBytes extends ChannelInboundHandlerAdapter {
    /** The client flags. */
    static final int FLAGS_BYTES = 4;

    /** Header of a TLS record, and the type of the message in it (RFC 8446, sections 4 and 5.1). */
    static final int CLIENT_HELLO_BYTES = 6;

    private final Duration timeout;
    private final Runnable heard;
    private final Runnable late;
    private int missingBytes;
    private @Nullable ScheduledFuture<?> watch;

    /**
     * @param bytes how many there have to be
     * @param heard called when they are there
     * @param late called when the time is over instead
     */
    FirstBytes(Duration timeout, int bytes, Runnable heard, Runnable late) {
        this.timeout = timeout;
        this.missingBytes = bytes;
        this.heard = heard;
        this.late = late;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        watch = ctx.executor().schedule(late, timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopWatch();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        stopWatch();
        ctx.fireChannelInactive();
    }

    private void stopWatch() {
        if (watch != null) {
            watch.cancel(false);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        missingBytes -= ((ByteBuf) message).readableBytes();
        if (missingBytes <= 0) {
            heard.run();
            ctx.pipeline().remove(this);
        }
        ctx.fireChannelRead(message);
    }
}
