package io.chainring.ring.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.virtqueue.ChainBuffers;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the writer writes, the parser reads, however it is cut into buffers. */
class RequestRoundTripTest {
    private static final long CAPACITY_BYTES = (1L << 42) + 77;
    private static final long MOST_SEGMENT_BYTES = (1L << 41) - 1;

    private final RequestFixture ring = new RequestFixture();
    private final RequestParser parser = new RequestParser();
    private final ChainRequest request = new ChainRequest();

    @ParameterizedTest
    @EnumSource(Operation.class)
    void requestsComeThroughAsTheyWereWrittenHoweverTheyAreCut(Operation operation) {
        SplittableRandom random = Seed.random(getClass());
        for (int round = 0; round < 2_000; round++) {
            long unit = random.nextBoolean() ? 1 : 512;
            long offset = unit * random.nextLong((CAPACITY_BYTES - MOST_SEGMENT_BYTES) / unit);
            boolean unmap = operation == Operation.WRITE_ZEROES && random.nextBoolean();
            int flags = random.nextBoolean() ? RequestHeader.FLAG_FUA : 0;
            if (operation == Operation.WRITE_ZEROES && random.nextBoolean()) {
                flags |= RequestHeader.FLAG_FAST_ZERO;
            }
            flags |= unmap ? RequestHeader.FLAG_UNMAP : 0;
            int dataBytes = dataBytes(operation, (int) unit, random);
            int writable = 1;
            long length = 0;
            switch (operation) {
                case READ, WRITE -> length = dataBytes;
                case DISCARD, WRITE_ZEROES, EXTENTS ->
                        length = unit * (1 + random.nextLong(MOST_SEGMENT_BYTES / unit));
                case FLUSH, GET_ID -> offset = 0;
            }
            int readable = RequestWriter.write(ring.bytes, 0, operation, offset, length, flags);
            if (operation == Operation.WRITE) {
                readable += dataBytes;
            } else {
                writable += dataBytes;
            }
            ChainBuffers chain = ring.send(cut(random, readable), cut(random, writable));

            assertEquals(ChainStatus.OK, parser.parse(chain, CAPACITY_BYTES, true, request));
            assertEquals(operation, request.operation());
            assertEquals(offset, request.offsetBytes());
            assertEquals(length, request.lengthBytes());
            assertEquals(flags, request.flags());
            assertEquals(unmap, request.has(RequestHeader.FLAG_UNMAP));
            assertEquals(dataBytes, request.dataBytes());
            assertDataAndStatus(operation == Operation.WRITE ? 16 : readable, readable + writable);
        }
    }

    private static int dataBytes(Operation operation, int unit, SplittableRandom random) {
        return switch (operation) {
            case READ, WRITE -> unit * (1 + random.nextInt(16 * 512 / unit));
            case GET_ID -> 20;
            case EXTENTS -> ExtentRecord.BYTES * (1 + random.nextInt(10));
            case FLUSH, DISCARD, WRITE_ZEROES -> 0;
        };
    }

    private static int[] cut(SplittableRandom random, int bytes) {
        int parts = 1 + random.nextInt(Math.min(bytes, 12));
        int[] lengths = new int[parts];
        int left = bytes;
        for (int i = 0; i < parts - 1; i++) {
            int most = left - (parts - 1 - i);
            lengths[i] = 1 + random.nextInt(random.nextBoolean() ? Math.min(most, 20) : most);
            left -= lengths[i];
        }
        lengths[parts - 1] = left;
        return lengths;
    }

    /** The data lie in one piece of the fixture's buffer; the status is the last byte sent. */
    private void assertDataAndStatus(int dataFrom, int end) {
        int at = dataFrom;
        for (int i = 0; i < request.dataCount(); i++) {
            ByteBuffer part = request.data()[i];
            assertTrue(part.hasRemaining());
            while (part.hasRemaining()) {
                ring.bytes.put(at, (byte) (at * 7));
                assertEquals((byte) (at * 7), part.get());
                at++;
            }
        }
        assertEquals(request.dataBytes(), at - dataFrom);
        assertEquals(1, request.status().remaining());
        ring.bytes.put(end - 1, (byte) 0x55);
        request.setStatus(ChainStatus.NOSPC);
        assertEquals(ChainStatus.NOSPC, ring.bytes.get(end - 1));
    }

    @Test
    void aRequestOutlivesTheBuffersItWasParsedFrom() {
        RequestWriter.write(ring.bytes, 0, Operation.WRITE, 4096, 512, 0);
        ring.bytes.put(16, (byte) 1);
        ChainRequest first = new ChainRequest();
        parser.parse(ring.send(new int[] {16, 512}, new int[] {1}), 1 << 20, false, first);
        RequestWriter.write(ring.bytes, 0, Operation.READ, 8192, 1024, 0);
        parser.parse(ring.send(new int[] {16}, new int[] {1024, 1}), 1 << 20, false, request);
        assertEquals(Operation.WRITE, first.operation());
        assertEquals(4096, first.offsetBytes());
        assertEquals(1, first.data()[0].get());
        assertEquals(512, first.dataBytes());
        assertEquals(Operation.READ, request.operation());
    }

