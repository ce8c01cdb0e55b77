package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainring.base.text.ShellQuote;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What TLS is spoken and where it is computed; keys, revocations, and files that change. Against openssl and libnbd. */
@Tag("clients")
class TlsPolicyTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int CLIENTS = 60;

    @TempDir static Path shared;
    @TempDir Path folder;

    private static OpenSslAuthority authority;
    private static String serverFiles;
    private static Path alice;

    @BeforeAll
    static void certificates() throws Exception {
        OutsideProgram.require("openssl", "nbdinfo");
        authority = new OpenSslAuthority(shared.resolve("ca"));
        serverFiles = authority.server("server");
        alice = authority.client("alice", "/CN=alice", "");
    }

    private static TestServer server(String more) throws IOException {
        TestServer server =
                new TestServer(
                        TestServer.Transport.EPOLL_TCP,
                        "chainring.nbd { reload-interval = 20 ms, tls { mode = on, "
                                + serverFiles
                                + more
                                + " } }");
        server.disk("d", false);
        return server;
    }

    private static String clientAuthorities() {
        return ", client-authorities = \"" + authority.certificate() + "\"";
    }

    private static String uri(TestServer server, Path holder) {
        return "nbds://localhost:"
                + ((InetSocketAddress) server.address()).getPort()
                + "/d?tls-certificates="
                + holder;
    }

    static OutsideProgram.Result openssl(TestServer server, String input, String options)
            throws Exception {
        try (StartTlsRelay relay = new StartTlsRelay((InetSocketAddress) server.address())) {
            return OutsideProgram.run(
                    60,
                    "sh",
                    "-c",
                    "("
                            + input
                            + ") | timeout 50 openssl s_client -connect 127.0.0.1:"
                            + relay.port()
                            + " "
                            + options);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-tls1_3                                                   | yes",
                "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256          | yes",
                "-tls1_2                                                   | yes",
                "-tls1_2 -cipher ECDHE-RSA-AES128-GCM-SHA256                 | yes",
                "-tls1_2 -cipher ECDHE-RSA-CHACHA20-POLY1305                 | yes",
                "-tls1_2 -cipher ECDHE-RSA-AES128-SHA:@SECLEVEL=0            | no",
                "-tls1_2 -cipher ECDHE-RSA-AES128-SHA256:@SECLEVEL=0         | no",
                "-tls1_2 -cipher AES128-GCM-SHA256:@SECLEVEL=0               | no",
                "-tls1_2 -cipher AES128-SHA:@SECLEVEL=0                      | no",
                "-tls1_1 -cipher ALL:@SECLEVEL=0                             | no",
                "-tls1 -cipher ALL:@SECLEVEL=0                               | no",
            })
    void onlyForwardSecrecyAndAead(String options, String spoken) throws Exception {
        try (TestServer server = server("")) {
            OutsideProgram.Result result = openssl(server, "sleep 0.2", "-brief " + options);
            assertEquals(
                    spoken.equals("yes"),
                    result.output().contains("CONNECTION ESTABLISHED"),
                    result.output());
        }
    }

    @Test
    void onIsRequiredBeyondLoopback() throws Exception {
        InetAddress beyond = addressBeyondLoopback();
        assumeTrue(beyond != null, "missing: an address beyond loopback");
        try (TestServer server = server("")) {
            int port =
                    server.server()
                            .listen(new InetSocketAddress(InetAddress.getByName("::"), 0))
                            .getPort();
            try (TestClient near = TestClient.connect(new InetSocketAddress("127.0.0.1", port));
                    TestClient far = TestClient.connect(new InetSocketAddress(beyond, port))) {
                near.go("d", false, false);
                assertEquals(0, near.writeAndWait(0, new byte[512]));
                far.greet(3);
                far.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
                assertEquals(NbdProtocol.REP_ERR_TLS_REQD, far.optionReply().type());
            }
            new EncryptedClient(new InetSocketAddress(beyond, port), authority.certificate(), "d")
                    .close();
        }
    }

    private static @Nullable InetAddress addressBeyondLoopback() throws IOException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .findFirst()
                .orElse(null);
    }

    @Test
    void renegotiationIsRefusedAndCostsOnlyItsClient() throws Exception {
        try (TestServer server = server("");
                TestClient innocent = server.client("d")) {
            OutsideProgram.Result result =
                    openssl(server, "sleep 1; echo R; sleep 3", "-tls1_2 -msg");
            assertTrue(result.output().contains("RENEGOTIATING"), result.output());
            String after = result.output().substring(result.output().indexOf("RENEGOTIATING"));
            assertFalse(after.contains("ServerHello"), after);
            assertTrue(after.contains("Alert"), after);
            assertEquals(0, innocent.writeAndWait(0, new byte[512]));
        }
    }

    /** Of the time that handshakes take, the disks' loops see next to nothing. */
    @Test
    void handshakesAreComputedOffTheDisksLoops() throws Exception {
        try (TestServer server = server("");
                TestClient innocent = server.client("d")) {
            long before = cpuNanos("nbd-test");
            for (int i = 0; i < CLIENTS; i++) {
                new EncryptedClient(
                                (InetSocketAddress) server.address(), authority.certificate(), "d")
                        .close();
                assertEquals(0, innocent.writeAndWait(0, new byte[512]));
            }
            long loops = cpuNanos("nbd-test") - before;
            long handshakes = cpuNanos("chainring-nbd-tls");
            assertTrue(
                    handshakes > loops,
                    "loops of disks: "
                            + loops
                            + " ns, threads of handshakes: "
                            + handshakes
                            + " ns");
        }
    }

    /** Of living threads whose name begins so. */
    private static long cpuNanos(String name) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(name))
                .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getId())))
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw----r--", "rw-rw----", "rw-----w-"})
    void aKeyThatOthersMayReadIsRefused(String mode) throws Exception {
        Path key = Files.copy(shared.resolve("ca/server-key.pem"), folder.resolve("key.pem"));
        String files = serverFiles.replace(shared + "/ca/server-key.pem", key.toString());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString(mode));
        String settings = "chainring.nbd.tls { mode = on, " + files + " }";
        String problem =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new TestServer(TestServer.Transport.EPOLL_TCP, settings))
                        .getMessage();
        assertTrue(problem.contains("chmod g-w,o-rwx " + ShellQuote.word(key.toString())), problem);
        assertFalse(problem.contains("\n"), problem);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        new TestServer(TestServer.Transport.EPOLL_TCP, settings).close();
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws Exception {
        authority.server("other");
        String files = serverFiles.replace("server-key.pem", "other-key.pem");
        String problem =
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        new TestServer(
                                                TestServer.Transport.EPOLL_TCP,
                                                "chainring.nbd.tls { mode = on, " + files + " }"))
                        .getMessage();
        assertTrue(problem.contains("does not belong to certificate"), problem);
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void whoIsRevokedStaysOutFromThenOn(String protocol) throws Exception {
        Path mallory = authority.client("mallory-" + protocol, "/CN=mallory", "");
        Path crl = folder.resolve("crl.pem");
        Files.copy(authority.revocations(), crl);
        try (TestServer server =
                server(
                        clientAuthorities()
                                + ", revocations = \""
                                + crl
                                + "\", protocols = [\""
                                + protocol
                                + "\"]")) {
            OutsideProgram.run(30, "nbdinfo", uri(server, mallory)).expectSuccess();
            authority.revoke(mallory);
            replace(authority.revocations(), crl);
            await().atMost(PATIENCE)
                    .until(
                            () ->
                                    OutsideProgram.run(30, "nbdinfo", uri(server, mallory))
                                                    .exitCode()
                                            != 0);
            OutsideProgram.run(30, "nbdinfo", uri(server, alice)).expectSuccess();
            Files.writeString(crl, "no list");
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ofMillis(200))
                    .until(
                            () ->
                                    OutsideProgram.run(30, "nbdinfo", uri(server, alice)).exitCode()
                                            == 0);
            assertTrue(OutsideProgram.run(30, "nbdinfo", uri(server, mallory)).exitCode() != 0);
        }
    }

    private static void replace(Path from, Path to) throws IOException {
        Path fresh = to.resolveSibling("fresh");
        Files.copy(
                from,
                fresh,
                StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.COPY_ATTRIBUTES);
        Files.move(fresh, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aNewCertificateIsTakenOverWithoutARestartAndABrokenOneIsNot() throws Exception {
        authority.server("first");
        authority.server("second");
        Path ca = shared.resolve("ca");
        replace(ca.resolve("first-cert.pem"), folder.resolve("cert.pem"));
        replace(ca.resolve("first-key.pem"), folder.resolve("key.pem"));
        try (TestServer server =
                        new TestServer(
                                TestServer.Transport.EPOLL_TCP,
                                "chainring.nbd { reload-interval = 20 ms, tls { mode = on, certificate = \"%s/cert.pem\", private-key = \"%s/key.pem\" } }"
                                        .formatted(folder, folder));
                TestClient before = server.client()) {
            server.disk("d", false);
            assertEquals("first", servedName(server));
            // Only half of the replacement: a pair that fits nobody.
            replace(ca.resolve("second-cert.pem"), folder.resolve("cert.pem"));
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ofMillis(200))
                    .until(() -> servedName(server).equals("first"));
            replace(ca.resolve("second-key.pem"), folder.resolve("key.pem"));
            await().atMost(PATIENCE).until(() -> servedName(server).equals("second"));
            before.go("d", false, false);
            assertEquals(0, before.writeAndWait(0, new byte[512]));
        }
    }

    private static String servedName(TestServer server) throws Exception {
        String output = openssl(server, "sleep 0.2", "-brief").output();
        return output.contains("CN = second")
                ? "second"
                : output.contains("CN = first") ? "first" : output;
    }
}
