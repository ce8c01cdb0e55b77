package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Collects one request header at a time from whatever pieces arrive.
 *
 * <pre>
 * | u32 0x25609513 | u16 flags | u16 type | u64 cookie | u64 offset | u32 length |
 * </pre>
 */
final class RequestHeaderReader {
    private final ByteBuf staged =
            Unpooled.buffer(NbdProtocol.REQUEST_BYTES, NbdProtocol.REQUEST_BYTES);
    private int magic;
    private int flags;
    private int type;
    private long cookie;
    private long offsetBytes;
    private long lengthBytes;

    /** True when a header is complete; false when more input is needed and all of this one is consumed. */
    boolean read(ByteBuf in) {
        if (!staged.isReadable() && in.readableBytes() >= NbdProtocol.REQUEST_BYTES) {
            parse(in);
            return true;
        }
        staged.writeBytes(in, Math.min(staged.writableBytes(), in.readableBytes()));
        if (staged.isWritable()) {
            return false;
        }
        parse(staged);
        staged.clear();
        return true;
    }

    private void parse(ByteBuf from) {
        magic = from.readInt();
        flags = from.readUnsignedShort();
        type = from.readUnsignedShort();
        cookie = from.readLong();
        offsetBytes = from.readLong();
        lengthBytes = from.readUnsignedInt();
    }

    boolean hasMagic() {
        return magic == NbdProtocol.REQUEST_MAGIC;
    }

    int flags() {
        return flags;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    int type() {
        return type;
    }

    /** The client's mark of the request, sent back with the reply. */
    long cookie() {
        return cookie;
    }

    /** As sent: an offset of 2^63 and more is negative. */
    long offsetBytes() {
        return offsetBytes;
    }

    /** 0 to 2^32 - 1. */
    long lengthBytes() {
        return lengthBytes;
    }
}
