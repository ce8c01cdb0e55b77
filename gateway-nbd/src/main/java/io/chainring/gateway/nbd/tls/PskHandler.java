package io.chainring.gateway.nbd.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.ScheduledFuture;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts a channel with keys that both sides have, in the place of an SslHandler: the same events, the same order. The
 * handshake is computed by an executor, one step at a time; what comes behind it on the channel's loop. Keeps of what
 * arrived no more than a record that is not complete.
 */
final class PskHandler extends ChannelDuplexHandler {
    /** What may arrive while a step is computed: one read that was under way. */
    private static final int MOST_PENDING_BYTES = 256 << 10;

    private static final int PIECE_BYTES = 1 << 14;

    /** What a few records have beside their content. */
    private static final int RECORDS_BYTES = 1 << 8;

    /** Between a buffer and the protocol, for the time of one call. */
    private static final FastThreadLocal<byte[]> PIECE =
            new FastThreadLocal<>() {
                @Override
                protected byte[] initialValue() {
                    return new byte[PIECE_BYTES];
                }
            };

    private final PskServer server;
    private final PskProtocol protocol = new PskProtocol();
    private final Executor computer;
    private final Duration timeout;
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;
    private State state = State.HANDSHAKE;
    private @Nullable ScheduledFuture<?> watch;
    private boolean passedOn;

    private enum State {
        HANDSHAKE,
        /** The protocol is another thread's. */
        COMPUTING,
        OPEN,
        OVER
    }

    /**
     * @param computer runs a step of the handshake on a thread that may take long
     * @param timeout for the handshake
     */
    PskHandler(PskServer server, Executor computer, Duration timeout) {
        this.server = server;
        this.computer = computer;
        this.timeout = timeout;
    }

    /** The name whose key the client has; null before that is proved. On the channel's loop. */
    @Nullable String client() {
        return state == State.OPEN ? server.client() : null;
    }

