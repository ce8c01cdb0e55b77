package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where a server may listen, and what it says where it may not. */
class ListenTest {
    @TempDir Path folder;

    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(TestServer.Transport.EPOLL_TCP, "");
        server.disk("d", false);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private String refusal(Path socket) {
        String message =
                assertThrows(NbdBindException.class, () -> server.server().listen(socket))
                        .getMessage();
        assertFalse(message.contains("\n"), message);
        return message;
    }

    @Test
    void aSocketLeftBehindIsTakenOver() throws IOException {
        Path socket = folder.resolve("s");
        try (ServerSocketChannel killed = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            killed.bind(UnixDomainSocketAddress.of(socket));
        }
        assertTrue(Files.exists(socket));
        server.server().listen(socket);
        try (TestClient client = TestClient.connect(socket)) {
            client.go("d", false, false);
            assertEquals(0, client.writeAndWait(0, new byte[512]));
        }
        assertFalse(Files.exists(folder.resolve("s.lock")));
        server.server().close();
        assertFalse(Files.exists(socket));
    }

    @Test
    void aSocketInUseIsRefused() throws IOException {
        Path socket = folder.resolve("s");
        try (ServerSocketChannel living = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            living.bind(UnixDomainSocketAddress.of(socket));
            assertTrue(refusal(socket).contains("in use by a running server"));
        }
        assertTrue(Files.exists(socket));
    }

    private List<String> entries() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void ofSeveralThatStartAtOnceOneHasTheSocket() throws Exception {
        Path socket = folder.resolve("s");
        int starters = 4;
        for (int round = 0; round < 40; round++) {
            try (ServerSocketChannel killed =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                killed.bind(UnixDomainSocketAddress.of(socket));
            }
            AtomicInteger bound = new AtomicInteger();
            AtomicInteger refused = new AtomicInteger();
            List<TestServer> servers = new ArrayList<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < starters; i++) {
                TestServer each = new TestServer(TestServer.Transport.EPOLL_TCP, "");
                each.disk("d", false);
                servers.add(each);
                threads.add(
                        new Thread(
                                () -> {
                                    try {
                                        each.server().listen(socket);
                                        bound.incrementAndGet();
                                    } catch (NbdBindException e) {
                                        refused.incrementAndGet();
                                    }
                                }));
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(1, bound.get());
            assertEquals(starters - 1, refused.get());
            assertEquals(List.of("s"), entries());
            try (TestClient client = TestClient.connect(socket)) {
                client.go("d", false, false);
            }
            servers.forEach(TestServer::close);
            assertEquals(List.of(), entries());
        }
    }

    @Test
    void whatSomebodyElseLeftBesideItStopsNobody() throws IOException {
        Path socket = folder.resolve("s");
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Files.createSymbolicLink(folder.resolve("s.lock"), victim);
        Path dangling = Files.createSymbolicLink(socket, folder.resolve("nowhere"));
        assertTrue(refusal(socket).contains("a symbolic link of that name"));
        Files.delete(dangling);
        server.server().listen(socket);
        try (TestClient client = TestClient.connect(socket)) {
            client.go("d", false, false);
        }
        assertEquals("precious", Files.readString(victim));
        assertEquals(List.of("s", "s.lock", "victim"), entries());
    }

