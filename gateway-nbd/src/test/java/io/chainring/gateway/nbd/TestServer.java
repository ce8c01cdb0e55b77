package io.chainring.gateway.nbd;

import com.typesafe.config.ConfigFactory;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server with one or more {@link MemoryDisk}s, on a transport of the test's choice. */
final class TestServer implements AutoCloseable {

    /** The ways to reach a server. */
    enum Transport {
        EPOLL_TCP,
        EPOLL_UNIX,
        NIO_TCP
    }

    static final int DISK_BYTES = 4 << 20;

    private final IoEventLoopGroup loops;
    private final Map<String, NbdExport> exports = new ConcurrentHashMap<>();
    private final List<NbdExport> order = new java.util.concurrent.CopyOnWriteArrayList<>();
    private final NbdServer server;
    private final CountingCounters counters = new CountingCounters();
    private final SocketAddress address;

    TestServer(Transport transport, String settings) throws IOException {
        boolean epoll = transport != Transport.NIO_TCP;
        loops =
                new MultiThreadIoEventLoopGroup(
                        3,
                        new DefaultThreadFactory("nbd-test", true),
                        NbdEventLoops.transport(epoll, DefaultSelectStrategyFactory.INSTANCE));
        server = new NbdServer(settings(settings), directory(), loops, counters);
        if (transport == Transport.EPOLL_UNIX) {
            Path socket = Files.createTempDirectory("nbd").resolve("s");
            server.listen(socket);
            address = UnixDomainSocketAddress.of(socket);
        } else {
            address = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        }
    }

    static NbdSettings settings(String text) {
        return new NbdSettings(
                ConfigFactory.parseString(text).withFallback(ConfigFactory.defaultReference()));
    }

    private ExportDirectory directory() {
        return new ExportDirectory() {
            @Override
            public List<NbdExport> list() {
                return List.copyOf(order);
            }

            @Override
            public @Nullable NbdExport find(String name) {
                return exports.get(name);
            }
        };
    }

    /** Adds a disk on a loop of its own choice. */
    MemoryDisk disk(String name, boolean readOnly) {
        IoEventLoop loop = loops.next();
        MemoryDisk disk = new MemoryDisk(name, DISK_BYTES, loop);
        NbdExport export = new NbdExport(name, "disk " + name, DISK_BYTES, readOnly, disk, loop);
        exports.put(name, export);
        order.add(export);
        return disk;
    }

    /** Adds exports without a disk of their own, only to be listed. */
    void describe(String name, String description, int count) {
        NbdExport any = order.get(0);
        for (int i = 0; i < count; i++) {
            order.add(
                    new NbdExport(
                            name + i, description, DISK_BYTES, true, any.service(), any.loop()));
        }
    }

    /** The loop on which a disk lives. */
    IoEventLoop loopOf(String name) {
        return exports.get(name).loop();
    }

    NbdServer server() {
        return server;
    }

    CountingCounters counters() {
        return counters;
    }

    SocketAddress address() {
        return address;
    }

    /** As URI for libnbd's tools. */
    String uri(String export) {
        return address instanceof UnixDomainSocketAddress unix
                ? "nbd+unix:///" + export + "?socket=" + unix.getPath()
                : "nbd://127.0.0.1:" + ((InetSocketAddress) address).getPort() + "/" + export;
    }

    TestClient client() throws IOException {
        return TestClient.connect(address);
    }

    /** A client in the transmission phase with simple replies. */
    TestClient client(String export) throws IOException {
        TestClient client = client();
        client.go(export, false, false);
        return client;
    }

    @Override
    public void close() {
        server.close();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