    @Test
    void aRequestIsFilledAgainWithoutNewBuffers() {
        RequestWriter.write(ring.bytes, 0, Operation.WRITE, 0, 512, 0);
        parser.parse(ring.send(new int[] {16, 512}, new int[] {1}), 1 << 20, false, request);
        ByteBuffer data = request.data()[0];
        ByteBuffer status = request.status();
        parser.parse(ring.send(new int[] {16, 1024}, new int[] {1}), 1 << 20, false, request);
        assertSame(data, request.data()[0]);
        assertSame(status, request.status());
        assertEquals(1024, data.remaining());
    }

    @Test
    void extentRecordsComeThrough() {
        ExtentRecord.write(
                ring.bytes, 32, 1L << 41, ExtentRecord.FLAG_HOLE | ExtentRecord.FLAG_ZERO);
        assertEquals(1L << 41, ExtentRecord.lengthBytes(ring.bytes, 32));
        assertEquals(3, ExtentRecord.flags(ring.bytes, 32));
        assertEquals(0, ring.bytes.getInt(44));
    }

    /** A guest's driver writes the same: what is added for other ranges is 0 in virtio's own. */
    @ParameterizedTest
    @EnumSource(Operation.class)
    void wholeSectorsAreWrittenAsVirtioSays(Operation operation) {
        ByteBuffer at = ring.bytes;
        boolean segment =
                operation != Operation.READ && operation != Operation.WRITE && operation.hasRange();
        int bytes = RequestWriter.write(at, 0, operation, 3 * 512, 5 * 512, 0);
        assertEquals(segment ? 32 : 16, bytes);
        assertEquals(operation.wireType(), at.getInt(0));
        assertEquals(0, at.getInt(4));
        assertEquals(segment ? 0 : 3, at.getLong(8));
        if (segment) {
            assertEquals(3, at.getLong(16));
            assertEquals(5, at.getInt(24));
            assertEquals(0, at.getInt(28));
        }
    }

    @Test
    void whatSectorsCannotExpressStandsInTheReservedWord() {
        ByteBuffer at = ring.bytes;
        RequestWriter.write(at, 0, Operation.WRITE, 3 * 512 + 511, 700, RequestHeader.FLAG_FUA);
        assertEquals(511 << 8 | 1, at.getInt(4));
        assertEquals(3, at.getLong(8));
        RequestWriter.write(at, 0, Operation.WRITE_ZEROES, 512 + 1, 1024 + 300, 4);
        assertEquals(300 << 20 | 1 << 8 | 4, at.getInt(4));
        assertEquals(1, at.getLong(16));
        assertEquals(2, at.getInt(24));
    }

    @Test
    void whatCannotBeExpressedIsRefused() {
        ByteBuffer at = ring.bytes;
        assertThrows(
                IllegalArgumentException.class,
                () -> RequestWriter.write(at, 0, Operation.WRITE, -512, 512, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> RequestWriter.write(at, 0, Operation.DISCARD, 0, -1, 0));
        assertThrows(
                IllegalArgumentException.class,
                () -> RequestWriter.write(at, 0, Operation.DISCARD, 0, 1L << 41, 0));
        RequestWriter.write(at, 0, Operation.DISCARD, 0, (1L << 41) - 1, 0);
        assertEquals(-1, at.getInt(24));
        assertEquals(511 << 20, at.getInt(4));
    }

    @Test
    void operationsAndStatusesKeepTheirWireValues() {
        int[] types = {0, 1, 4, 11, 13, 8, 0x43520001};
        Operation[] operations = Operation.values();
        assertEquals(types.length, operations.length);
        for (int i = 0; i < types.length; i++) {
            assertEquals(types[i], operations[i].wireType());
            assertSame(operations[i], Operation.ofWireType(types[i]));
        }
        assertTrue(Operation.DISCARD.writes() && Operation.DISCARD.hasRange());
        assertTrue(Operation.EXTENTS.hasRange() && !Operation.EXTENTS.writes());
        assertFalse(Operation.FLUSH.writes() || Operation.FLUSH.hasRange());
        byte[] statuses = {0, 1, 2, 0x10, 0x11, 0x12, 0x7F};
        byte[] guests = {0, 1, 2, 1, 1, 1, 1};
        String[] names = {"OK", "IOERR", "UNSUPP", "NOSPC", "READONLY", "INVALID", "0x7f"};
        for (int i = 0; i < statuses.length; i++) {
            assertEquals(guests[i], ChainStatus.forGuest(statuses[i]));
            assertEquals(names[i], ChainStatus.name(statuses[i]));
        }
    }
}
