package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.RingPort;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/** What a {@link DiskConnection} has from the moment its ring is open: its transmission, and the watch over its silence. */
final class Serving {
    private final Transmission transmission;
    private final @Nullable IdleWatch idleWatch;

    private Serving(Transmission transmission, @Nullable IdleWatch idleWatch) {
        this.transmission = transmission;
        this.idleWatch = idleWatch;
    }

    /**
     * Puts the parts together, and the end of the handshake into {@code last}. Nothing is read or sent yet.
     *
     * @param intake begins to fill the ring of {@code port}
     */
    static Serving start(
            Client client,
            Handshake handshake,
            Channel channel,
            RequestIntake intake,
            SocketWire wire,
            RingPort port,
            ByteBuf last) {
        NbdSettings settings = client.server().settings();
        Transmission transmission =
                new Transmission(
                        handshake.export(),
                        port,
                        handshake,
                        settings,
                        client.server().counters(),
                        channel.alloc(),
                        wire,
                        client.server()::shuttingDown);
        handshake.opened(port.capacityBytes(), Transmission.maxPayloadBytes(settings, port), last);
        client.place().handshakeDone();
        intake.start(transmission, channel.alloc().directBuffer(settings.receiveBufferBytes()));
        client.receive()
                .redirect(
                        isEncrypted(channel) ? RequestIntake::temporaryBuffer : intake::nextBuffer);
        return new Serving(transmission, IdleWatch.start(settings, channel, transmission));
    }

    /** Whether what is read is not yet the stream itself. */
    static boolean isEncrypted(Channel channel) {
        return channel.pipeline().get(SslHandler.class) != null;
    }

    Transmission transmission() {
        return transmission;
    }

    /** Something arrived. */
    void moved() {
        if (idleWatch != null) {
            idleWatch.moved();
        }
    }

    /** Replies were sent. */
    void sent(int replies) {
        transmission.sent(replies);
        moved();
    }

    /** The end: what is not in the ring is forgotten. */
    void abandon() {
        transmission.abandon();
        if (idleWatch != null) {
            idleWatch.stop();
        }
    }
}
