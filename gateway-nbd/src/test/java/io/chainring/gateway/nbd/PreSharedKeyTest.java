package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TLS with pre-shared keys, as libnbd's and qemu's clients have it. */
@Tag("clients")
class PreSharedKeyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String ALICE = "alice:" + "1a".repeat(32) + "\n";
    private static final String BOB = "bob:" + "2b".repeat(32) + "\n";

    private static final String OPENSSL_KEY = "-psk_identity alice -psk " + "1a".repeat(32) + " ";

    @TempDir Path folder;
    private Path serverKeys;
    private Path clientKeys;
    private Path rules;

    @BeforeEach
    void files() throws IOException {
        OutsideProgram.require("nbdinfo", "nbdcopy", "qemu-img");
        serverKeys = keys("server.psk", ALICE + BOB);
        clientKeys = keys("keys.psk", ALICE + BOB + "nobody:" + "3c".repeat(32) + "\n");
        rules =
                Files.writeString(
                        folder.resolve("rules.conf"),
                        """
                        rules = [
                          { clients = ["psk:alice"], exports = ["alice-*"], access = read-write }
                          { clients = ["psk:b*"], exports = ["*"], access = read-only }
                        ]
                        """);
    }

    private Path keys(String name, String text) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private TestServer server(TestServer.Transport transport, String mode, String protocols)
            throws IOException {
        TestServer server =
                new TestServer(
                        transport,
                        "chainring.nbd { reload-interval = 20 ms, access { rules = \"%s\" }, tls { mode = %s, psk-file = \"%s\", protocols = [%s] } }"
                                .formatted(rules, mode, serverKeys, protocols));
        server.disk("alice-1", false);
        server.disk("bob-1", false);
        return server;
    }

    private TestServer server() throws IOException {
        return server(TestServer.Transport.EPOLL_TCP, "required", "");
    }

    private static int port(TestServer server) {
        return ((InetSocketAddress) server.address()).getPort();
    }

    private String uri(TestServer server, String name, String export) {
        return "nbds://%s@localhost:%d/%s?tls-psk-file=%s"
                .formatted(name, port(server), export, clientKeys);
    }

    private String list(TestServer server, String name) throws Exception {
        return OutsideProgram.run(30, "nbdinfo", "--list", uri(server, name, ""))
                .output()
                .lines()
                .filter(line -> line.startsWith("export="))
                .map(line -> line.substring(8, line.lastIndexOf('"')))
                .reduce("", (all, export) -> all + export + " ");
    }

    private static OutsideProgram.Result nbdsh(String uri, String script) throws Exception {
        return OutsideProgram.run(
                30,
                ToolsTest.pythonWithNbd(),
                "-m",
                "nbd",
                "-c",
                "h.set_uri_allow_local_file(True); h.connect_uri('" + uri + "')",
                "-c",
                script);
    }

    private OutsideProgram.Result qemu(TestServer server, String name, String priority)
            throws Exception {
        return OutsideProgram.run(
                30,
                "qemu-img",
                "info",
                "--object",
                "tls-creds-psk,id=t,endpoint=client,dir="
                        + folder
                        + ",username="
                        + name
                        + ",priority="
                        + priority,
                "--image-opts",
                "driver=nbd,host=localhost,port=" + port(server) + ",export=alice-1,tls-creds=t");
    }

    @Test
    void eachSeesWhatItMayUse() throws Exception {
        try (TestServer server = server()) {
            assertEquals("alice-1 ", list(server, "alice"));
            assertEquals("alice-1 bob-1 ", list(server, "bob"));
            nbdsh(
                            uri(server, "alice", "alice-1"),
                            "h.pwrite(b'x' * 512, 0); assert h.pread(512, 0) == b'x' * 512")
                    .expectSuccess();
            assertNotEquals(0, nbdsh(uri(server, "alice", "bob-1"), "h.pread(512, 0)").exitCode());
            nbdsh(uri(server, "bob", "bob-1"), "assert h.is_read_only(); h.pread(512, 0)")
                    .expectSuccess();
            OutsideProgram.Result written =
                    nbdsh(
                            uri(server, "bob", "bob-1"),
                            "h.set_strict_mode(0); h.pwrite(b'x' * 512, 0)");
            assertTrue(written.output().contains("Operation not permitted"), written.output());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void bothVersionsCarryAllBytes(String protocol) throws Exception {
        for (TestServer.Transport transport :
                new TestServer.Transport[] {
                    TestServer.Transport.EPOLL_TCP, TestServer.Transport.NIO_TCP
                }) {
            try (TestServer server = server(transport, "required", protocol)) {
                byte[] bytes = new byte[TestServer.DISK_BYTES];
                new Random(11).nextBytes(bytes);
                Path image = Files.write(folder.resolve("image"), bytes);
                Path copy = folder.resolve("copy");
                String uri = uri(server, "alice", "alice-1");
                OutsideProgram.run(60, "nbdcopy", image.toString(), uri).expectSuccess();
                OutsideProgram.run(60, "nbdcopy", uri, copy.toString()).expectSuccess();
                assertEquals(-1, Files.mismatch(image, copy));
                Files.delete(copy);
            }
        }
    }

    /** A client alone decides: 1.3, 1.2, and what has no forward secrecy or no AEAD. */
    @Test
    void qemuGetsInWithForwardSecrecyOnly() throws Exception {
        try (TestServer server = server()) {
            qemu(server, "alice", "NORMAL").expectSuccess();
            qemu(server, "alice", "NORMAL:-VERS-TLS1.3").expectSuccess();
            // The priorities of key exchange that qemu adds itself come last, so ciphers are taken
            // away instead.
            assertNotEquals(
                    0,
                    qemu(server, "alice", "NORMAL:-VERS-TLS1.3:-AES-128-GCM:-AES-256-GCM")
                            .exitCode());
            assertNotEquals(0, qemu(server, "alice", "NORMAL:-VERS-ALL:+VERS-TLS1.1").exitCode());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-tls1_3                                           | yes",
                "-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256      | yes",
                "-tls1_2 -cipher DHE-PSK-AES128-GCM-SHA256         | yes",
                "-tls1_2 -cipher DHE-PSK-AES256-GCM-SHA384         | yes",
                "-tls1_2 -cipher PSK-AES128-GCM-SHA256:@SECLEVEL=0 | no",
                "-tls1_2 -cipher RSA-PSK-AES128-GCM-SHA256         | no",
                "-tls1_2 -cipher DHE-PSK-AES128-CBC-SHA256         | no",
                "-tls1_2 -cipher ECDHE-PSK-AES128-CBC-SHA256       | no",
                "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256       | no",
            })
    void onlyForwardSecrecyAndAead(String options, String spoken) throws Exception {
        OutsideProgram.require("openssl");
        try (TestServer server = server()) {
            OutsideProgram.Result result =
                    TlsPolicyTest.openssl(server, "sleep 0.2", "-brief " + OPENSSL_KEY + options);
            assertEquals(
                    spoken.equals("yes"),
                    result.output().contains("CONNECTION ESTABLISHED"),
                    result.output());
        }
    }

    /** It has a certificate's cipher suites only: nothing lets it in. */
    @ParameterizedTest
    @ValueSource(strings = {"-tls1_3", "-tls1_2"})
    void whoHasNoKeyStaysOut(String options) throws Exception {
        OutsideProgram.require("openssl");
        try (TestServer server = server()) {
            OutsideProgram.Result result =
                    TlsPolicyTest.openssl(server, "sleep 0.2", "-brief " + options);
            assertFalse(result.output().contains("CONNECTION ESTABLISHED"), result.output());
        }
    }

    @Test
    void renegotiationIsRefusedAndCostsOnlyItsClient() throws Exception {
        OutsideProgram.require("openssl");
        try (TestServer server = server()) {
            OutsideProgram.Result result =
                    TlsPolicyTest.openssl(
                            server,
                            "sleep 1; echo R; sleep 3",
                            "-msg " + OPENSSL_KEY + "-tls1_2 -cipher DHE-PSK-AES128-GCM-SHA256");
            assertTrue(result.output().contains("RENEGOTIATING"), result.output());
            String after = result.output().substring(result.output().indexOf("RENEGOTIATING"));
            assertFalse(after.contains("ServerHello"), after);
            assertTrue(
                    after.contains("<<< TLS 1.2, Alert [length 0002], fatal handshake_failure"),
                    after);
            nbdsh(uri(server, "alice", "alice-1"), "h.pread(512, 0)").expectSuccess();
        }
    }

    /** Nobody finds out which names there are: the alerts are the same. */
    @ParameterizedTest
    @ValueSource(strings = {"-tls1_2 -cipher DHE-PSK-AES128-GCM-SHA256", "-tls1_3"})
    void anUnknownNameFailsAsAWrongKeyDoes(String options) throws Exception {
        OutsideProgram.require("openssl");
        clientKeys =
                keys("keys.psk", "alice:" + "00".repeat(32) + "\nnobody:" + "3c".repeat(32) + "\n");
        try (TestServer server = server()) {
            List<String> wrong = alerts(server, "alice", options);
            assertEquals(1, wrong.size(), wrong::toString);
            assertTrue(wrong.get(0).contains("fatal"), wrong::toString);
            assertEquals(wrong, alerts(server, "nobody", options));
            for (String name : List.of("alice", "nobody")) {
                OutsideProgram.Result result = nbdsh(uri(server, name, "alice-1"), "pass");
                assertTrue(result.output().contains("gnutls_handshake"), result.output());
                assertNotEquals(0, qemu(server, name, "NORMAL").exitCode());
            }
            await().atMost(PATIENCE).until(() -> server.server().connections() == 0);
        }
    }

    /** What the server says of a key that is nobody's. */
    private static List<String> alerts(TestServer server, String name, String options)
            throws Exception {
        return TlsPolicyTest.openssl(
                        server,
                        "sleep 0.2",
                        "-msg -psk_identity " + name + " -psk " + "00".repeat(32) + " " + options)
                .output()
                .lines()
                .filter(line -> line.startsWith("<<<") && line.contains("Alert"))
                .toList();
    }

    @Test
    void whoDoesNotEncryptStaysOut() throws Exception {
        try (TestServer server = server()) {
            assertNotEquals(0, OutsideProgram.run(30, "nbdinfo", server.uri("alice-1")).exitCode());
        }
        try (TestServer server = server(TestServer.Transport.EPOLL_TCP, "on", "");
                TestClient stranger = server.client()) {
            stranger.greet(3);
            stranger.option(NbdProtocol.OPT_GO, TestClient.exportData("alice-1"));
            assertEquals(NbdProtocol.REP_ERR_UNKNOWN, stranger.optionReply().type());
        }
    }

    @Test
    void keysAreReloadedAndWrongOnesAreNot() throws Exception {
        try (TestServer server = server()) {
            assertEquals("", list(server, "nobody"));
            replace("alice:short\n");
            assertEquals("alice-1 ", list(server, "alice"));
            replace(BOB);
            await().atMost(PATIENCE).until(() -> list(server, "alice").isEmpty());
            assertEquals("alice-1 bob-1 ", list(server, "bob"));
        }
    }

    private void replace(String text) throws IOException {
        Files.move(keys("fresh", text), serverKeys, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void garbageInPiecesEndsTheConnectionAndNothingElse() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        try (TestServer server = server()) {
            for (int i = 0; i < 20; i++) {
                try (TestClient client = server.client()) {
                    client.greet(3);
                    client.option(NbdProtocol.OPT_STARTTLS, new byte[0]);
                    assertEquals(NbdProtocol.REP_ACK, client.optionReply().type());
                    byte[] garbage = new byte[1 + random.nextInt(300)];
                    random.nextBytes(garbage);
                    // A header of a handshake record that is complete, so that there is something
                    // to refuse.
                    ByteBuffer record = ByteBuffer.allocate(5 + garbage.length);
                    record.put((byte) 22).putShort((short) 0x0301).putShort((short) garbage.length);
                    garbage[0] = 1;
                    record.put(garbage).flip();
                    int cut = random.nextInt(record.limit());
                    client.send(record.slice(0, cut));
                    client.send(record.slice(cut, record.limit() - cut));
                    if (random.nextBoolean() && garbage.length > 4) {
                        client.awaitClose();
                    }
                } catch (IOException e) {
                    // It was closed before all of it was sent.
                    assertFalse(e.getMessage().isEmpty(), "seed " + seed);
                }
            }
            await().atMost(PATIENCE).until(() -> server.server().connections() == 0);
            nbdsh(uri(server, "alice", "alice-1"), "h.pread(512, 0)").expectSuccess();
        }
    }
}
