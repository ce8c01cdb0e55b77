package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdErrors;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections end behind whole replies with the end of the stream; what clients still send makes no reset of it. */
class OrderlyEndTest {
    private static final int DEPTH = 32;
    private static final int PAYLOAD_BYTES = 32 << 10;
    private static final int CLIENTS = 4;
    private static final int ROUNDS = 5;

    private TestServer server;
    private MemoryDisk disk;

    private void start(TestServer.Transport transport) throws IOException {
        server = new TestServer(transport, "");
        disk = server.disk("d", false);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** A client that always has as many writes under way. */
    private static final class Writer {
        private final TestClient client;
        private final Semaphore room = new Semaphore(DEPTH);
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicInteger answered = new AtomicInteger();
        private final List<Integer> errors = new ArrayList<>();
        private final Thread sender = new Thread(this::send, "sender");
        private final Thread receiver = new Thread(this::receive, "receiver");
        private volatile boolean over;
        private volatile @Nullable Exception failure;

        Writer(TestClient client) {
            this.client = client;
            sender.start();
            receiver.start();
        }

        private void send() {
            try {
                byte[] payload = new byte[PAYLOAD_BYTES];
                for (int i = 0; !over; i++) {
                    room.acquire();
                    if (!over) {
                        client.write(0, i, (long) (i % 64) * PAYLOAD_BYTES, payload);
                        sent.incrementAndGet();
                    }
                }
            } catch (IOException | InterruptedException e) {
                // A sender that sleeps for long behind the end of the stream meets a closed pipe.
                if (!String.valueOf(e.getMessage()).contains("Broken pipe")) {
                    failure = e;
                }
            }
        }

        private void receive() {
            try {
                while (true) {
                    TestClient.Reply reply = client.reply(0);
                    answered.incrementAndGet();
                    if (reply.error() != 0) {
                        errors.add(reply.error());
                    }
                    room.release();
                }
            } catch (EOFException e) {
                if (!String.valueOf(e.getMessage()).startsWith("closed after 0 of 4")) {
                    failure = e;
                }
            } catch (IOException e) {
                failure = e;
            }
            over = true;
            room.release(DEPTH);
        }

        void check() throws Exception {
            receiver.join();
            sender.join();
            client.close();
            Exception found = failure;
            assertNull(found, () -> "the connection ended with " + found);
            assertTrue(errors.stream().allMatch(error -> error == NbdErrors.ESHUTDOWN), "errors");
            assertTrue(answered.get() <= sent.get(), "more replies than requests");
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientsThatGoOnWritingSeeRepliesAndThenTheEnd(TestServer.Transport transport)
            throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            start(transport);
            List<Writer> writers = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                writers.add(new Writer(server.client("d")));
            }
            await().until(() -> writers.stream().allMatch(each -> each.answered.get() > 2 * DEPTH));
            CompletableFuture<Void> down = server.server().shutDown().toCompletableFuture();
            for (Writer each : writers) {
                each.check();
            }
            down.get(120, TimeUnit.SECONDS);
            server.close();
        }
    }

