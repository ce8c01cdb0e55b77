package io.chainring.node.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What the client makes of answers that are none. */
class ControlClientTest {
    private static final String KILLED = "{\"killed\":true}";

    @TempDir Path folder;
    private ServerSocketChannel server;
    private ControlClient client;

    @BeforeEach
    void listen() throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(DataDirectory.controlSocket(folder)), 1);
        client = new ControlClient(folder, Duration.ofSeconds(30));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    /** Answers one request with these bytes, and ends the connection. */
    private CompletableFuture<Void> answer(String head, String body) {
        return CompletableFuture.runAsync(
                () -> {
                    try (SocketChannel one = server.accept()) {
                        one.read(ByteBuffer.allocate(4096));
                        ByteBuffer bytes =
                                ByteBuffer.wrap((head + body).getBytes(StandardCharsets.UTF_8));
                        while (bytes.hasRemaining()) {
                            one.write(bytes);
                        }
                    } catch (IOException e) {
                        // The client has heard enough.
                        assertTrue(e.getMessage().contains("Broken pipe"), e::getMessage);
                    }
                });
    }

    private static String head(String status, int lengthBytes) {
        return "HTTP/1.1 " + status + "\r\nContent-Length: " + lengthBytes + "\r\n\r\n";
    }

    private boolean kill() throws StartException {
        return client.kill("a", SupervisorCommand.Target.BACKEND, KillMode.STOP);
    }

    private static void fails(String why, Executable call) {
        String said = String.valueOf(assertThrows(StartException.class, call).getMessage());
        assertTrue(said.contains(why), said);
        assertEquals(1, said.lines().count(), said);
    }

    @Test
    void aWholeAnswerIsTaken() throws Exception {
        CompletableFuture<Void> answered = answer(head("200 OK", KILLED.length()), KILLED);
        assertTrue(kill());
        answered.join();
    }

    @Test
    void anAnswerThatIsCutOffIsAFailure() {
        var cut = answer(head("200 OK", KILLED.length() + 1), KILLED);
        fails("it ends too early", this::kill);
        cut.join();
        var none = answer("", "");
        fails("it ends too early", this::kill);
        none.join();
        var half = answer("HTTP/1.1 200 OK\r\nContent-", "");
        fails("it ends too early", this::kill);
        half.join();
    }

    /** The node died meanwhile: the command may have been carried out. */
    @Test
    void whoChangesSomethingHearsThatItsOutcomeIsNotKnown() {
        for (String head : List.of("", head("200 OK", 100))) {
            var none = answer(head, "");
            String said =
                    String.valueOf(
                            assertThrows(
                                            DiskRefusedException.class,
                                            () -> client.disk(new DiskAction.Forget("a")))
                                    .getMessage());
            assertTrue(said.contains("is not known") && said.contains("disk ls"), said);
            assertEquals(1, said.lines().count(), said);
            none.join();
        }
    }

    @Test
    void anAnswerWithoutItsFieldIsAFailure() {
        for (String body : List.of("{}", "{\"killed\":null}", "{\"killed\":\"true\"}", "[]")) {
            var answered = answer(head("200 OK", body.length()), body);
            fails("it is not the JSON that was expected", this::kill);
            answered.join();
        }
    }

    @Test
    void anAnswerThatIsNoneIsAFailure() {
        var rubbish = answer("220 mail.example.org ESMTP\r\n\r\n", "");
        fails("it is not HTTP", this::kill);
        rubbish.join();
        var empty = answer(head("413 Request Entity Too Large", 0), "");
        fails("the node refuses: 413 Request Entity Too Large", this::kill);
        empty.join();
        int tooLong = ControlClient.MAX_ANSWER_BYTES + 1;
        var endless = answer(head("200 OK", tooLong), "x".repeat(tooLong));
        fails("it is longer than 8388608 bytes", client::statusJson);
        endless.join();
    }

    @Test
    void whyANodeIsNotReachedIsSaidAsItIs() throws Exception {
        server.close();
        fails("no node answers on data directory " + folder + "; start one", this::kill);
        client = new ControlClient(folder.resolve("none"), Duration.ofSeconds(30));
        fails("no node answers on data directory " + folder + "/none; start one", this::kill);
        client = new ControlClient(folder.resolve("control.sock"), Duration.ofSeconds(30));
        fails("/control.sock; start one", this::kill);
        says("no permission to talk to the node on data directory d: ", "Permission denied: s");
        says("the node on data directory d has ended the connection: ", "Broken pipe");
        says("the node on data directory d has ended the connection: ", "Connection reset by peer");
        says("this command may open no more files", "Too many open files");
        says("no node answers on data directory d (what\\nelse); start", "what\nelse");
    }

    private static void says(String expected, String words) {
        IOException failure = new IOException(new IOException(words));
        String said = ControlClient.unreachable(Path.of("d"), failure);
        assertTrue(said.startsWith(expected), said);
    }

    /** The mode of the socket, for a root that files' modes hold for as well. */
    @Test
    @Tag("clients")
    void whoMayNotIsToldThatHeMayNot() throws Exception {
        Files.setPosixFilePermissions(
                DataDirectory.controlSocket(folder), PosixFilePermissions.fromString("---------"));
        List<String> command =
                new ArrayList<>(List.of("timeout", "60", "setpriv", "--inh-caps=-all"));
        if (System.getProperty("user.name").equals("root")) {
            command.add("--bounding-set=-dac_override,-dac_read_search");
        }
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        command.addAll(List.of(java, "-Xmx96m", "-cp", classes, "io.chainring.node.cli.Main"));
        command.addAll(List.of("status", "--data", folder.toString()));
        Process status = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(status.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(2, status.waitFor(), said);
        assertTrue(said.contains("no permission to talk to the node"), said);
    }

    @Test
    void theLimitOfTimeHoldsWhoeverIsSlow() throws Exception {
        client = new ControlClient(folder, Duration.ofMillis(200));
        fails("has not answered within", this::kill);
        // Nobody accepts: at some point the backlog is full, and connecting has no limit of its
        // own.
        for (int i = 0; i < 5; i++) {
            assertThrows(StartException.class, this::kill);
        }
    }
}
