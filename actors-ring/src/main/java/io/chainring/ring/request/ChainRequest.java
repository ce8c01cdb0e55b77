package io.chainring.ring.request;

import io.chainring.ring.memory.RegionWindow;
import io.chainring.ring.memory.RingRegion;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A validated request, filled by {@link RequestParser#parse} and used again for another. Operation,
 * range and flags are copies; data and status are windows on ring memory and stay valid until the
 * next fill, whatever becomes of the {@code ChainBuffers} that the request was parsed from.
 */
public final class ChainRequest {
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);
    private static final int FIRST_SEGMENTS = 4;

    private Operation operation = Operation.FLUSH;
    private long offsetBytes;
    private long lengthBytes;
    private int flags;
    private long dataBytes;
    private int dataCount;
    private RegionWindow[] dataWindows = new RegionWindow[0];
    private ByteBuffer[] data = new ByteBuffer[0];
    private final RegionWindow statusWindow = new RegionWindow();
    private ByteBuffer status = NOTHING;

    /** Creates an empty holder. */
    public ChainRequest() {
        grow(FIRST_SEGMENTS);
    }

    /** What is asked for. */
    public Operation operation() {
        return operation;
    }

    /** First byte of the range on the disk; 0 where the operation has none. */
    public long offsetBytes() {
        return offsetBytes;
    }

    /** Length of the range on the disk in bytes; 0 where the operation has none. */
    public long lengthBytes() {
        return lengthBytes;
    }

    /** {@link RequestHeader#FLAG_FUA} and its siblings. */
    public int flags() {
        return flags;
    }

    /** Whether a flag is set. */
    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /**
     * The data: what a write carries, or the room that a read, get-id or extents request gives. Only
     * the first {@link #dataCount} elements belong to this request; each has its position at the start
     * and its limit at the end of its part.
     */
    public ByteBuffer[] data() {
        return data;
    }

    /** Number of data buffers. */
    public int dataCount() {
        return dataCount;
    }

    /** Bytes of all data buffers together. */
    public long dataBytes() {
        return dataBytes;
    }

    /** Where the status byte goes: a buffer with exactly one byte between position and limit. */
    public ByteBuffer status() {
        return status;
    }

    /** Writes the status byte. */
    public void setStatus(byte value) {
        status.put(status.position(), value);
    }

    void clear() {
        operation = Operation.FLUSH;
        offsetBytes = 0;
        lengthBytes = 0;
        flags = 0;
        dataBytes = 0;
        dataCount = 0;
        status = NOTHING;
    }

    void operation(Operation parsed, int parsedFlags) {
        operation = parsed;
        flags = parsedFlags;
    }

    void range(long firstByte, long bytes) {
        offsetBytes = firstByte;
        lengthBytes = bytes;
    }

    void placeStatus(RingRegion region, int offset) {
        status = statusWindow.place(region, offset, 1);
    }

    void addData(RingRegion region, int offset, int length) {
        if (dataCount == data.length) {
            grow(2 * dataCount);
        }
        data[dataCount] = dataWindows[dataCount].place(region, offset, length);
        dataCount++;
        dataBytes += length;
    }

    private void grow(int segments) {
        int from = data.length;
        data = Arrays.copyOf(data, segments);
        dataWindows = Arrays.copyOf(dataWindows, segments);
        for (int i = from; i < segments; i++) {
            dataWindows[i] = new RegionWindow();
            data[i] = NOTHING;
        }
    }
}
