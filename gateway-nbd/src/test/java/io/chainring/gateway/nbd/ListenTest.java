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
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void aSocketThatIsJustBeingOpenedIsRefused() throws IOException {
        Path socket = folder.resolve("s");
        try (FileChannel other =
                        FileChannel.open(
                                folder.resolve("s.lock"),
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE);
                var lock = other.lock()) {
            assertTrue(lock.isValid());
            assertTrue(refusal(socket).contains("another server"));
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

    @Test
    void aForeignAddressIsRefused() throws IOException {
        InetSocketAddress foreign = new InetSocketAddress(InetAddress.getByName("192.0.2.1"), 0);
        NbdBindException e =
                assertThrows(NbdBindException.class, () -> server.server().listen(foreign));
        assertTrue(e.getMessage().contains("does not belong to this machine"), e.getMessage());
        InetSocketAddress unknown =
                InetSocketAddress.createUnresolved("no.such.host.invalid", 10809);
        assertThrows(NbdBindException.class, () -> server.server().listen(unknown));
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
