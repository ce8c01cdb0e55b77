package io.chainring.chaos.nbd;

import io.chainring.chaos.tested.BlockTarget;
import io.chainring.chaos.tested.TargetDoor;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** A disk behind an NBD server, this one or any other. */
public final class NbdDoor implements TargetDoor {
    private static final ScheduledExecutorService WATCH =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "chaos-nbd-watch");
                        thread.setDaemon(true);
                        return thread;
                    });

    private final NbdAddress address;
    private final long handshakeLimitMillis;

    /**
     * @param handshakeLimitMillis longest time for connecting and the handshake
     */
    public NbdDoor(NbdAddress address, long handshakeLimitMillis) {
        this.address = address;
        this.handshakeLimitMillis = handshakeLimitMillis;
    }

    @Override
    public BlockTarget connect() throws IOException {
        SocketChannel channel =
                address.server() instanceof UnixDomainSocketAddress unix
                        ? SocketChannel.open(java.net.StandardProtocolFamily.UNIX)
                        : SocketChannel.open();
        ScheduledFuture<?> watch =
                WATCH.schedule(
                        () -> NbdConnection.closeQuietly(channel),
                        handshakeLimitMillis,
                        TimeUnit.MILLISECONDS);
        try {
            channel.connect(address.server());
            NbdHandshake handshake = new NbdHandshake(channel);
            NbdConnection connection =
                    new NbdConnection(channel, handshake.run(address.export()), WATCH);
            connection.start();
            return connection;
        } catch (IOException | RuntimeException e) {
            NbdConnection.closeQuietly(channel);
            throw e instanceof IOException io
                    ? io
                    : new IOException("cannot connect to " + address + ": " + e.getMessage(), e);
        } finally {
            watch.cancel(false);
        }
    }

    @Override
    public String name() {
        return address.toString();
    }
}
