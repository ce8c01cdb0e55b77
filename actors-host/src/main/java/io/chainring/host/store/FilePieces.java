package io.chainring.host.store;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cuts a range of a file where its allocation changes. A file system removes extents one by one while it keeps the file
 * locked, some 0.25 ms each at worst: a call for a range of 100,000 keeps every write of that file waiting for 25 s.
 */
final class FilePieces {
    /** Most data extents of a piece. */
    static final int EXTENTS = 16;

    /** Most data of one of them: what is one extent here may be many on the storage. */
    static final long DATA_BYTES = 64L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(FilePieces.class);

    private FilePieces() {}

    /** How many bytes of the range make a piece; a hole takes no time, however long it is. */
    static long bytes(NativeFile file, long offsetBytes, long lengthBytes) {
        long end = offsetBytes + lengthBytes;
        long at = offsetBytes;
        long dataBytes = 0;
        try {
            for (int extents = 0; extents < EXTENTS; extents++) {
                long data = file.seekData(at);
                if (data >= end) {
                    return lengthBytes;
                }
                long hole = file.seekHole(data);
                long dataEnd = hole < 0 ? end : Math.min(hole, end);
                long most = DATA_BYTES - dataBytes;
                if (dataEnd - data > most) {
                    // Not within a block of the file system: it would keep its space.
                    at = Math.max(data, (data + most) & -DATA_BYTES);
                    break;
                }
                dataBytes += dataEnd - data;
                at = dataEnd;
            }
        } catch (IOException e) {
            // Whoever does something with the range meets it again.
            LOG.debug("a range is not cut: {}", e.getMessage());
            return lengthBytes;
        }
        return at <= offsetBytes
                ? Math.min(lengthBytes, DATA_BYTES)
                : Math.min(at, end) - offsetBytes;
    }
}