    @Test
    void onlyTheOwnerMayConnectUnlessASettingSaysMore() throws IOException {
        Path socket = folder.resolve("s");
        server.server().listen(socket);
        assertEquals("rw-------", mode(socket));
        Object own = Files.getAttribute(socket, "unix:gid");
        try (TestServer shared =
                new TestServer(
                        TestServer.Transport.EPOLL_TCP,
                        "chainring.nbd { unix-socket-mode = \"0660\", unix-socket-group = \""
                                + own
                                + "\" }")) {
            Path other = folder.resolve("other");
            shared.server().listen(other);
            assertEquals("rw-rw----", mode(other));
            assertEquals(own, Files.getAttribute(other, "unix:gid"));
        }
        try (TestServer nobodys =
                new TestServer(
                        TestServer.Transport.EPOLL_TCP,
                        "chainring.nbd.unix-socket-group = nosuchgroup")) {
            String message =
                    assertThrows(
                                    NbdBindException.class,
                                    () -> nobodys.server().listen(folder.resolve("third")))
                            .getMessage();
            assertTrue(message.contains("unix-socket-group = nosuchgroup"), message);
        }
        assertEquals(List.of("s"), entries());
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void aSocketThatAnotherServerHasTakenOverStays() throws IOException {
        Path socket = folder.resolve("s");
        server.server().listen(socket);
        Files.delete(socket);
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(socket));
            server.server().close();
            assertTrue(Files.exists(socket));
        }
    }

    @Test
    void whatIsNoSocketIsLeftAlone() throws IOException {
        Path file = Files.writeString(folder.resolve("precious"), "data");
        assertTrue(refusal(file).contains("not a socket"));
        assertEquals("data", Files.readString(file));
    }

    @Test
    void badPathsAreNamed() {
        assertTrue(
                refusal(folder.resolve("nowhere").resolve("s")).contains("folder does not exist"));
        assertTrue(refusal(folder.resolve("x".repeat(120))).contains("107"));
    }

    @Test
    void aPortInUseIsRefused() {
        InetSocketAddress taken = (InetSocketAddress) server.address();
        NbdBindException e =
                assertThrows(NbdBindException.class, () -> server.server().listen(taken));
        assertTrue(e.getMessage().contains("in use"), e.getMessage());
        assertTrue(e.getMessage().contains(":" + taken.getPort()), e.getMessage());
    }

    private static final String PLAIN = "chainring.nbd.access.plain-tcp-beyond-loopback = on";

    @Test
    void aForeignAddressIsRefused() throws IOException {
        InetSocketAddress foreign = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 0);
        try (TestServer open = new TestServer(TestServer.Transport.EPOLL_TCP, PLAIN)) {
            NbdBindException e =
                    assertThrows(NbdBindException.class, () -> open.server().listen(foreign));
            assertTrue(e.getMessage().contains("does not belong to this machine"), e.getMessage());
        }
        InetSocketAddress unknown =
                InetSocketAddress.createUnresolved("no.such.host.invalid", 10809);
        assertThrows(NbdBindException.class, () -> server.server().listen(unknown));
    }

    @Test
    void beyondLoopbackNothingIsServedWithoutTlsUnlessItIsSaid() throws IOException {
        for (String address : new String[] {"0.0.0.0", "::", "192.0.2.1"}) {
            NbdBindException e =
                    assertThrows(
                            NbdBindException.class,
                            () ->
                                    server.server()
                                            .listen(
                                                    new InetSocketAddress(
                                                            InetAddress.getByName(address), 0)));
            assertTrue(e.getMessage().contains("--tls required"), e.getMessage());
            assertTrue(e.getMessage().contains("--nbd-plain-tcp-beyond-loopback"), e.getMessage());
            assertFalse(e.getMessage().contains("\n"), e.getMessage());
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL_TCP", "NIO_TCP"})
    void anAddressOfIpv4IsNoneOfIpv6AndColonsAreBoth(TestServer.Transport transport)
            throws IOException {
        try (TestServer open = new TestServer(transport, PLAIN)) {
            open.disk("d", false);
            InetSocketAddress four =
                    open.server()
                            .listen(new InetSocketAddress(InetAddress.getByName("0.0.0.0"), 0));
            InetSocketAddress both =
                    open.server().listen(new InetSocketAddress(InetAddress.getByName("::"), 0));
            assertServes("127.0.0.1", four.getPort());
            assertServes("127.0.0.1", both.getPort());
            assertServes("::1", both.getPort());
            assertThrows(
                    java.net.ConnectException.class, () -> assertServes("::1", four.getPort()));
        }
    }

    private static void assertServes(String host, int port) throws IOException {
        try (TestClient client =
                TestClient.connect(new InetSocketAddress(InetAddress.getByName(host), port))) {
            client.go("d", false, false);
            assertEquals(0, client.writeAndWait(0, new byte[512]));
        }
    }

    @Test
    void withoutEpollThereAreNoUnixSockets() throws IOException {
        try (TestServer nio = new TestServer(TestServer.Transport.NIO_TCP, "")) {
            NbdBindException e =
                    assertThrows(
                            NbdBindException.class, () -> nio.server().listen(folder.resolve("s")));
            assertTrue(e.getMessage().contains("epoll"), e.getMessage());
            NbdBindException f =
                    assertThrows(
                            NbdBindException.class,
                            () -> nio.server().listen((InetSocketAddress) nio.address()));
            assertTrue(f.getMessage().contains("in use"), f.getMessage());
        }
    }
}
