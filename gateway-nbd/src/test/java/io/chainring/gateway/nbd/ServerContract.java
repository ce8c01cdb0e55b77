package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.ring.request.ChainStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a server does for its clients, whatever the transport. */
abstract class ServerContract {
    private final TestServer.Transport transport;
    private TestServer server;
    private MemoryDisk disk;
    private final Random random = new Random(42);

    ServerContract(TestServer.Transport transport) {
        this.transport = transport;
    }

    @BeforeEach
    void start() throws IOException {
        start("");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void start(String settings) throws IOException {
        if (server != null) {
            server.close();
        }
        server = new TestServer(transport, settings);
        disk = server.disk("d", false);
        server.disk("other", true);
    }

    private byte[] randomBytes(int lengthBytes) {
        byte[] bytes = new byte[lengthBytes];
        random.nextBytes(bytes);
        return bytes;
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        try (TestClient client = server.client("d")) {
            for (int lengthBytes :
                    new int[] {512, 4096, 65536, 1 << 20, (1 << 20) + 512, 3 << 20}) {
                byte[] data = randomBytes(lengthBytes);
                assertEquals(0, client.writeAndWait(1024, data));
                assertArrayEquals(data, client.read(1024, lengthBytes));
            }
        }
        await().until(() -> disk.openRings() == 0);
    }

    @Test
    void everyCommandReachesTheDisk() throws IOException {
        try (TestClient client = server.client("d")) {
            byte[] data = randomBytes(8192);
            client.write(NbdProtocol.CMD_FLAG_FUA, 1, 0, data);
            assertEquals(0, client.reply(0).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_FLUSH, 0, 0).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_TRIM, 0, 512).error());
            assertEquals(0, client.ask(0, NbdProtocol.CMD_WRITE_ZEROES, 512, 512).error());
            int noHole = NbdProtocol.CMD_FLAG_NO_HOLE | NbdProtocol.CMD_FLAG_FAST_ZERO;
            assertEquals(0, client.ask(noHole, NbdProtocol.CMD_WRITE_ZEROES, 1024, 512).error());
            assertEquals(
                    0, client.ask(NbdProtocol.CMD_FLAG_FUA, NbdProtocol.CMD_READ, 0, 512).error());
        }
        List<String> executed = disk.executed();
        String ring = executed.get(0).substring(0, executed.get(0).indexOf(" WRITE"));
        assertEquals(
                List.of(
                        ring + " WRITE 0+8192 flags 1",
                        ring + " FLUSH 0+0 flags 0",
                        ring + " DISCARD 0+512 flags 0",
                        ring + " WRITE_ZEROES 512+512 flags 2",
                        ring + " WRITE_ZEROES 1024+512 flags 4",
                        ring + " READ 0+512 flags 0"),
                executed);
    }

    @Test
    void cacheReadsInPiecesAndSendsNothing() throws IOException {
        start("chainring.nbd.cache-piece-size = 1 MiB");
        try (TestClient client = server.client("d")) {
            assertEquals(0, client.ask(0, NbdProtocol.CMD_CACHE, 512, (2 << 20) + 1024).error());
            assertEquals(3, disk.executed().size());
            assertTrue(disk.executed().get(2).contains("READ " + (512 + (2 << 20)) + "+1024"));
            await().until(() -> disk.usedPayloadBytes() == 0);
        }
    }

    @Test
    void structuredReadsComeAsOneChunk() throws IOException {
        try (TestClient client = server.client()) {
            client.go("d", true, false);
            byte[] data = randomBytes(4096);
            assertEquals(0, client.writeAndWait(4096, data));
            TestClient.Reply reply =
                    client.ask(NbdProtocol.CMD_FLAG_DF, NbdProtocol.CMD_READ, 4096, 4096);
            assertTrue(reply.structured());
            assertEquals(NbdProtocol.REPLY_FLAG_DONE, reply.flags());
            assertEquals(NbdProtocol.REPLY_TYPE_OFFSET_DATA, reply.type());
            ByteBuffer chunk = ByteBuffer.wrap(reply.data());
            assertEquals(4096, chunk.getLong());
            assertEquals(ByteBuffer.wrap(data), chunk);
        }
    }

    @Test
    void structuredErrorsSayWhy() throws IOException {
        try (TestClient client = server.client()) {
            client.go("d", true, false);
            TestClient.Reply range =
                    client.ask(0, NbdProtocol.CMD_READ, TestServer.DISK_BYTES, 512);
            assertEquals(NbdProtocol.REPLY_TYPE_ERROR, range.type());
            assertEquals(NbdErrors.EINVAL, range.error());
            disk.fail(ChainStatus.IOERR);
            TestClient.Reply broken = client.ask(0, NbdProtocol.CMD_READ, 512, 512);
            assertEquals(NbdProtocol.REPLY_TYPE_ERROR_OFFSET, broken.type());
            assertEquals(NbdErrors.EIO, broken.error());
            assertEquals(512, ByteBuffer.wrap(broken.data()).getLong(broken.data().length - 8));
        }
    }

    @Test
    void blockStatusTellsHolesFromData() throws IOException {
        try (TestClient client = server.client()) {
            client.go("d", true, true);
            client.writeAndWait(4096, randomBytes(4096));
            TestClient.Reply all = client.ask(0, NbdProtocol.CMD_BLOCK_STATUS, 0, 16384);
            assertEquals(NbdProtocol.REPLY_TYPE_BLOCK_STATUS, all.type());
            ByteBuffer chunk = ByteBuffer.wrap(all.data());
            assertEquals(NbdProtocol.BASE_ALLOCATION_ID, chunk.getInt());
            int[] expected = {4096, 3, 4096, 0, 8192, 3};
            for (int value : expected) {
                assertEquals(value, chunk.getInt());
            }
            assertFalse(chunk.hasRemaining());
            int one = NbdProtocol.CMD_FLAG_REQ_ONE;
            assertEquals(12, client.ask(one, NbdProtocol.CMD_BLOCK_STATUS, 0, 16384).data().length);
        }
    }

    @Test
    void blockStatusOfADiskThatCannotTellIsData() throws IOException {
        try (TestClient client = server.client()) {
            client.go("d", true, true);
            disk.fail(ChainStatus.UNSUPP);
            ByteBuffer chunk =
                    ByteBuffer.wrap(client.ask(0, NbdProtocol.CMD_BLOCK_STATUS, 0, 8192).data());
            assertEquals(NbdProtocol.BASE_ALLOCATION_ID, chunk.getInt());
            assertEquals(8192, chunk.getInt());
            assertEquals(0, chunk.getInt());
        }
    }

    @Test
    void badRequestsGetErrorsAndTheConnectionGoesOn() throws IOException {
        start("chainring.nbd.max-payload-size = 64 KiB");
        int size = TestServer.DISK_BYTES;
        try (TestClient client = server.client("d")) {
            assertError(client, NbdErrors.EINVAL, 0, 99, 0, 512);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, 0, 0);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, 1, 512);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, 0, 513);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, size, 512);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, -512, 512);
            assertError(
                    client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, Long.MAX_VALUE - 511, 512);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, 0, (64 << 10) + 512);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, 0, -512);
            assertError(
                    client,
                    NbdErrors.EINVAL,
                    NbdProtocol.CMD_FLAG_DF,
                    NbdProtocol.CMD_READ,
                    0,
                    512);
            assertError(client, NbdErrors.EINVAL, 1 << 9, NbdProtocol.CMD_READ, 0, 512);
            assertError(
                    client,
                    NbdErrors.EINVAL,
                    NbdProtocol.CMD_FLAG_NO_HOLE,
                    NbdProtocol.CMD_TRIM,
                    0,
                    512);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_FLUSH, 512, 0);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_FLUSH, 0, 512);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_TRIM, size - 512, 1024);
            assertError(
                    client, NbdErrors.ENOSPC, 0, NbdProtocol.CMD_WRITE_ZEROES, size - 512, 1024);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_BLOCK_STATUS, 0, 512);
            assertEquals(NbdErrors.ENOSPC, client.writeAndWait(size - 512, new byte[1024]));
            assertEquals(NbdErrors.EINVAL, client.writeAndWait(256, new byte[512]));
            assertEquals(NbdErrors.EINVAL, client.writeAndWait(0, new byte[100]));
            assertEquals(NbdErrors.EINVAL, client.writeAndWait(0, new byte[(64 << 10) + 512]));
            assertEquals(NbdErrors.EINVAL, client.writeAndWait(0, new byte[0]));
            assertEquals(0, client.writeAndWait(0, new byte[512]));
            assertEquals(1, disk.executed().size());
        }
    }

    private static void assertError(
            TestClient client, int error, int flags, int type, long offset, int length)
            throws IOException {
        assertEquals(
                error,
                client.ask(flags, type, offset, length).error(),
                "type " + type + " at " + offset + "+" + length);
    }

    @Test
    void readOnlyExportsRefuseChanges() throws IOException {
        try (TestClient client = server.client("other")) {
            assertEquals(NbdErrors.EPERM, client.writeAndWait(0, new byte[512]));
            assertError(client, NbdErrors.EPERM, 0, NbdProtocol.CMD_TRIM, 0, 512);
            assertError(client, NbdErrors.EPERM, 0, NbdProtocol.CMD_WRITE_ZEROES, 0, 512);
            assertEquals(512, client.read(0, 512).length);
        }
    }

    @Test
    void statusesOfTheRingBecomeErrorsOfTheProtocol() throws IOException {
        try (TestClient client = server.client("d")) {
            byte[] statuses = {
                ChainStatus.IOERR,
                ChainStatus.NOSPC,
                ChainStatus.READONLY,
                ChainStatus.INVALID,
                ChainStatus.UNSUPP,
                0x55
            };
            int[] errors = {5, 28, 1, 22, 95, 5};
            for (int i = 0; i < statuses.length; i++) {
                disk.fail(statuses[i]);
                assertEquals(errors[i], client.writeAndWait(0, new byte[512]));
                assertError(client, errors[i], 0, NbdProtocol.CMD_READ, 0, 512);
            }
            await().until(() -> disk.usedPayloadBytes() == 0);
        }
    }

    @Test
    void badMagicAndMonstrousWritesDisconnectOnlyTheCulprit() throws IOException {
        try (TestClient good = server.client("d");
                TestClient garbage = server.client("d");
                TestClient monster = server.client("d")) {
            garbage.send(ByteBuffer.allocate(28));
            garbage.awaitClose();
            monster.request(0, NbdProtocol.CMD_WRITE, 1, 0, -1);
            monster.awaitClose();
            assertEquals(0, good.writeAndWait(0, new byte[512]));
            assertEquals(2, server.counters().violations.get());
        }
    }

    @Test
    void requestsOfOneTurnAreOneBatchAndRepliesKeepTheirCookies() throws IOException {
        try (TestClient client = server.client("d")) {
            ByteBuffer many = ByteBuffer.allocate(20 * (28 + 512));
            for (int i = 0; i < 20; i++) {
                many.put(
                        TestClient.requestBytes(
                                0, NbdProtocol.CMD_WRITE, 1000 + i, i * 512L, 512, new byte[512]));
            }
            client.send(many.flip());
            for (int i = 0; i < 20; i++) {
                assertEquals(1000 + i, client.reply(0).cookie());
            }
            assertTrue(disk.largestBatch() > 1, "largest batch " + disk.largestBatch());
        }
    }

    @Test
    void goodbyeFinishesWhatIsInFlight() throws IOException {
        try (TestClient client = server.client("d")) {
            disk.hold();
            client.write(0, 1, 0, randomBytes(512));
            client.write(0, 2, 512, randomBytes(512));
            client.request(0, NbdProtocol.CMD_DISC, 3, 0, 0);
            await().until(() -> disk.outstanding() == 2);
            disk.goOn();
            assertEquals(1, client.reply(0).cookie());
            assertEquals(2, client.reply(0).cookie());
            assertEquals(0, client.awaitClose());
        }
        await().until(() -> disk.openRings() == 0);
    }

    @Test
    void goodbyeWithoutWaitingForRepliesStillExecutesEverything() throws IOException {
        disk.hold();
        try (TestClient client = server.client("d")) {
            client.write(0, 1, 0, randomBytes(512));
            client.request(0, NbdProtocol.CMD_DISC, 3, 0, 0);
        }
        await().until(() -> disk.outstanding() == 1);
        disk.goOn();
        await().until(() -> disk.executed().size() == 1 && disk.openRings() == 0);
    }

    @Test
    void aClientThatIsGoneGivesBackItsRing() throws IOException {
        try (TestClient client = server.client("d")) {
            disk.hold();
            client.write(0, 1, 0, randomBytes(512));
            client.send(
                    TestClient.requestBytes(0, NbdProtocol.CMD_WRITE, 2, 512, 1024, new byte[100]));
            await().until(() -> disk.outstanding() == 1);
        }
        await().until(() -> disk.openRings() == 0);
        assertEquals(List.of(), disk.executed());
        await().until(() -> server.server().connections() == 0);
    }

    @Test
    void aFullRingHoldsTheClientBack() throws IOException {
        disk.maxOutstanding(4);
        try (TestClient client = server.client("d")) {
            disk.hold();
            for (int i = 0; i < 50; i++) {
                client.write(0, i, i * 512L, randomBytes(512));
            }
            await().until(() -> disk.outstanding() == 4);
            disk.goOn();
            for (int i = 0; i < 50; i++) {
                assertEquals(0, client.reply(0).error());
            }
            assertEquals(50, disk.executed().size());
        }
    }

    @Test
    void scarcePayloadMemoryHoldsTheClientBack() throws IOException {
        disk.poolBytes(1 << 20);
        try (TestClient client = server.client("d")) {
            disk.hold();
            byte[] data = randomBytes(512 << 10);
            Thread writer =
                    new Thread(
                            () -> {
                                for (int i = 0; i < 8; i++) {
                                    try {
                                        client.write(0, i, (i % 4) * (512L << 10), data);
                                    } catch (IOException e) {
                                        throw new java.io.UncheckedIOException(e);
                                    }
                                }
                            });
            writer.start();
            await().until(() -> disk.outstanding() == 2);
            disk.goOn();
            for (int i = 0; i < 8; i++) {
                assertEquals(0, client.reply(0).error());
            }
            assertArrayEquals(data, client.read(0, 512 << 10));
            await().until(() -> disk.usedPayloadBytes() == 0);
        }
    }

    @Test
    void aSlowReaderIsHeldBackAndHarmsNobody() throws IOException {
        disk.maxOutstanding(16);
        try (TestClient slow = server.client("d");
                TestClient other = server.client("d")) {
            // Few enough to fit into a unix socket's buffer, where each costs its bookkeeping too.
            for (int i = 0; i < 150; i++) {
                slow.request(0, NbdProtocol.CMD_READ, i, 0, 1 << 18);
            }
            await().until(() -> disk.executed().size() >= 16);
            assertEquals(0, other.writeAndWait(0, new byte[512]));
            assertTrue(
                    disk.executed().size() < 75,
                    "read ahead of the reader: " + disk.executed().size());
            assertTrue(
                    disk.usedPayloadBytes() <= 17L << 18,
                    "payload in use: " + disk.usedPayloadBytes());
            for (int i = 0; i < 150; i++) {
                assertEquals(i, slow.reply(1 << 18).cookie());
            }
        }
    }

    @Test
    void silentHandshakesAreClosed() throws IOException {
        start("chainring.nbd.handshake-timeout = 200ms");
        try (TestClient silent = server.client();
                TestClient busy = server.client("d")) {
            assertEquals(18, silent.awaitClose());
            assertEquals(0, busy.writeAndWait(0, new byte[512]));
        }
    }

    @Test
    void silentConnectionsAreClosedWhenAsked() throws IOException {
        start("chainring.nbd.idle-timeout = 300ms");
        try (TestClient silent = server.client("d")) {
            assertEquals(0, silent.awaitClose());
        }
        await().until(() -> disk.openRings() == 0);
    }

    @Test
    void waitingForTheDiskIsNotSilence() throws IOException {
        start("chainring.nbd.idle-timeout = 200ms");
        try (TestClient client = server.client("d")) {
            disk.hold();
            client.write(0, 1, 0, new byte[512]);
            await().until(() -> disk.outstanding() == 1);
            await().during(java.time.Duration.ofMillis(700)).until(() -> disk.openRings() == 1);
            disk.goOn();
            assertEquals(0, client.reply(0).error());
        }
    }

    @Test
    void clientsBeyondTheLimitWaitForTheirTurn() throws IOException {
        start("chainring.nbd.max-connections = 2");
        try (TestClient third = connectThirdOfTwo()) {
            assertEquals(3, third.go("d", false, false).size());
            assertEquals(0, third.writeAndWait(0, new byte[512]));
        }
    }

    private TestClient connectThirdOfTwo() throws IOException {
        try (TestClient first = server.client("d");
                TestClient second = server.client("d")) {
            TestClient third = server.client();
            assertEquals(0, first.writeAndWait(0, new byte[512]));
            assertEquals(0, second.writeAndWait(0, new byte[512]));
            assertEquals(2, server.counters().opened.get());
            return third;
        }
    }

    @Test
    void aRefusedRingIsAnErrorAndTheHandshakeGoesOn() throws IOException {
        disk.refuse("no more rings");
        try (TestClient client = server.client()) {
            List<TestClient.OptionReply> replies = client.go("d", false, false);
            assertTrue(replies.get(0).isError());
            assertTrue(replies.get(0).text().contains("no more rings"));
            client.option(NbdProtocol.OPT_GO, TestClient.exportData("other"));
            client.optionReplies();
            assertEquals(512, client.read(0, 512).length);
        }
    }

    @Test
    void aRingThatEndsClosesItsConnections() throws IOException {
        try (TestClient client = server.client("d")) {
            assertEquals(0, client.writeAndWait(0, new byte[512]));
            disk.stop("disk is gone");
            assertEquals(0, client.awaitClose());
        }
    }

    @Test
    void exportNameWorksToo() throws IOException {
        try (TestClient client = server.client()) {
            client.greet(1);
            client.option(NbdProtocol.OPT_EXPORT_NAME, new byte[] {'d'});
            assertEquals(TestServer.DISK_BYTES, client.receive(134).getLong());
            assertEquals(0, client.writeAndWait(0, new byte[512]));
        }
    }

    @Test
    void requestsSentTogetherWithTheOptionAreServed() throws IOException {
        try (TestClient client = server.client()) {
            client.greet(3);
            ByteBuffer both =
                    ByteBuffer.allocate(17 + 28 + 512)
                            .put(
                                    TestClient.optionBytes(
                                            NbdProtocol.OPT_EXPORT_NAME, new byte[] {'d'}))
                            .put(
                                    TestClient.requestBytes(
                                            0, NbdProtocol.CMD_WRITE, 9, 0, 512, new byte[512]));
            client.send(both.flip());
            client.receive(10);
            assertEquals(9, client.reply(0).cookie());
        }
    }

    @Test
    void shutDownFinishesWhatIsInFlight() throws Exception {
        try (TestClient client = server.client("d");
                TestClient idle = server.client("d");
                TestClient haggling = server.client()) {
            haggling.greet(3);
            disk.hold();
            client.write(0, 1, 0, randomBytes(512));
            await().until(() -> disk.outstanding() == 1);
            var down = server.server().shutDown().toCompletableFuture();
            assertEquals(0, idle.awaitClose());
            client.write(0, 2, 0, randomBytes(512));
            assertEquals(NbdErrors.ESHUTDOWN, client.reply(0).error());
            haggling.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            assertEquals(NbdProtocol.REP_ERR_SHUTDOWN, haggling.optionReply().type());
            assertFalse(down.isDone());
            disk.goOn();
            assertEquals(1, client.reply(0).cookie());
            down.get(10, java.util.concurrent.TimeUnit.SECONDS);
            client.awaitClose();
        }
        assertEquals(1, disk.executed().size());
    }

    @Test
    void shutDownHasAnEndEvenWhenTheDiskHasNot() throws Exception {
        start("chainring.nbd.shutdown-timeout = 300ms");
        try (TestClient client = server.client("d")) {
            disk.hold();
            client.write(0, 1, 0, randomBytes(512));
            await().until(() -> disk.outstanding() == 1);
            server.server()
                    .shutDown()
                    .toCompletableFuture()
                    .get(10, java.util.concurrent.TimeUnit.SECONDS);
            assertEquals(0, client.awaitClose());
        }
    }
}
