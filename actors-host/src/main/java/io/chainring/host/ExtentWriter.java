package io.chainring.host;

import io.chainring.host.store.BlockStore;
import io.chainring.ring.request.ExtentRecord;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes the extents of a range as {@link ExtentRecord}s into a chain's buffers: neighbours of one kind
 * as one record, as many records as there is room for, and a record of length zero behind the last if
 * there is room left.
 */
final class ExtentWriter {
    private final Scatter out;
    private final byte[] record = new byte[ExtentRecord.BYTES];
    private final ByteBuffer recordFields = ByteBuffer.wrap(record);
    private final int roomRecords;
    private int records;
    private long pendingBytes;
    private int pendingFlags;

    ExtentWriter(ByteBuffer[] buffers) {
        this.out = new Scatter(buffers);
        long room = 0;
        for (ByteBuffer buffer : buffers) {
            room += buffer.remaining();
        }
        this.roomRecords = (int) Math.min(room / ExtentRecord.BYTES, Integer.MAX_VALUE / 32);
    }

    /** Returns how many bytes of the buffers are filled. */
    int write(BlockStore store, long offsetBytes, long lengthBytes) throws IOException {
        store.extents(offsetBytes, lengthBytes, this::take);
        if (pendingBytes > 0 && records < roomRecords) {
            put(pendingBytes, pendingFlags);
        }
        if (records < roomRecords) {
            put(0, 0);
        }
        return records * ExtentRecord.BYTES;
    }

    private boolean take(long lengthBytes, boolean hole, boolean zero) {
        int flags = (hole ? ExtentRecord.FLAG_HOLE : 0) | (zero ? ExtentRecord.FLAG_ZERO : 0);
        if (pendingBytes > 0 && flags != pendingFlags) {
            put(pendingBytes, pendingFlags);
            pendingBytes = 0;
        }
        pendingFlags = flags;
        pendingBytes += lengthBytes;
        return records < roomRecords;
    }

    private void put(long lengthBytes, int flags) {
        ExtentRecord.write(recordFields, 0, lengthBytes, flags);
        records++;
        if (out.put(record, record.length) != record.length) {
            throw new IllegalStateException("no room for extent record " + records);
        }
    }
}
