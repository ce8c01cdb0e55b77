package io.chainring.gateway.nbd.connection;

import io.chainring.gateway.nbd.tls.Encryption;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection in order: what was written leaves, then the peer sees the end of the stream. What it goes on
 * sending meanwhile is dropped: with unread bytes the kernel would answer a close with a reset, and a peer that is reset
 * loses the replies that it has not read.
 *
 * <pre>
 *  begin --> replies leave --> end of the stream leaves --> closed
 *    |            |                      |                   ^
 *    +------------+----------------------+-------------------+
 *     what arrives is dropped all the time
 * </pre>
 *
 * It is over when the peer has closed; after {@value #SILENCE_MILLIS} ms without a byte behind the end of the stream,
 * {@value #LONGEST_MILLIS} ms at most; and when the replies do not leave within a time that is given. On the channel's
 * loop.
 */
final class Farewell extends ChannelInboundHandlerAdapter {
    /** For a peer that takes the end of the stream and neither closes nor sends. */
    static final int SILENCE_MILLIS = 1000;

    /** For a peer that goes on sending behind the end of the stream. */
    static final int LONGEST_MILLIS = 2000;

    private final Channel channel;
    private @Nullable ScheduledFuture<?> limit;
    private @Nullable ScheduledFuture<?> silence;
    private boolean arrived;

    private Farewell(Channel channel) {
        this.channel = channel;
    }

    /**
     * @param sending most time for what was written to leave
     */
    static void begin(Channel channel, Duration sending) {
        Farewell farewell = new Farewell(channel);
        if (!(channel instanceof DuplexChannel) || !channel.isActive()) {
            farewell.close();
            return;
        }
        channel.pipeline().addFirst("farewell", farewell);
        channel.closeFuture().addListener(closed -> farewell.stop());
        farewell.limit(sending.toMillis());
        channel.config().setAutoRead(true);
        var unused = channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(farewell::sent);
    }

    private void limit(long millis) {
        stop();
        limit = channel.eventLoop().schedule(this::close, millis, TimeUnit.MILLISECONDS);
    }

    private void stop() {
        if (limit != null) {
            limit.cancel(false);
        }
        if (silence != null) {
            silence.cancel(false);
        }
    }

    private void close() {
        var unused = channel.close();
    }

    private void sent(Future<?> written) {
        if (!written.isSuccess()) {
            close();
            return;
        }
        var unused = Encryption.endOutput(channel).addListener(ended -> endOutput());
    }

    private void endOutput() {
        if (!channel.isActive()) {
            return;
        }
        limit(LONGEST_MILLIS);
        silence =
                channel.eventLoop()
                        .scheduleWithFixedDelay(
                                this::look, SILENCE_MILLIS, SILENCE_MILLIS, TimeUnit.MILLISECONDS);
        var unused =
                ((DuplexChannel) channel)
                        .shutdownOutput()
                        .addListener(
                                ended -> {
                                    if (!ended.isSuccess()) {
                                        close();
                                    }
                                });
    }

    private void look() {
        if (!arrived) {
            close();
        }
        arrived = false;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        arrived = true;
        ReferenceCountUtil.release(message);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        // Nobody behind here has anything to end a turn with.
    }
}
