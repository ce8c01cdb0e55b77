package io.chainring.gateway.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The way of replies into a channel: one write and flush a turn, one notice when its last byte has left. */
final class SocketWire implements Transmission.Wire {
    private final Channel channel;
    private final IntConsumer whenSent;
    private final Runnable whenRoom;
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf lastPiece;
    private boolean closed;

    /**
     * @param whenSent told the number of replies that have left, or were lost with the connection
     * @param whenRoom told when payload has gone back to its pool
     */
    SocketWire(Channel channel, IntConsumer whenSent, Runnable whenRoom) {
        this.channel = channel;
        this.whenSent = whenSent;
        this.whenRoom = whenRoom;
    }

    /** The place in the pipeline to write from. */
    void attach(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void write(ByteBuf bytes) {
        ByteBuf previous = lastPiece;
        lastPiece = bytes;
        if (previous != null) {
            pass(previous);
        }
    }

    private void pass(ByteBuf bytes) {
        ChannelHandlerContext present = context;
        if (present == null || closed || !channel.isActive()) {
            bytes.release();
        } else {
            var unused = present.write(bytes, channel.voidPromise());
        }
    }

    @Override
    public void flush(int replies) {
        ByteBuf last = lastPiece;
        ChannelHandlerContext present = context;
        if (last == null || present == null) {
            throw new IllegalStateException(replies + " replies without a byte");
        }
        lastPiece = null;
        var unused = present.writeAndFlush(last).addListener(done -> whenSent.accept(replies));
    }

    @Override
    public void roomFreed() {
        whenRoom.run();
    }

    /** Sends what is no reply to a request. */
    void send(ByteBuf bytes) {
        var unused = channel.writeAndFlush(bytes, channel.voidPromise());
    }

    /** Closes the channel when everything written so far has left, or after that time. */
    void closeAfterFlush(Duration patience) {
        var unused =
                channel.writeAndFlush(Unpooled.EMPTY_BUFFER)
                        .addListener(ChannelFutureListener.CLOSE);
        var unusedToo =
                channel.eventLoop()
                        .schedule(this::closeChannel, patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void closeChannel() {
        var unused = channel.close();
    }

    /** Nothing is written any more. */
    void close() {
        closed = true;
        if (lastPiece != null) {
            lastPiece.release();
            lastPiece = null;
        }
    }
}
