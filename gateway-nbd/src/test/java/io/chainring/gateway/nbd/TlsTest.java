package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encryption: on, required, with client certificates; against an implementation that is not Java's. */
class TlsTest {
    @TempDir static Path folder;

    private static TestCertificates certificates;

    @BeforeAll
    static void certificates() throws Exception {
        certificates = new TestCertificates(folder);
    }

    private static String tls(String mode, boolean clientCertificates) {
        return "chainring.nbd.tls { mode = "
                + mode
                + ", certificate = \""
                + certificates.file("server-cert.pem")
                + "\", private-key = \""
                + certificates.file("server-key.pem")
                + "\""
                + (clientCertificates
                        ? ", client-authorities = \"" + certificates.file("ca-cert.pem") + "\""
                        : "")
                + " }";
    }

    private static String secureUri(TestServer server) {
        return "nbds://localhost:"
                + ((InetSocketAddress) server.address()).getPort()
                + "/d?tls-certificates="
                + certificates.folder();
    }

    @Test
    void encryptedClientsReadAndWrite() throws Exception {
        OutsideProgram.require("nbdcopy", "nbdinfo");
        for (TestServer.Transport transport :
                new TestServer.Transport[] {
                    TestServer.Transport.EPOLL_TCP, TestServer.Transport.NIO_TCP
                }) {
            try (TestServer server = new TestServer(transport, tls("required", true))) {
                server.disk("d", false);
                Path image = Files.write(folder.resolve("image"), randomImage());
                Path copy = folder.resolve("copy");
                OutsideProgram.run(60, "nbdcopy", image.toString(), secureUri(server))
                        .expectSuccess();
                OutsideProgram.run(60, "nbdcopy", secureUri(server), copy.toString())
                        .expectSuccess();
                assertEquals(-1, Files.mismatch(image, copy));
                Files.delete(copy);
            }
        }
    }

    private static byte[] randomImage() {
        byte[] image = new byte[TestServer.DISK_BYTES];
        new java.util.Random(7).nextBytes(image);
        return image;
    }

    @Test
    void requiredMeansRequired() throws Exception {
        OutsideProgram.require("nbdinfo");
        try (TestServer server =
                new TestServer(TestServer.Transport.EPOLL_TCP, tls("required", false))) {
            server.disk("d", false);
            assertTrue(OutsideProgram.run(30, "nbdinfo", server.uri("d")).exitCode() != 0);
            OutsideProgram.run(30, "nbdinfo", secureUri(server)).expectSuccess();
        }
    }

    @Test
    void onLeavesTheChoiceToTheClient() throws Exception {
        OutsideProgram.require("nbdinfo");
        try (TestServer server = new TestServer(TestServer.Transport.EPOLL_TCP, tls("on", false))) {
            server.disk("d", false);
            OutsideProgram.run(30, "nbdinfo", server.uri("d")).expectSuccess();
            OutsideProgram.run(30, "nbdinfo", secureUri(server)).expectSuccess();
        }
    }

    @Test
    void strangersWithoutACertificateStayOut() throws Exception {
        OutsideProgram.require("nbdinfo");
        Path stranger = Files.createDirectories(folder.resolve("stranger"));
        Files.copy(certificates.file("ca-cert.pem"), stranger.resolve("ca-cert.pem"));
        try (TestServer server =
                new TestServer(TestServer.Transport.EPOLL_TCP, tls("required", true))) {
            MemoryDisk disk = server.disk("d", false);
            int port = ((InetSocketAddress) server.address()).getPort();
            String uri = "nbds://localhost:" + port + "/d?tls-certificates=" + stranger;
            assertTrue(OutsideProgram.run(30, "nbdinfo", uri).exitCode() != 0);
            OutsideProgram.run(30, "nbdinfo", secureUri(server)).expectSuccess();
            await().until(() -> disk.openRings() == 0);
        }
    }

    @Test
    void dataInTheClearBehindStartTlsEndsTheConnection() throws IOException {
        try (TestServer server = new TestServer(TestServer.Transport.EPOLL_TCP, tls("on", false));
                TestClient client = server.client()) {
            client.greet(3);
            ByteBuffer both =
                    ByteBuffer.allocate(32)
                            .put(TestClient.optionBytes(NbdProtocol.OPT_STARTTLS, new byte[0]))
                            .put(TestClient.optionBytes(NbdProtocol.OPT_LIST, new byte[0]));
            client.send(both.flip());
            assertEquals(0, client.awaitClose());
            assertEquals(1, server.counters().violations.get());
        }
    }

