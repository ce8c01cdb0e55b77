package io.chainring.gateway.nbd.tls;

import io.chainring.gateway.nbd.access.ClientIdentity;
import io.chainring.gateway.nbd.reload.Reloaded;
import io.chainring.gateway.nbd.setup.TlsMode;
import io.chainring.gateway.nbd.setup.TlsSettings;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** TLS of one server: its present files, and the threads that compute its handshakes. Thread-safe. */
public final class Encryption implements AutoCloseable {
    private static final String NAME = "tls";

    private final Reloaded<Maker> maker;
    private final HandshakeThreads threads;

    /** Makes what encrypts one channel, of the files as they are at present. */
    private interface Maker {
        ChannelHandler make(ByteBufAllocator alloc, Executor computer, Duration timeout);
    }

    private Encryption(Reloaded<Maker> maker, HandshakeThreads threads) {
        this.maker = maker;
        this.threads = threads;
    }

    /**
     * @return null when TLS is off
     * @throws IllegalArgumentException for a file that is missing or is not what it should be; one line that names it
     */
    public static @Nullable Encryption of(TlsSettings settings) {
        Supplier<Maker> loader = loader(settings);
        if (settings.mode() == TlsMode.OFF || loader == null) {
            return null;
        }
        List<Path> files = TlsContexts.files(settings);
        Reloaded<Maker> maker =
                new Reloaded<>("chainring.nbd.tls " + files, files, loader, fresh -> {});
        return new Encryption(maker, new HandshakeThreads(settings.handshakeThreads()));
    }

    private static @Nullable Supplier<Maker> loader(TlsSettings settings) {
        Path certificate = settings.certificate();
        Path privateKey = settings.privateKey();
        Path keys = settings.preSharedKeys();
        if (keys != null) {
            return () -> withKeys(PskKeys.read(keys), settings.protocols());
        }
        if (certificate == null || privateKey == null) {
            return null;
        }
        return () -> withCertificate(TlsContexts.load(certificate, privateKey, settings));
    }

    private static Maker withCertificate(SslContext context) {
        return (alloc, computer, timeout) -> {
            SslHandler handler = context.newHandler(alloc, computer);
            handler.setHandshakeTimeoutMillis(timeout.toMillis());
            return handler;
        };
    }

    private static Maker withKeys(PskKeys keys, List<String> protocols) {
        return (alloc, computer, timeout) ->
                new PskHandler(new PskServer(keys, protocols), computer, timeout);
    }

    /** What is made of the files. */
    public Reloaded<?> files() {
        return maker;
    }

    /**
     * Encrypts a channel from here on. {@link #finish} follows when its pipeline hears that the handshake succeeded.
     *
     * @param source where the client comes from; sources take turns
     * @param timeout for the TLS handshake
     */
    public void start(ChannelHandlerContext ctx, String source, Duration timeout) {
        Channel channel = ctx.channel();
        HandshakeThreads.Turn turn = threads.turn(source);
        var unused = channel.closeFuture().addListener(closed -> turn.leave());
        ReadGate gate = new ReadGate(channel);
        ChannelHandler encryption =
                maker.current()
                        .make(ctx.alloc(), task -> compute(task, turn, gate, channel), timeout);
        ctx.pipeline().addFirst(NAME, encryption).addFirst("tls-gate", gate);
    }

    private static void compute(
            Runnable task, HandshakeThreads.Turn turn, ReadGate gate, Channel channel) {
        gate.begun();
        turn.execute(
                () -> {
                    try {
                        task.run();
                    } finally {
                        channel.eventLoop().execute(gate::ended);
                    }
                });
    }

    /**
     * A TLS handshake has succeeded. Called before anything that the client sent encrypted is taken.
     *
     * @return who the client has proved to be
     */
    public static ClientIdentity finish(ChannelHandlerContext ctx) {
        ReadGate gate = ctx.pipeline().remove(ReadGate.class);
        gate.finished();
        if (ctx.pipeline().get(NAME) instanceof PskHandler withKey) {
            String name = withKey.client();
            return name == null ? ClientIdentity.ANONYMOUS : ClientIdentity.ofPreSharedKey(name);
        }
        SSLEngine engine = ctx.pipeline().get(SslHandler.class).engine();
        refuseRenegotiation(engine);
        return client(engine);
    }

    /** Where a pipeline is encrypted: what is behind there is plain text; null when it is not. */
    public static @Nullable ChannelHandlerContext of(ChannelPipeline pipeline) {
        return pipeline.context(NAME);
    }

    /**
     * Says goodbye where a channel is encrypted: nothing is written behind it. What the peer writes may go on coming.
     *
     * @return done when the goodbye has left, or there is none to say
     */
    public static ChannelFuture endOutput(Channel channel) {
        ChannelHandler encryption = channel.pipeline().get(NAME);
        if (encryption instanceof SslHandler certified) {
            return certified.closeOutbound();
        }
        ChannelHandlerContext ctx = of(channel.pipeline());
        return encryption instanceof PskHandler withKey && ctx != null
                ? withKey.endOutput(ctx)
                : channel.newSucceededFuture();
    }

    /**
     * A client of TLS 1.2 may ask for a new handshake at any time, on the disk's loop then. With no cipher suite left the
     * JDK refuses it before anything is computed. TLS 1.3 has none.
     */
    private static void refuseRenegotiation(SSLEngine engine) {
        if (engine.getSession().getProtocol().equals("TLSv1.2")) {
            engine.setEnabledCipherSuites(new String[0]);
        }
    }

    private static ClientIdentity client(SSLEngine engine) {
        try {
            Certificate[] chain = engine.getSession().getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate own
                    ? ClientIdentity.of(own)
                    : ClientIdentity.ANONYMOUS;
        } catch (SSLPeerUnverifiedException e) {
            // It was not asked for a certificate.
            return ClientIdentity.ANONYMOUS;
        }
    }

    /** The threads that compute. */
    HandshakeThreads threads() {
        return threads;
    }

    @Override
    public void close() {
        threads.close();
    }
}