    // --- the handshake ---

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) throws IOException {
        protocol.accept(server);
        watch = ctx.executor().schedule(() -> late(ctx), timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void late(ChannelHandlerContext ctx) {
        fail(
                ctx,
                new SslHandshakeTimeoutException(
                        "handshake timed out after " + timeout.toMillis() + "ms"));
    }

    private void step(ChannelHandlerContext ctx) {
        byte[] arrived = new byte[pending.readableBytes()];
        pending.readBytes(arrived);
        pending.release();
        pending = Unpooled.EMPTY_BUFFER;
        state = State.COMPUTING;
        computer.execute(
                () -> {
                    Exception failure = null;
                    try {
                        protocol.offerInput(arrived);
                    } catch (IOException | RuntimeException e) {
                        failure = e;
                    }
                    Exception outcome = failure;
                    ctx.executor().execute(() -> computed(ctx, outcome));
                });
    }

    private void computed(ChannelHandlerContext ctx, @Nullable Exception failure) {
        if (state != State.COMPUTING) {
            return;
        }
        state = State.HANDSHAKE;
        if (failure != null) {
            fail(ctx, failure);
            return;
        }
        sendOutput(ctx);
        if (server.client() != null) {
            state = State.OPEN;
            stopWatch();
            ctx.fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);
            // What came in the same read as the end of the handshake.
            ByteBuf early = ctx.alloc().buffer();
            takeInput(early);
            passOn(ctx, early);
            ByteBuf rest = pending;
            pending = Unpooled.EMPTY_BUFFER;
            decrypt(ctx, rest);
            channelReadComplete(ctx);
        } else if (pending.isReadable()) {
            step(ctx);
        }
    }

    private void fail(ChannelHandlerContext ctx, Exception cause) {
        if (state == State.OVER) {
            return;
        }
        State before = state;
        state = State.OVER;
        stopWatch();
        if (before != State.COMPUTING) {
            // The alert.
            sendOutput(ctx);
        }
        if (before != State.OPEN) {
            ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(cause));
        }
        ctx.fireExceptionCaught(cause);
        var unused = ctx.close();
    }

    // --- socket to plain text ---

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf arrived = (ByteBuf) message;
        switch (state) {
            case OPEN -> decrypt(ctx, arrived);
            case OVER -> arrived.release();
            case HANDSHAKE, COMPUTING -> {
                try {
                    if (pending.readableBytes() + arrived.readableBytes() > MOST_PENDING_BYTES) {
                        fail(ctx, new IOException("too much behind a step of a TLS handshake"));
                        return;
                    }
                    if (!pending.isReadable()) {
                        pending.release();
                        pending = ctx.alloc().buffer(arrived.readableBytes());
                    }
                    pending.writeBytes(arrived);
                } finally {
                    arrived.release();
                }
                if (state == State.HANDSHAKE && pending.isReadable()) {
                    step(ctx);
                }
            }
        }
    }

    private void decrypt(ChannelHandlerContext ctx, ByteBuf arrived) {
        Exception failure = null;
        ByteBuf plain = ctx.alloc().buffer(arrived.readableBytes());
        try {
            // All of it before anything is passed on: who hears of that may read what has arrived
            // behind it.
            byte[] piece = PIECE.get();
            while (arrived.isReadable() && !protocol.isClosed()) {
                int bytes = Math.min(arrived.readableBytes(), piece.length);
                arrived.readBytes(piece, 0, bytes);
                protocol.offerInput(piece, 0, bytes);
                takeInput(plain);
            }
        } catch (IOException | RuntimeException e) {
            failure = e;
        } finally {
            arrived.release();
        }
        passOn(ctx, plain);
        if (state != State.OPEN) {
            return;
        }
        if (failure != null) {
            fail(ctx, failure);
            return;
        }
        if (protocol.getAvailableOutputBytes() > 0) {
            sendOutput(ctx);
        }
        if (protocol.isClosed()) {
            state = State.OVER;
            var unused = ctx.close();
        }
    }

    /** Piece by piece: the protocol keeps for ever the longest array that it has needed once. */
    private void takeInput(ByteBuf plain) {
        int bytes = protocol.getAvailableInputBytes();
        if (bytes > 0) {
            plain.ensureWritable(bytes);
            protocol.readInput(plain.internalNioBuffer(plain.writerIndex(), bytes), bytes);
            plain.writerIndex(plain.writerIndex() + bytes);
        }
    }

    /** One who hears of this may write, read what has arrived, and close. */
    private void passOn(ChannelHandlerContext ctx, ByteBuf plain) {
        if (plain.isReadable()) {
            passedOn = true;
            ctx.fireChannelRead(plain);
        } else {
            plain.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        boolean nothing = !passedOn;
        passedOn = false;
        ctx.fireChannelReadComplete();
        if (nothing && state != State.OVER && !ctx.channel().config().isAutoRead()) {
            // Who asked for bytes has got none: the record is not complete.
            ctx.read();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        state = State.OVER;
        stopWatch();
        ctx.fireChannelInactive();
    }

    // --- plain text to socket ---

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        ByteBuf plain = (ByteBuf) message;
        if (!plain.isReadable()) {
            var unused = ctx.write(plain, promise);
            return;
        }
        if (state == State.OVER || protocol.isClosed()) {
            // An answer to what came with a goodbye: nobody waits for it.
            plain.release();
            if (!promise.isVoid()) {
                promise.tryFailure(new ClosedChannelException());
            }
            return;
        }
        ByteBuf encrypted = ctx.alloc().buffer(plain.readableBytes() + RECORDS_BYTES);
        try {
            if (state != State.OPEN) {
                throw new IOException("nothing can be encrypted before the end of the handshake");
            }
            byte[] piece = PIECE.get();
            while (plain.isReadable()) {
                int bytes = Math.min(plain.readableBytes(), piece.length);
                plain.readBytes(piece, 0, bytes);
                protocol.writeApplicationData(piece, 0, bytes);
                takeOutput(encrypted);
            }
        } catch (IOException | RuntimeException e) {
            encrypted.release();
            promise.tryFailure(e);
            return;
        } finally {
            plain.release();
        }
        var unused = ctx.write(encrypted, promise);
    }

    /** As {@link #takeInput}. */
    private void takeOutput(ByteBuf encrypted) {
        int bytes = protocol.getAvailableOutputBytes();
        if (bytes > 0) {
            encrypted.ensureWritable(bytes);
            protocol.readOutput(encrypted.internalNioBuffer(encrypted.writerIndex(), bytes), bytes);
            encrypted.writerIndex(encrypted.writerIndex() + bytes);
        }
    }

    private void sendOutput(ChannelHandlerContext ctx) {
        var unused = ctx.writeAndFlush(output(ctx), ctx.voidPromise());
    }

    private ByteBuf output(ChannelHandlerContext ctx) {
        ByteBuf output = ctx.alloc().buffer(protocol.getAvailableOutputBytes());
        takeOutput(output);
        return output;
    }

    /** Says goodbye; what arrives from now on is dropped. */
    ChannelFuture endOutput(ChannelHandlerContext ctx) {
        stopWatch();
        if (state != State.OPEN) {
            state = State.OVER;
            return ctx.newSucceededFuture();
        }
        state = State.OVER;
        try {
            protocol.close();
        } catch (IOException e) {
            return ctx.newFailedFuture(e);
        }
        return ctx.writeAndFlush(output(ctx));
    }

    /** Says goodbye as far as the socket takes it: nobody waits for a client that does not read. */
    @Override
    public void close(ChannelHandlerContext ctx, ChannelPromise promise) throws IOException {
        if (state == State.OPEN) {
            state = State.OVER;
            protocol.close();
            sendOutput(ctx);
        }
        state = State.OVER;
        stopWatch();
        var unused = ctx.close(promise);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        state = State.OVER;
        stopWatch();
        pending.release();
        pending = Unpooled.EMPTY_BUFFER;
    }

    private void stopWatch() {
        if (watch != null) {
            watch.cancel(false);
        }
    }
}
