package io.chainring.gateway.nbd.connection;

import io.chainring.gateway.nbd.transmission.Transmission;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.ArrayDeque;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The way of replies into a channel: one write and flush a turn, one notice when its last byte has left.
 *
 * <p>What is encrypted lies in memory that is not the ring's. So an encrypted channel gets no more than {@value
 * #BURST_BYTES} bytes beyond what its socket takes; the rest waits in ring memory.
 */
final class SocketWire implements Transmission.Wire {
    private static final int BURST_BYTES = 1 << 16;
    private static final int NO_NOTICE = -1;

    private final Channel channel;
    private final IntConsumer whenSent;
    private final Runnable whenRoom;
    private final ArrayDeque<Piece> waiting = new ArrayDeque<>();
    private @Nullable ChannelHandlerContext context;
    private @Nullable ByteBuf lastPiece;
    private boolean gated;
    private boolean closed;

    private record Piece(ByteBuf bytes, int replies) {}

    /**
     * @param whenSent told the number of replies that have left, or were lost with the connection
     * @param whenRoom told when payload has gone back to its pool
     */
    SocketWire(Channel channel, IntConsumer whenSent, Runnable whenRoom) {
        this.channel = channel;
        this.whenSent = whenSent;
        this.whenRoom = whenRoom;
    }

    /**
     * @param ctx the place in the pipeline to write from
     * @param encrypted whether what is written there is copied
     */
    void attach(ChannelHandlerContext ctx, boolean encrypted) {
        context = ctx;
        gated = encrypted;
    }

    @Override
    public void write(ByteBuf bytes) {
        ByteBuf previous = lastPiece;
        lastPiece = bytes;
        if (previous != null) {
            pass(previous, NO_NOTICE);
        }
    }

    private void pass(ByteBuf bytes, int replies) {
        if (gated && !closed) {
            waiting.add(new Piece(bytes, replies));
        } else {
            send(bytes, replies);
        }
    }

    private void send(ByteBuf bytes, int replies) {
        ChannelHandlerContext present = context;
        if (present != null && replies != NO_NOTICE) {
            // Also when it cannot be sent any more: the notice is the same.
            var unused = present.write(bytes).addListener(done -> whenSent.accept(replies));
        } else if (present == null || closed || !channel.isActive()) {
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
        pass(last, replies);
        if (gated) {
            goOn();
        } else {
            present.flush();
        }
    }

    /** Sends what waits, as far as the channel takes it. */
    void goOn() {
        ChannelHandlerContext present = context;
        while (present != null
                && !waiting.isEmpty()
                && (channel.isWritable() || !channel.isActive())) {
            int burstBytes = 0;
            for (Piece next = waiting.poll(); next != null; next = waiting.poll()) {
                burstBytes += next.bytes().readableBytes();
                send(next.bytes(), next.replies());
                if (burstBytes >= BURST_BYTES) {
                    break;
                }
            }
            present.flush();
        }
    }

    @Override
    public void roomFreed() {
        whenRoom.run();
    }

    /** Nothing is written any more. */
    void close() {
        closed = true;
        waiting.forEach(piece -> piece.bytes().release());
        waiting.clear();
        if (lastPiece != null) {
            lastPiece.release();
            lastPiece = null;
        }
    }
}
