package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdErrors;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.ring.request.ChainStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server answers to the requests of its clients, whatever the transport. */
abstract class ServerRequestsContract extends ServerBench {
    ServerRequestsContract(TestServer.Transport transport) {
        super(transport);
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

    /** Whatever the client negotiated: INFO and GO promise a minimum block size of 1, and without them it is 1, too. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anyRangeOfBytesIsServed(boolean structured) throws IOException {
        byte[] model = randomBytes(TestServer.DISK_BYTES);
        int size = model.length;
        try (TestClient client = server.client()) {
            client.go("d", structured, structured);
            assertEquals(0, client.writeAndWait(0, model));
            for (int[] range :
                    new int[][] {{3, 5}, {511, 2}, {777, (2 << 20) + 1}, {size - 1, 1}}) {
                byte[] data = randomBytes(range[1]);
                client.write(NbdProtocol.CMD_FLAG_FUA, 1, range[0], data);
                assertEquals(0, client.reply(0).error());
                System.arraycopy(data, 0, model, range[0], data.length);
                assertRead(client, model, range[0], range[1]);
            }
            assertEquals(0, client.ask(0, NbdProtocol.CMD_WRITE_ZEROES, 4095, 3).error());
            Arrays.fill(model, 4095, 4098, (byte) 0);
            assertEquals(0, client.ask(0, NbdProtocol.CMD_TRIM, 9, 1030).error());
            Arrays.fill(model, 9, 1039, (byte) 0);
            assertEquals(0, client.ask(0, NbdProtocol.CMD_CACHE, 1, 4097).error());
            if (structured) {
                ByteBuffer status =
                        ByteBuffer.wrap(
                                client.ask(0, NbdProtocol.CMD_BLOCK_STATUS, 4000, 99).data());
                assertEquals(99, status.getInt(4));
            }
            assertRead(client, model, 0, size);
            assertRead(client, model, 1, size - 2);
        }
    }

    private static void assertRead(TestClient client, byte[] model, int at, int length)
            throws IOException {
        byte[] data = client.ask(0, NbdProtocol.CMD_READ, at, length).data();
        assertArrayEquals(
                Arrays.copyOfRange(model, at, at + length),
                Arrays.copyOfRange(data, data.length - length, data.length));
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
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, size, 1);
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, size - 511, 512);
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
            assertEquals(NbdErrors.ENOSPC, client.writeAndWait(size - 511, new byte[512]));
            assertError(client, NbdErrors.EINVAL, 0, NbdProtocol.CMD_READ, 0, (64 << 10) + 1);
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
}
