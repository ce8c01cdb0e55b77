package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.ExtentRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Turns the extents that the ring reports into the descriptors of a BLOCK_STATUS reply. */
final class BlockStatus {
    private BlockStatus() {}

    /**
     * Turns records into descriptors where they are, a descriptor being shorter than the record that it comes from:
     * those for the start of the asked range, at least one, none beyond its end, neighbours of one kind joined. A record
     * that makes no sense ends them, and where nothing is known the range counts as allocated data, as the
     * specification allows.
     *
     * @param records filled by {@code Operation.EXTENTS}; its first segment begins with the descriptors afterwards
     * @param writtenBytes how far it is filled
     * @param lengthBytes length of the asked range
     * @return length of the descriptors
     */
    static int describe(Payload records, int writtenBytes, long lengthBytes) {
        ByteBuffer bytes = records.segment(0);
        ByteBuffer out = bytes.duplicate().clear().order(ByteOrder.BIG_ENDIAN);
        int count = Math.min(Math.max(writtenBytes, 0), bytes.capacity()) / ExtentRecord.BYTES;
        long rest = lengthBytes;
        long joinedBytes = 0;
        int joinedFlags = 0;
        for (int i = 0; i < count && rest > 0; i++) {
            long extentBytes = ExtentRecord.lengthBytes(bytes, i * ExtentRecord.BYTES);
            int flags = stateOf(ExtentRecord.flags(bytes, i * ExtentRecord.BYTES));
            if (extentBytes <= 0) {
                break;
            }
            long partBytes = Math.min(extentBytes, rest);
            if (joinedBytes > 0 && flags != joinedFlags) {
                put(out, joinedBytes, joinedFlags);
                joinedBytes = 0;
            }
            joinedFlags = flags;
            joinedBytes += partBytes;
            rest -= partBytes;
        }
        put(out, joinedBytes > 0 ? joinedBytes : lengthBytes, joinedFlags);
        return out.position();
    }

    private static void put(ByteBuffer out, long lengthBytes, int flags) {
        out.putInt((int) lengthBytes).putInt(flags);
    }

    private static int stateOf(int extentFlags) {
        int state = (extentFlags & ExtentRecord.FLAG_HOLE) != 0 ? NbdProtocol.STATE_HOLE : 0;
        return (extentFlags & ExtentRecord.FLAG_ZERO) != 0 ? state | NbdProtocol.STATE_ZERO : state;
    }
}
