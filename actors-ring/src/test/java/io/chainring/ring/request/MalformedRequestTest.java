package io.chainring.ring.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.ring.memory.RingViolationException;
import io.chainring.ring.virtqueue.ChainBuffers;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that are wrong get a status in their chain; only a chain without room for one is worse. */
class MalformedRequestTest {
    private static final int IN = 0;
    private static final int OUT = 1;
    private static final int FLUSH = 4;
    private static final int GET_ID = 8;
    private static final int DISCARD = 11;
    private static final int ZEROES = 13;
    private static final int EXTENTS = 0x43520001;
    private static final int NONE = 0;
    private static final long SECTORS = 100;

    /** Half a sector more than whole ones: our own sides reach it, a guest does not. */
    private static final long CAPACITY_BYTES = SECTORS * 512 + 256;

    private final RequestFixture ring = new RequestFixture();
    private final RequestParser parser = new RequestParser();
    private final ChainRequest request = new ChainRequest();

    /** A guest hears virtio's own statuses. */
    private static String toGuest(String status) {
        return status.equals("INVALID") ? "IOERR" : status;
    }

    private String parse(boolean privateFeatures, int readable, int writable) {
        int[] readables = readable == 0 ? new int[0] : new int[] {readable};
        ChainBuffers chain = ring.send(readables, new int[] {writable});
        byte status = parser.parse(chain, CAPACITY_BYTES, privateFeatures, request);
        request.setStatus((byte) 0x5A);
        assertEquals(0x5A, ring.bytes.get(readable + writable - 1), "place of the status");
        return ChainStatus.name(status);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 16, 513, OK", // one sector
        "0, 99, 16, 513, OK", // the last one
        "0, 100, 16, 513, INVALID",
        "0, 101, 16, 2, INVALID",
        "0, 99, 16, 1025, INVALID",
        "0, -1, 16, 513, INVALID",
        "0, 9223372036854775807, 16, 513, INVALID",
        "0, 36028797018963968, 16, 513, INVALID", // times 512 it is 0 again
        "0, 0, 16, 1, INVALID", // nothing to read
        "0, 0, 17, 513, INVALID", // more than a header
        "0, 0, 15, 513, INVALID",
        "0, 0, 0, 513, INVALID",
        "1, 0, 528, 1, OK",
        "1, 99, 528, 1, OK",
        "1, 99, 1040, 1, INVALID",
        "1, 0, 16, 1, INVALID",
        "1, 0, 528, 2, INVALID",
        "4, 0, 16, 1, OK",
        "4, 7, 16, 1, OK", // the sector of a flush is of no interest
        "4, 0, 528, 1, OK",
        "8, 0, 16, 21, OK",
        "8, 0, 16, 20, INVALID",
        "8, 0, 16, 22, INVALID",
        "2, 0, 16, 1, UNSUPP",
        "-1, 0, 16, 1, UNSUPP",
        "14, 0, 32, 1, UNSUPP",
    })
    void requestsWithoutASegment(int type, long sector, int readable, int writable, String status) {
        ring.header(type, NONE, sector);
        assertEquals(status, parse(true, readable, writable));
        assertEquals(toGuest(status), parse(false, readable, writable));
    }

    /** Ranges that are no whole sectors: for our own sides only, and up to the last byte. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0, 16, 2, OK, INVALID", // one byte
        "0, 0, 0, 0, 16, 512, OK, INVALID",
        "0, 0, 511, 0, 16, 513, OK, OK", // a guest's reserved word says nothing
        "0, 100, 0, 0, 16, 257, OK, INVALID", // the last half of a sector
        "0, 100, 255, 0, 16, 2, OK, INVALID",
        "0, 100, 256, 0, 16, 2, INVALID, INVALID",
        "0, 100, 511, 0, 16, 2, INVALID, INVALID",
        "0, 100, 1, 0, 16, 257, INVALID, INVALID",
        "0, 99, 256, 0, 16, 513, OK, OK",
        "0, 99, 257, 0, 16, 1025, INVALID, INVALID",
        "0, 0, 0, 1, 16, 513, INVALID, OK", // no segment whose length it could be of
        "1, 0, 3, 0, 21, 1, OK, INVALID",
        "1, 0, 0, 0, 529, 1, OK, INVALID",
        "4, 0, 7, 0, 16, 1, OK, OK", // the offset of a flush is of no interest
        "4, 0, 0, 7, 16, 1, INVALID, OK",
        "8, 0, 0, 7, 16, 21, INVALID, OK",
    })
    void rangesOfAnyByteWithoutASegment(
            int type,
            long sector,
            int offsetRest,
            int lengthRest,
            int readable,
            int writable,
            String own,
            String guest) {
        ring.header(type, offsetRest << 8 | lengthRest << 20, sector);
        assertEquals(own, parse(true, readable, writable));
        assertEquals(toGuest(guest), parse(false, readable, writable));
    }

    @ParameterizedTest
    @CsvSource({
        "11, 0, 0, 0, 1, OK, INVALID",
        "11, 0, 0, 0, 0, INVALID, INVALID",
        "11, 0, 0, 100, 256, OK, OK", // to a guest: 100 sectors
        "11, 0, 0, 100, 257, INVALID, OK",
        "11, 0, 1, 100, 256, INVALID, OK",
        "13, 100, 255, 0, 1, OK, INVALID",
        "13, 100, 255, 0, 2, INVALID, INVALID",
        "13, 99, 511, 0, 257, OK, INVALID",
        "13, 99, 511, 0, 258, INVALID, INVALID",
    })
    void rangesOfAnyByteWithASegment(
            int type,
            long sector,
            int offsetRest,
            int sectors,
            int lengthRest,
            String own,
            String guest) {
        ring.header(type, offsetRest << 8 | lengthRest << 20, 0);
        ring.segment(sector, sectors, 0);
        assertEquals(own, parse(true, 32, 1));
        assertEquals(toGuest(guest), parse(false, 32, 1));
    }

    @ParameterizedTest
    @CsvSource({
        "11, 0, 100, 0, 32, 1, OK",
        "11, 0, 101, 0, 32, 1, INVALID",
        "11, 100, 1, 0, 32, 1, INVALID",
        "11, 0, -1, 0, 32, 1, INVALID",
        "11, -1, 1, 0, 32, 1, INVALID",
        "11, 0, 0, 0, 32, 1, INVALID",
        "11, 0, 1, 1, 32, 1, UNSUPP", // unmap means nothing here
        "11, 0, 1, 2, 32, 1, UNSUPP", // reserved
        "11, 0, 1, 0, 16, 1, INVALID",
        "11, 0, 1, 0, 31, 1, INVALID",
        "11, 0, 1, 0, 33, 1, INVALID",
        "11, 0, 1, 0, 48, 1, UNSUPP", // two segments
        "11, 0, 1, 0, 32, 2, INVALID",
        "13, 99, 1, 0, 32, 1, OK",
        "13, 99, 1, 1, 32, 1, OK",
        "13, 99, 1, 3, 32, 1, UNSUPP",
        "13, 99, 2, 1, 32, 1, INVALID",
    })
    void requestsWithASegment(
            int type, long sector, int sectors, int flags, int readable, int writable, String is) {
        ring.header(type, NONE, 0);
        ring.segment(sector, sectors, flags);
        assertEquals(is, parse(true, readable, writable));
        assertEquals(toGuest(is), parse(false, readable, writable));
    }

    @ParameterizedTest
    @CsvSource({
        "100, 0, 32, 17, OK",
        "100, 0, 32, 1, INVALID",
        "100, 0, 32, 25, INVALID",
        "101, 0, 32, 17, INVALID",
        "100, 1, 32, 17, UNSUPP",
        "100, 0, 16, 17, INVALID",
    })
    void extentsAreForOurOwnSidesOnly(
            int sectors, int flags, int readable, int writable, String status) {
        ring.header(EXTENTS, NONE, 0);
        ring.segment(0, sectors, flags);
        assertEquals(status, parse(true, readable, writable));
        assertEquals("UNSUPP", parse(false, readable, writable));
    }

    @Test
    void flagsOfTheHeaderAreForOurOwnSidesOnly() {
        ring.header(OUT, RequestHeader.FLAG_FUA, 0);
        assertEquals("OK", parse(false, 528, 1));
        assertEquals(0, request.flags());
        assertEquals("OK", parse(true, 528, 1));
        assertEquals(RequestHeader.FLAG_FUA, request.flags());
        for (int flags :
                new int[] {RequestHeader.FLAG_UNMAP, 8, 0x80, 1 << 17, 1 << 29, 0x8000_0000}) {
            ring.header(OUT, flags, 0);
            assertEquals("UNSUPP", parse(true, 528, 1));
            assertEquals("OK", parse(false, 528, 1));
        }
    }

    @Test
    void chainWithoutAPlaceForTheStatusIsAViolation() {
        ring.header(FLUSH, NONE, 0);
        ChainBuffers chain = ring.send(new int[] {16}, new int[0]);
        assertThrows(
                RingViolationException.class,
                () -> parser.parse(chain, CAPACITY_BYTES, true, request));
    }

    @Test
    void nothingOfAnEarlierRequestIsLeftBehind() {
        ring.header(OUT, RequestHeader.FLAG_FUA, 9);
        parse(true, 16 + 1024, 1);
        ring.header(FLUSH, NONE, 0);
        assertEquals("OK", parse(true, 16, 1));
        assertEquals(Operation.FLUSH, request.operation());
        assertEquals(0, request.offsetBytes());
        assertEquals(0, request.lengthBytes());
        assertEquals(0, request.flags());
        assertEquals(0, request.dataCount());
        assertEquals(0, request.dataBytes());
    }

    @Test
    void randomRequestsAreWithinTheDiskOrRefused() {
        SplittableRandom random = Seed.random(getClass());
        int[] types = {IN, OUT, FLUSH, GET_ID, DISCARD, ZEROES, EXTENTS, 2, 99};
        int accepted = 0;
        for (int round = 0; round < 200_000; round++) {
            ring.header(
                    types[random.nextInt(types.length)],
                    random.nextInt(6) == 0
                            ? random.nextInt()
                            : random.nextInt() & (RequestHeader.RESTS | 1),
                    random.nextInt(6) == 0 ? random.nextLong() : random.nextInt(120));
            ring.segment(
                    random.nextInt(6) == 0 ? random.nextLong() : random.nextInt(120),
                    random.nextInt(6) == 0 ? random.nextInt() : random.nextInt(120),
                    random.nextInt(6) == 0 ? random.nextInt() : random.nextInt(2));
            int[] readable = {16, random.nextInt(3) == 0 ? 1 + random.nextInt(600) : 16};
            int[] writable = {512 * (1 + random.nextInt(3)), 1 + random.nextInt(3) / 2};
            boolean some = random.nextBoolean();
            ChainBuffers chain =
                    ring.send(
                            random.nextBoolean() ? readable : new int[] {16},
                            some ? writable : new int[] {random.nextBoolean() ? 1 : 21});
            boolean own = random.nextBoolean();
            byte status = parser.parse(chain, CAPACITY_BYTES, own, request);
            if (status == ChainStatus.OK) {
                accepted++;
                long end = request.offsetBytes() + request.lengthBytes();
                assertTrue(request.offsetBytes() >= 0 && end <= CAPACITY_BYTES);
                assertEquals(request.operation().hasRange(), request.lengthBytes() > 0);
                assertTrue(own || (request.offsetBytes() | request.lengthBytes()) % 512 == 0);
            }
            assertEquals(1, request.status().remaining());
        }
        assertTrue(accepted > 10_000, "accepted " + accepted);
    }
}