    @Tag("clients")
    @ParameterizedTest
    @EnumSource
    void libnbdAtDepthHearsOfTheShutdownOrSeesTheEnd(
            TestServer.Transport transport, @TempDir Path folder) throws Exception {
        String python = ToolsTest.pythonWithNbd();
        start(transport);
        String script =
                """
                import errno, nbd
                h = nbd.NBD()
                h.connect_uri("%s")
                errors = set()
                def done(error):
                    if error.value:
                        errors.add(error.value)
                    return 1
                buf = nbd.Buffer.from_bytearray(bytearray(65536))
                try:
                    i = 0
                    while not errors:
                        while h.aio_in_flight() < 32:
                            h.aio_pwrite(buf, i %% 32 * 65536, done)
                            i += 1
                        h.poll(-1)
                    while h.aio_in_flight() > 0:
                        h.poll(-1)
                except nbd.Error as e:
                    errors.add(e.errnum)
                assert errors, "no end"
                assert not errors & {errno.ECONNRESET, errno.EPIPE}, errors
                """
                        .formatted(server.uri("d"));
        Path file = Files.writeString(folder.resolve("depth.py"), script);
        CompletableFuture<OutsideProgram.Result> client =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return OutsideProgram.run(100, python, file.toString());
                            } catch (IOException | InterruptedException e) {
                                throw new CompletionException(e);
                            }
                        });
        await().until(() -> disk.executed().size() > 500 || client.isDone());
        CompletableFuture<Void> down = server.server().shutDown().toCompletableFuture();
        client.get(120, TimeUnit.SECONDS).expectSuccess();
        down.get(120, TimeUnit.SECONDS);
    }

    /** Keeps a disk's loop from all work until told otherwise. */
    private CountDownLatch busyLoop() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        var unused =
                server.loopOf("d")
                        .submit(
                                () -> {
                                    begun.countDown();
                                    release.await();
                                    return "";
                                });
        begun.await();
        return release;
    }

    @ParameterizedTest
    @EnumSource(names = {"EPOLL_TCP", "EPOLL_UNIX"})
    void whatHasArrivedUnreadWhenTheServerGoesDownIsAnswered(TestServer.Transport transport)
            throws Exception {
        start(transport);
        try (TestClient client = server.client("d")) {
            CountDownLatch loop = busyLoop();
            for (int i = 0; i < 20; i++) {
                client.write(0, i, 0, new byte[4096]);
            }
            CompletableFuture<Void> down = server.server().shutDown().toCompletableFuture();
            loop.countDown();
            for (int i = 0; i < 20; i++) {
                TestClient.Reply reply = client.reply(0);
                assertEquals(i, reply.cookie());
                assertEquals(NbdErrors.ESHUTDOWN, reply.error());
            }
            client.awaitEnd();
            client.close();
            down.get(120, TimeUnit.SECONDS);
        }
        assertEquals(List.of(), disk.executed());
    }

    @ParameterizedTest
    @EnumSource
    void unreadBytesMakeNoResetOfAShutdown(TestServer.Transport transport) throws Exception {
        start(transport);
        try (TestClient client = server.client("d")) {
            CountDownLatch loop = busyLoop();
            for (int i = 0; i < 20; i++) {
                client.write(0, i, 0, new byte[4096]);
            }
            CompletableFuture<Void> down = server.server().shutDown().toCompletableFuture();
            loop.countDown();
            int answered = client.awaitReplies();
            assertTrue(answered <= 20, () -> answered + " replies");
            client.close();
            down.get(120, TimeUnit.SECONDS);
        }
        assertEquals(List.of(), disk.executed());
    }

    @ParameterizedTest
    @EnumSource
    void aDiskThatIsTakenAwayIsTheEndOfTheStream(TestServer.Transport transport) throws Exception {
        start(transport);
        try (TestClient client = server.client("d")) {
            CountDownLatch loop = busyLoop();
            client.write(0, 1, 0, new byte[64 << 10]);
            server.server().disconnect(disk);
            loop.countDown();
            client.awaitReplies();
        }
        await().until(() -> disk.openRings() == 0 && server.server().connections() == 0);
    }

    @ParameterizedTest
    @EnumSource
    void whatFollowsTheLastOptionMakesNoReset(TestServer.Transport transport) throws Exception {
        start(transport);
        try (TestClient client = server.client()) {
            client.greet(3);
            ByteBuffer more = ByteBuffer.allocate(16 + (1 << 20));
            more.put(TestClient.optionBytes(NbdProtocol.OPT_ABORT, new byte[0]));
            client.send(more.rewind());
            assertEquals(NbdProtocol.REP_ACK, client.optionReply().type());
            client.awaitEnd();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoWaitsForItsRingIsToldOfTheShutdown(TestServer.Transport transport) throws Exception {
        start(transport);
        disk.stuck();
        try (TestClient client = server.client()) {
            client.greet(3);
            client.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            await().until(() -> disk.openingRings() == 1);
            var down = server.server().shutDown().toCompletableFuture();
            TestClient.OptionReply reply = client.optionReply();
            assertEquals(NbdProtocol.REP_ERR_SHUTDOWN, reply.type());
            assertTrue(reply.text().contains("shutting down"), reply.text());
            client.awaitEnd();
            client.close();
            down.get(120, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whoHagglesWhenTheServerGoesSeesTheEnd(TestServer.Transport transport) throws Exception {
        start(transport);
        try (TestClient client = server.client()) {
            client.greet(3);
            var down = server.server().shutDown().toCompletableFuture();
            client.awaitEnd();
            client.close();
            down.get(120, TimeUnit.SECONDS);
        }
    }

    /** A peer that neither reads nor closes keeps nobody. */
    @ParameterizedTest
    @EnumSource
    void whoDoesNotCloseIsClosed(TestServer.Transport transport) throws Exception {
        start(transport);
        try (TestClient client = server.client("d")) {
            assertEquals(0, client.writeAndWait(0, new byte[512]));
            server.server().shutDown().toCompletableFuture().get(120, TimeUnit.SECONDS);
            assertEquals(0, server.server().connections());
        }
    }
}
