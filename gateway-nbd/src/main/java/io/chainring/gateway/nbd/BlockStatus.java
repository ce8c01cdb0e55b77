package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.ExtentRecord;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.ByteBuffer;

/** Turns the extents that the ring reports into the descriptors of a BLOCK_STATUS reply. */
final class BlockStatus {
    private BlockStatus() {}

    /**
     * Descriptors for the start of the asked range: at least one, none beyond its end, neighbours of one kind joined.
     * A record that makes no sense ends them, and where nothing is known the range counts as allocated data, as the
     * specification allows.
     *
     * @param records filled by {@code Operation.EXTENTS}
     * @param writtenBytes how far it is filled
     * @param lengthBytes length of the asked range
     */
    static ByteBuf descriptors(
            ByteBufAllocator alloc, Payload records, int writtenBytes, long lengthBytes) {
        ByteBuffer bytes = records.segment(0);
        int count = Math.min(Math.max(writtenBytes, 0), bytes.capacity()) / ExtentRecord.BYTES;
        ByteBuf out = alloc.directBuffer(Long.BYTES * Math.max(count, 1));
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
                describe(out, joinedBytes, joinedFlags);
                joinedBytes = 0;
            }
            joinedFlags = flags;
            joinedBytes += partBytes;
            rest -= partBytes;
        }
        describe(out, joinedBytes > 0 ? joinedBytes : lengthBytes, joinedFlags);
        return out;
    }

    /** One descriptor that calls the whole range data: the answer for disks that cannot tell. */
    static ByteBuf unknown(ByteBufAllocator alloc, long lengthBytes) {
        ByteBuf out = alloc.directBuffer(Long.BYTES);
        describe(out, lengthBytes, 0);
        return out;
    }

    private static void describe(ByteBuf out, long lengthBytes, int flags) {
        out.writeInt((int) lengthBytes);
        out.writeInt(flags);
    }

    private static int stateOf(int extentFlags) {
        int state = (extentFlags & ExtentRecord.FLAG_HOLE) != 0 ? NbdProtocol.STATE_HOLE : 0;
        return (extentFlags & ExtentRecord.FLAG_ZERO) != 0 ? state | NbdProtocol.STATE_ZERO : state;
    }
}
