package io.chainring.gateway.nbd.tls;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;

/**
 * Reads nothing from a client whose handshake is computed, or waits for that: the encryption would keep all of it. Stands
 * between the socket and the encryption, which asks for more by itself. On the channel's loop.
 */
final class ReadGate extends ChannelOutboundHandlerAdapter {
    private final Channel channel;
    private int computing;
    private boolean finished;
    private boolean leftOut;

    ReadGate(Channel channel) {
        this.channel = channel;
    }

    @Override
    public void read(ChannelHandlerContext ctx) {
        // One that is left out here comes again when what is computed has ended.
        if (finished || computing == 0) {
            ctx.read();
        } else {
            leftOut = true;
        }
    }

    /** Something of the handshake is to be computed. */
    void begun() {
        computing++;
        channel.config().setAutoRead(false);
    }

    /** It has been computed. */
    void ended() {
        computing--;
        if (computing == 0 && !finished) {
            channel.config().setAutoRead(true);
            // Somebody else may have switched it on meanwhile; then switching it on asks for
            // nothing.
            if (leftOut) {
                leftOut = false;
                channel.read();
            }
        }
    }

    /** The handshake is over; from now on whoever takes what arrives says what is read. */
    void finished() {
        finished = true;
        channel.config().setAutoRead(true);
    }
}
