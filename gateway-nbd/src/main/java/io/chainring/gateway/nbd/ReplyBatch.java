package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.Payload;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The replies of one turn, in order: headers collected in one buffer, payload straight from ring memory between them.
 * Everything leaves with one flush.
 *
 * <pre>
 * simple reply       | u32 0x67446698 | u32 error | u64 cookie | data of a READ |
 * structured chunk   | u32 0x668e33ef | u16 flags | u16 type | u64 cookie | u32 length | payload |
 * </pre>
 */
final class ReplyBatch {
    private static final int HEADERS_BYTES = 4096;
    private static final int LARGEST_HEADER_BYTES = 256;

    private final ByteBufAllocator alloc;
    private final Consumer<ByteBuf> out;
    private final Runnable onRelease;
    private @Nullable ByteBuf headers;
    private int replies;

    /**
     * @param out takes pieces in the order of the wire and releases each when it is sent
     * @param onRelease told when a payload has gone back to its pool
     */
    ReplyBatch(ByteBufAllocator alloc, Consumer<ByteBuf> out, Runnable onRelease) {
        this.alloc = alloc;
        this.out = out;
        this.onRelease = onRelease;
    }

    /** Replies since the last {@link #finish}. */
    int replies() {
        return replies;
    }

    /** A reply without data. */
    void simple(int error, long cookie) {
        simpleHeader(error, cookie);
        replies++;
    }

    /** A successful READ, simple form. */
    void simpleData(long cookie, Payload payload) {
        simpleHeader(NbdErrors.OK, cookie);
        data(payload);
        replies++;
    }

    private void simpleHeader(int error, long cookie) {
        ByteBuf buffer = room();
        buffer.writeInt(NbdProtocol.SIMPLE_REPLY_MAGIC);
        buffer.writeInt(error);
        buffer.writeLong(cookie);
    }

    /** A successful READ as its only chunk. */
    void chunkOfData(long cookie, long offsetBytes, Payload payload) {
        chunkHeader(NbdProtocol.REPLY_TYPE_OFFSET_DATA, cookie, Long.BYTES + payload.lengthBytes())
                .writeLong(offsetBytes);
        data(payload);
        replies++;
    }

    /** A failure as its only chunk. */
    void chunkOfError(int error, long cookie) {
        byte[] text = NbdErrors.text(error).getBytes(StandardCharsets.US_ASCII);
        ByteBuf buffer = chunkHeader(NbdProtocol.REPLY_TYPE_ERROR, cookie, 6 + text.length);
        buffer.writeInt(error);
        buffer.writeShort(text.length);
        buffer.writeBytes(text);
        replies++;
    }

    /** A failure that is known to begin at an offset inside the request's range. */
    void chunkOfErrorAt(int error, long cookie, long offsetBytes) {
        byte[] text = NbdErrors.text(error).getBytes(StandardCharsets.US_ASCII);
        ByteBuf buffer = chunkHeader(NbdProtocol.REPLY_TYPE_ERROR_OFFSET, cookie, 14 + text.length);
        buffer.writeInt(error);
        buffer.writeShort(text.length);
        buffer.writeBytes(text);
        buffer.writeLong(offsetBytes);
        replies++;
    }

    /**
     * A BLOCK_STATUS answer for base:allocation.
     *
     * @param descriptors pairs of u32 length and u32 flags; taken over
     */
    void chunkOfBlockStatus(long cookie, ByteBuf descriptors) {
        chunkHeader(
                        NbdProtocol.REPLY_TYPE_BLOCK_STATUS,
                        cookie,
                        Integer.BYTES + descriptors.readableBytes())
                .writeInt(NbdProtocol.BASE_ALLOCATION_ID);
        passHeaders();
        out.accept(descriptors);
        replies++;
    }

    private ByteBuf chunkHeader(int type, long cookie, int lengthBytes) {
        ByteBuf buffer = room();
        buffer.writeInt(NbdProtocol.STRUCTURED_REPLY_MAGIC);
        buffer.writeShort(NbdProtocol.REPLY_FLAG_DONE);
        buffer.writeShort(type);
        buffer.writeLong(cookie);
        buffer.writeInt(lengthBytes);
        return buffer;
    }

    private void data(Payload payload) {
        passHeaders();
        for (RingBytes segment : RingBytes.of(alloc, payload, onRelease)) {
            out.accept(segment);
        }
    }

    /** The headers' buffer with room for one more. */
    private ByteBuf room() {
        ByteBuf buffer = headers;
        if (buffer != null && buffer.writableBytes() < LARGEST_HEADER_BYTES) {
            passHeaders();
            buffer.release();
            buffer = null;
        }
        if (buffer == null) {
            buffer = alloc.directBuffer(HEADERS_BYTES, HEADERS_BYTES);
            headers = buffer;
        }
        return buffer;
    }

    private void passHeaders() {
        ByteBuf buffer = headers;
        if (buffer != null && buffer.isReadable()) {
            out.accept(buffer.readRetainedSlice(buffer.readableBytes()));
        }
    }

    /** Passes on what is left and returns the number of replies since the last call. */
    int finish() {
        passHeaders();
        ByteBuf buffer = headers;
        if (buffer != null) {
            buffer.release();
            headers = null;
        }
        int count = replies;
        replies = 0;
        return count;
    }
}
