package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdErrors;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A WRITE that is refused is answered behind its payload, which is kept nowhere. */
class RefusedWriteTest {
    private static final String LIMIT = "chainring.nbd.max-payload-size = 64 KiB";
    private static final int LIMIT_BYTES = 64 << 10;
    private static final int PIECES = 4;

    private TestServer server;
    private MemoryDisk disk;

    /** Why a WRITE is refused. */
    enum Reason {
        BEYOND_THE_END(0, TestServer.DISK_BYTES - 4096, 8192, NbdErrors.ENOSPC),
        A_BYTE_BEYOND_THE_END(0, TestServer.DISK_BYTES - 8191, 8192, NbdErrors.ENOSPC),
        BEHIND_THE_END(0, TestServer.DISK_BYTES + 4096L, 8192, NbdErrors.ENOSPC),
        OFFSET_OF_63_BITS_AND_MORE(0, -8192, 8192, NbdErrors.ENOSPC),
        OVER_THE_LIMIT(0, 0, LIMIT_BYTES + 512, NbdErrors.EINVAL),
        FAR_OVER_THE_LIMIT(0, 0, 2 * LIMIT_BYTES, NbdErrors.EINVAL),
        UNKNOWN_FLAG(NbdProtocol.CMD_FLAG_NO_HOLE, 0, 8192, NbdErrors.EINVAL),
        READ_ONLY(0, 0, 8192, NbdErrors.EPERM),
        SHUTDOWN(0, 0, 8192, NbdErrors.ESHUTDOWN);

        private final int flags;
        private final long offsetBytes;
        private final int lengthBytes;
        private final int error;

        Reason(int flags, long offsetBytes, int lengthBytes, int error) {
            this.flags = flags;
            this.offsetBytes = offsetBytes;
            this.lengthBytes = lengthBytes;
            this.error = error;
        }

        private ByteBuffer header(long cookie) {
            return TestClient.requestBytes(
                    flags, NbdProtocol.CMD_WRITE, cookie, offsetBytes, lengthBytes, new byte[0]);
        }
    }

    private void start(TestServer.Transport transport, String settings, boolean readOnly)
            throws IOException {
        server = new TestServer(transport, settings);
        disk = server.disk("d", readOnly);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    static Stream<Arguments> reasonsAndReplies() {
        return Arrays.stream(Reason.values())
                .flatMap(
                        reason ->
                                Arrays.stream(TestServer.Transport.values())
                                        .flatMap(
                                                transport ->
                                                        Stream.of(true, false)
                                                                .map(
                                                                        structured ->
                                                                                Arguments.of(
                                                                                        reason,
                                                                                        transport,
                                                                                        structured))));
    }

    @ParameterizedTest
    @MethodSource("reasonsAndReplies")
    void theReplyComesBehindThePayload(
            Reason reason, TestServer.Transport transport, boolean structured) throws Exception {
        start(transport, LIMIT, reason == Reason.READ_ONLY);
        try (TestClient client = server.client()) {
            client.go("d", structured, false);
            disk.hold();
            client.request(0, NbdProtocol.CMD_FLUSH, 1, 0, 0);
            await().until(() -> disk.outstanding() == 1);
            CompletableFuture<Void> down = new CompletableFuture<>();
            if (reason == Reason.SHUTDOWN) {
                down = server.server().shutDown().toCompletableFuture();
            }
            client.send(reason.header(2));
            assertNothingComes(client);
            // Others of this client go on meanwhile.
            disk.goOn();
            assertEquals(1, client.reply(0).cookie());
            for (int i = 0; i < PIECES; i++) {
                assertNothingComes(client);
                int from = reason.lengthBytes / PIECES * i;
                int end = i == PIECES - 1 ? reason.lengthBytes : from + reason.lengthBytes / PIECES;
                client.send(ByteBuffer.allocate(end - from));
            }
            TestClient.Reply reply = client.reply(0);
            assertEquals(2, reply.cookie());
            assertEquals(reason.error, reply.error());
            if (reason == Reason.SHUTDOWN) {
                client.awaitEnd();
                client.close();
                down.get(120, TimeUnit.SECONDS);
            } else {
                assertEquals(0, client.ask(0, NbdProtocol.CMD_FLUSH, 0, 0).error());
            }
        }
        assertTrue(disk.executed().stream().noneMatch(line -> line.contains("WRITE")));
    }

    /** All that was sent has been looked at, and there is no answer. */
    private void assertNothingComes(TestClient client) throws Exception {
        for (int i = 0; i < 2; i++) {
            server.loopOf("d").submit(() -> {}).get(60, TimeUnit.SECONDS);
        }
        assertTrue(client.silentFor(20), "a reply before the payload");
    }

    @ParameterizedTest
    @EnumSource
    void refusedPayloadIsKeptNowhere(TestServer.Transport transport) throws Exception {
        start(transport, "", false);
        try (TestClient client = server.client("d")) {
            int lengthBytes = 64 << 20;
            client.request(0, NbdProtocol.CMD_WRITE, 1, 0, lengthBytes);
            int pieceBytes = 1 << 20;
            for (int sent = 0; sent < lengthBytes; sent += pieceBytes) {
                client.send(ByteBuffer.allocate(pieceBytes));
                assertEquals(0, server.server().heldBytes());
                assertEquals(0, disk.usedPayloadBytes());
                long bufferBytes = server.server().bufferBytes();
                assertTrue(bufferBytes <= 8 << 20, () -> bufferBytes + " bytes of buffers");
            }
            assertEquals(NbdErrors.EINVAL, client.reply(0).error());
        }
        assertEquals(List.of(), disk.executed());
    }

    @ParameterizedTest
    @EnumSource
    void refusedWritesOneBehindTheOtherAreAnsweredInOrder(TestServer.Transport transport)
            throws Exception {
        start(transport, "", false);
        try (TestClient client = server.client("d")) {
            ByteBuffer many = ByteBuffer.allocate(50 * (2 * 28 + 1024 + 512));
            long beyond = TestServer.DISK_BYTES - 1023;
            for (int i = 0; i < 50; i++) {
                many.put(
                        TestClient.requestBytes(
                                0, NbdProtocol.CMD_WRITE, i, beyond, 1024, new byte[1024]));
                many.put(
                        TestClient.requestBytes(
                                0, NbdProtocol.CMD_WRITE, 100 + i, 0, 512, new byte[512]));
            }
            client.send(many.flip());
            int refused = 0;
            for (int i = 0; i < 100; i++) {
                TestClient.Reply reply = client.reply(0);
                if (reply.cookie() < 100) {
                    assertEquals(refused++, reply.cookie());
                    assertEquals(NbdErrors.ENOSPC, reply.error());
                } else {
                    assertEquals(0, reply.error());
                }
            }
            assertEquals(50, refused);
        }
    }
}
