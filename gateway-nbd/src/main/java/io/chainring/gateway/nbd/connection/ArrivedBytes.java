package io.chainring.gateway.nbd.connection;

import io.chainring.gateway.nbd.transmission.RequestIntake;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketChannel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads a native channel's socket on the spot, past the event loop: what has arrived goes through the channel's
 * pipeline as if the loop had read it. Only on the channel's own loop thread, so the order of bytes is kept; the loop's
 * own next read finds nothing and is content.
 *
 * <p>Where there is no room to look at what arrived, the kernel is asked whether the peer is there. It knows on a unix
 * socket at once. On TCP the peer's end stands behind all that it sent, and what does not fit into the receive buffer
 * keeps it on the other side: so bytes are taken in and held, as far as that is allowed, before the kernel is asked.
 * Nobody is closed who is not seen to be gone.
 */
final class ArrivedBytes {
    /** What reading showed. */
    enum Outcome {
        /** Everything that has arrived is read, or no more may be taken; the peer was not seen to be gone. */
        THERE,
        /** The peer has closed, or the connection is broken. */
        GONE,
        /** This kind of channel cannot be read on the spot. */
        UNKNOWN
    }

    private ArrivedBytes() {}

    /**
     * @param intake the connection's: gives the memory for each read, and ends the reading when it is stopped or full
     * @param encrypted whether what is read is not yet the stream itself
     */
    static Outcome read(Channel channel, RequestIntake intake, boolean encrypted) {
        if (!(channel instanceof UnixChannel unix)) {
            return Outcome.UNKNOWN;
        }
        boolean holds = !(channel instanceof DomainSocketChannel);
        int lengthBytes = 1;
        while (lengthBytes > 0
                && channel.isActive()
                && !intake.stopped()
                && (intake.ready() || (holds && !intake.full()))) {
            ByteBufAllocator alloc = channel.alloc();
            ByteBuf buffer =
                    encrypted ? RequestIntake.temporaryBuffer(alloc) : intake.nextBuffer(alloc);
            lengthBytes = readInto(unix.fd(), buffer);
            if (lengthBytes > 0) {
                channel.pipeline().fireChannelRead(buffer);
            } else {
                buffer.release();
            }
        }
        if (lengthBytes < 0
                || !channel.isActive()
                || (lengthBytes > 0
                        && !intake.stopped()
                        && PeerState.isGone(unix.fd().intValue()))) {
            return Outcome.GONE;
        }
        // What was taken in has to reach the ring, or nothing would ever make room.
        channel.pipeline().fireChannelReadComplete();
        return Outcome.THERE;
    }

    /** Bytes read, 0 when there are none, -1 at the end of the stream or when it is broken. */
    private static int readInto(FileDescriptor fd, ByteBuf buffer) {
        int at = buffer.writerIndex();
        ByteBuffer target = buffer.internalNioBuffer(at, buffer.writableBytes());
        try {
            int lengthBytes = fd.read(target, target.position(), target.limit());
            if (lengthBytes > 0) {
                buffer.writerIndex(at + lengthBytes);
            }
            return lengthBytes;
        } catch (IOException broken) {
            // Reset by the peer: the same news as the end of the stream.
            return -1;
        }
    }
}