    /** Invariant I9: what lies in the kernel, or between the kernel and the decryption, is old as well. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAnEncryptedClientLeftBehindNeverExecutesBehindItsSuccessor(boolean reset)
            throws Exception {
        try (TestServer server = new TestServer(TestServer.Transport.EPOLL_TCP, tls("on", false))) {
            leavesNothingBehind(
                    server,
                    reset,
                    address -> new EncryptedClient(address, certificates.file("ca-cert.pem"), "d"));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void norWhatOneWithAPreSharedKeyLeftBehind(boolean reset) throws Exception {
        String key = "1a".repeat(32);
        Path keys = Files.writeString(folder.resolve("keys-" + reset + ".psk"), "alice:" + key);
        Files.setPosixFilePermissions(
                keys, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        String settings = "chainring.nbd.tls { mode = on, psk-file = \"" + keys + "\" }";
        try (TestServer server = new TestServer(TestServer.Transport.EPOLL_TCP, settings)) {
            leavesNothingBehind(
                    server,
                    reset,
                    address ->
                            new EncryptedClient(
                                    address, "alice", java.util.HexFormat.of().parseHex(key), "d"));
        }
    }

    /** What is encrypted lies in no ring: it is bounded by itself. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatAClientDoesNotReadIsNotEncrypted(boolean withKey) throws Exception {
        String key = "1a".repeat(32);
        Path keys = Files.writeString(folder.resolve("slow-" + withKey + ".psk"), "alice:" + key);
        Files.setPosixFilePermissions(
                keys, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        String settings =
                withKey
                        ? "chainring.nbd.tls { mode = on, psk-file = \"" + keys + "\" }"
                        : tls("on", false);
        try (TestServer server = new TestServer(TestServer.Transport.EPOLL_TCP, settings)) {
            MemoryDisk disk = server.disk("d", false);
            InetSocketAddress address = (InetSocketAddress) server.address();
            byte[] secret = java.util.HexFormat.of().parseHex(key);
            EncryptedClient slow =
                    withKey
                            ? new EncryptedClient(address, "alice", secret, "d")
                            : new EncryptedClient(address, certificates.file("ca-cert.pem"), "d");
            for (int i = 0; i < 12; i++) {
                slow.send(
                        TestClient.requestBytes(
                                0, NbdProtocol.CMD_READ, i, 0, 2 << 20, new byte[0]));
            }
            await().until(() -> disk.executed().size() == 12);
            server.loopOf("d").submit(() -> {}).get(60, java.util.concurrent.TimeUnit.SECONDS);
            long bufferBytes = server.server().bufferBytes();
            assertTrue(bufferBytes < 8 << 20, () -> bufferBytes + " bytes are encrypted");
            slow.reset();
        }
    }

    /** Requests that arrived before the end are answered, and the encryption ends before the stream does. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoIsServedWhenTheServerGoesDownGetsRepliesAndAGoodbye(boolean withKey) throws Exception {
        String key = "1a".repeat(32);
        Path keys = Files.writeString(folder.resolve("end-" + withKey + ".psk"), "alice:" + key);
        Files.setPosixFilePermissions(
                keys, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        String settings =
                withKey
                        ? "chainring.nbd.tls { mode = on, psk-file = \"" + keys + "\" }"
                        : tls("on", false);
        try (TestServer server = new TestServer(TestServer.Transport.EPOLL_TCP, settings)) {
            server.disk("d", false);
            InetSocketAddress address = (InetSocketAddress) server.address();
            byte[] secret = java.util.HexFormat.of().parseHex(key);
            try (EncryptedClient client =
                    withKey
                            ? new EncryptedClient(address, "alice", secret, "d")
                            : new EncryptedClient(address, certificates.file("ca-cert.pem"), "d")) {
                var release = new java.util.concurrent.CountDownLatch(1);
                var busy =
                        server.loopOf("d")
                                .submit(
                                        () -> {
                                            release.await();
                                            return "";
                                        });
                for (int i = 0; i < 20; i++) {
                    client.send(
                            TestClient.requestBytes(
                                    0, NbdProtocol.CMD_WRITE, i, 0, 4096, new byte[4096]));
                }
                var down = server.server().shutDown().toCompletableFuture();
                release.countDown();
                busy.get(60, java.util.concurrent.TimeUnit.SECONDS);
                assertEquals(20, client.awaitReplies());
                // Also when it does not close.
                down.get(120, java.util.concurrent.TimeUnit.SECONDS);
            }
        }
    }

    /** The library's queues keep the longest array that they have needed once, for the life of their connection. */
    @Test
    void aClientWithAKeyKeepsLittleOfTheHeap() throws Exception {
        String key = "1a".repeat(32);
        Path keys = Files.writeString(folder.resolve("many.psk"), "alice:" + key);
        Files.setPosixFilePermissions(
                keys, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        String settings = "chainring.nbd.tls { mode = on, psk-file = \"" + keys + "\" }";
        try (TestServer server = new TestServer(TestServer.Transport.EPOLL_TCP, settings)) {
            MemoryDisk disk = server.disk("d", false);
            InetSocketAddress address = (InetSocketAddress) server.address();
            List<EncryptedClient> clients = new ArrayList<>();
            long beforeBytes = 0;
            for (int i = 0; i < 1 + KEY_CLIENTS; i++) {
                EncryptedClient client =
                        new EncryptedClient(
                                address, "alice", java.util.HexFormat.of().parseHex(key), "d");
                clients.add(client);
                for (int k = 0; k < 4; k++) {
                    client.send(
                            TestClient.requestBytes(
                                    0, NbdProtocol.CMD_READ, k, 0, 1 << 20, new byte[0]));
                }
                int executed = 4 * (i + 1);
                await().until(() -> disk.executed().size() == executed);
                if (i == 0) {
                    beforeBytes = usedHeapBytes(server);
                }
            }
            long eachBytes = (usedHeapBytes(server) - beforeBytes) / KEY_CLIENTS;
            assertTrue(eachBytes < 256 << 10, () -> eachBytes + " bytes a connection");
            for (EncryptedClient client : clients) {
                client.reset();
            }
        }
    }

    private static final int KEY_CLIENTS = 16;

    private static long usedHeapBytes(TestServer server) throws Exception {
        server.loopOf("d").submit(() -> {}).get(60, java.util.concurrent.TimeUnit.SECONDS);
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private interface Opener {
        EncryptedClient open(InetSocketAddress address) throws Exception;
    }

    private static void leavesNothingBehind(TestServer server, boolean reset, Opener opener)
            throws Exception {
        byte[] old = new byte[512];
        byte[] fresh = new byte[512];
        java.util.Arrays.fill(old, (byte) 'A');
        java.util.Arrays.fill(fresh, (byte) 'B');
        MemoryDisk disk = server.disk("d", false);
        disk.maxOutstanding(2);
        disk.hold();
        EncryptedClient first = opener.open((InetSocketAddress) server.address());
        for (int i = 0; i < 4; i++) {
            first.send(TestClient.requestBytes(0, NbdProtocol.CMD_WRITE, i, i * 512L, 512, old));
        }
        await().until(() -> disk.outstanding() == 2);
        disk.begin(1);
        if (reset) {
            first.reset();
        } else {
            first.close();
        }
        try (TestClient second = server.client()) {
            second.greet(3);
            second.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            assertTrue(second.silentFor(300), "opened while an old request was stuck");
            disk.goOn();
            second.optionReplies();
            for (int i = 0; i < 4; i++) {
                assertEquals(0, second.writeAndWait(i * 512L, fresh));
            }
        }
        assertEquals(5, disk.executed().size(), disk.executed().toString());
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(fresh, disk.content(i * 512, 512));
        }
    }

    @Test
    void garbageInsteadOfAHandshakeEndsTheConnection() throws IOException {
        try (TestServer server = new TestServer(TestServer.Transport.EPOLL_TCP, tls("on", false));
                TestClient client = server.client()) {
            server.disk("d", false);
            client.greet(3);
            client.option(NbdProtocol.OPT_STARTTLS, new byte[0]);
            assertEquals(NbdProtocol.REP_ACK, client.optionReply().type());
            client.send(ByteBuffer.allocate(100));
            client.awaitClose();
            try (TestClient other = server.client("d")) {
                assertEquals(0, other.writeAndWait(0, new byte[512]));
            }
        }
    }

    @Test
    void wrongFilesAreNamed() {
        String missing =
                "chainring.nbd.tls { mode = on, certificate = nowhere.pem, private-key = nowhere.key }";
        Exception e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new TestServer(TestServer.Transport.EPOLL_TCP, missing));
        assertTrue(e.getMessage().contains("nowhere.pem"), e.getMessage());
        String swapped = tls("on", false).replace("server-key.pem", "ca-cert.pem");
        Exception f =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new TestServer(TestServer.Transport.EPOLL_TCP, swapped));
        assertTrue(f.getMessage().contains("PKCS#8"), f.getMessage());
    }
}
