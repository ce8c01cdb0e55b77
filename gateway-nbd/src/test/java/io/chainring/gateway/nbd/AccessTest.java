package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may use which export, as libnbd's and qemu's clients with certificates see it. */
@Tag("clients")
class AccessTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String RULES =
            """
            rules = [
              { clients = ["cn:alice"], exports = ["alice-*"], access = read-write }
              { clients = ["dns:*.backup.example.org"], exports = ["*"], access = read-only }
            ]
            """;

    @TempDir static Path shared;
    @TempDir Path folder;

    private static OpenSslAuthority authority;
    private static String serverFiles;
    private static Path alice;
    private static Path backup;
    private static Path bob;
    private Path rules;

    @BeforeAll
    static void certificates() throws Exception {
        OutsideProgram.require("openssl", "nbdinfo", "qemu-img");
        authority = new OpenSslAuthority(shared.resolve("ca"));
        serverFiles = authority.server("server");
        alice = authority.client("alice", "/O=Example/CN=alice", "");
        backup = authority.client("backup", "/CN=b1", "DNS:b1.backup.example.org");
        bob = authority.client("bob", "/CN=bob", "");
    }

    @BeforeEach
    void rules() throws IOException {
        rules = Files.writeString(folder.resolve("rules.conf"), RULES);
    }

    private TestServer server(TestServer.Transport transport, String more) throws IOException {
        TestServer server =
                new TestServer(
                        transport,
                        "chainring.nbd { reload-interval = 20 ms, access { rules = \""
                                + rules
                                + "\" }, tls { mode = on, "
                                + serverFiles
                                + ", client-authorities = \""
                                + authority.certificate()
                                + "\" } }\n"
                                + more);
        server.disk("alice-1", false);
        server.disk("alice-2", false);
        server.disk("bob-1", false);
        return server;
    }

    private TestServer server() throws IOException {
        return server(TestServer.Transport.EPOLL_TCP, "");
    }

    private static String uri(TestServer server, Path holder, String export) {
        return "nbds://localhost:"
                + ((InetSocketAddress) server.address()).getPort()
                + "/"
                + export
                + "?tls-certificates="
                + holder;
    }

    private static String list(TestServer server, Path holder) throws Exception {
        return OutsideProgram.run(30, "nbdinfo", "--list", uri(server, holder, ""))
                .output()
                .lines()
                .filter(line -> line.startsWith("export="))
                .map(line -> line.substring(8, line.lastIndexOf('"')))
                .reduce("", (all, name) -> all + name + " ");
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

    @Test
    void eachSeesWhatItMayUse() throws Exception {
        try (TestServer server = server()) {
            assertEquals("alice-1 alice-2 ", list(server, alice));
            assertEquals("alice-1 alice-2 bob-1 ", list(server, backup));
            assertEquals("", list(server, bob));
            nbdsh(uri(server, alice, "alice-1"), "h.pwrite(b'x' * 512, 0)").expectSuccess();
            nbdsh(uri(server, backup, "bob-1"), "assert h.is_read_only(); h.pread(512, 0)")
                    .expectSuccess();
            OutsideProgram.Result written =
                    nbdsh(
                            uri(server, backup, "bob-1"),
                            "h.set_strict_mode(0); h.pwrite(b'x' * 512, 0)");
            assertTrue(written.output().contains("Operation not permitted"), written.output());
            OutsideProgram.run(
                            30,
                            "qemu-img",
                            "info",
                            "--object",
                            "tls-creds-x509,id=t,endpoint=client,dir=" + alice,
                            "--image-opts",
                            "driver=nbd,host=localhost,port="
                                    + ((InetSocketAddress) server.address()).getPort()
                                    + ",export=alice-1,tls-creds=t")
                    .expectSuccess();
        }
    }

    /** Whoever may not use it cannot even find out that it is there. */
    @Test
    void aForbiddenExportAnswersAsAnUnknownOne() throws Exception {
        try (TestServer server = server()) {
            for (String call : new String[] {"opt_info", "opt_list_meta_context", "opt_go"}) {
                String script =
                        "h.set_uri_allow_local_file(True); h.set_opt_mode(True); h.connect_uri('%s'); h.add_meta_context('base:allocation')\n"
                                        .formatted(uri(server, alice, ""))
                                + "for name in ('bob-1', 'nowhere'):\n"
                                + "  h.set_export_name(name)\n"
                                + "  try: h."
                                + call
                                + (call.contains("meta") ? "(lambda n: 0)" : "()")
                                + "; print('found')\n"
                                + "  except nbd.Error as e: print(str(e).replace(name, 'NAME'))";
                String[] answers =
                        OutsideProgram.run(30, ToolsTest.pythonWithNbd(), "-m", "nbd", "-c", script)
                                .expectSuccess()
                                .output()
                                .strip()
                                .split("\n");
                assertEquals(2, answers.length, String.join("\n", answers));
                assertEquals(answers[1], answers[0]);
                assertFalse(answers[0].contains("found"), answers[0]);
            }
        }
    }

    @Test
    void whoShowsNoCertificateHasWhatAnybodyHas() throws Exception {
        try (TestServer server = server();
                TestClient stranger = server.client()) {
            stranger.greet(3);
            stranger.option(NbdProtocol.OPT_GO, TestClient.exportData("alice-1"));
            assertEquals(NbdProtocol.REP_ERR_UNKNOWN, stranger.optionReply().type());
            Files.writeString(
                    rules,
                    "rules = [{ clients = [anybody], exports = [alice-1], access = read-only }]");
            await().atMost(PATIENCE).until(() -> list(server, bob).equals("alice-1 "));
            stranger.option(NbdProtocol.OPT_GO, TestClient.exportData(""));
            assertEquals(NbdProtocol.REP_INFO, stranger.optionReply().type());
        }
    }

    @Test
    void onUnixSocketsTheFilesModeRules() throws Exception {
        try (TestServer server = server(TestServer.Transport.EPOLL_UNIX, "");
                TestClient client = server.client("bob-1")) {
            assertEquals(0, client.writeAndWait(0, new byte[512]));
        }
        try (TestServer server =
                        server(
                                TestServer.Transport.EPOLL_UNIX,
                                "chainring.nbd.access.rules-on-unix-sockets = on");
                TestClient client = server.client()) {
            client.greet(3);
            client.option(NbdProtocol.OPT_GO, TestClient.exportData("bob-1"));
            assertEquals(NbdProtocol.REP_ERR_UNKNOWN, client.optionReply().type());
        }
    }

    @Test
    void rulesThatChangeHoldAtOnceAndWrongOnesDoNot() throws Exception {
        try (TestServer server = server()) {
            EncryptedClient open =
                    new EncryptedClient(
                            (InetSocketAddress) server.address(),
                            authority.certificate(),
                            alice,
                            "alice-1");
            assertEquals(1, server.server().connections());
            replace("rules = [ { clients = [\"cn:bob\"] } ]");
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ofMillis(200))
                    .until(() -> list(server, alice).equals("alice-1 alice-2 "));
            replace(
                    "rules = [ { clients = [\"cn:bob\"], exports = [\"b*\"], access = read-write } ]");
            await().atMost(PATIENCE).until(() -> list(server, bob).equals("bob-1 "));
            assertEquals("", list(server, alice));
            // What it had opened it has no longer.
            await().atMost(PATIENCE).until(() -> server.server().connections() == 0);
            open.reset();
        }
    }

    private void replace(String text) throws IOException {
        Path fresh = Files.writeString(folder.resolve("fresh"), text);
        Files.move(fresh, rules, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void wrongRulesAreRefusedAtTheStart() throws Exception {
        Files.writeString(
                rules,
                "rules = [ { clients = [\"alice\"], exports = [\"*\"], access = read-only } ]");
        String problem = assertThrows(IllegalArgumentException.class, this::server).getMessage();
        assertTrue(problem.contains(rules.toString()) && problem.contains("rule 1"), problem);
    }
}
