package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdErrors;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
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
    /** Small first: a peer that does not read keeps one of them for each turn. */
    private static final int FIRST_HEADERS_BYTES = 128;

    private static final int HEADERS_BYTES = 4096;
    private static final int LARGEST_HEADER_BYTES = 96;

    private final ByteBufAllocator alloc;
    private final Consumer<ByteBuf> out;
    private final Runnable onRelease;
    private @Nullable ByteBuf headers;
    private int headersBytes = FIRST_HEADERS_BYTES;
    private boolean wrote;
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

    /** A successful READ, simple form, its data in pieces. */
    void simpleData(long cookie, List<BlockRequest> pieces) {
        simpleHeader(NbdErrors.OK, cookie);
        pieces.forEach(piece -> data(payloadOf(piece)));
        replies++;
    }

    /** A successful READ as its only chunk, its data in pieces. */
    void chunkOfData(long cookie, long offsetBytes, int lengthBytes, List<BlockRequest> pieces) {
        chunkHeader(NbdProtocol.REPLY_TYPE_OFFSET_DATA, cookie, Long.BYTES + lengthBytes)
                .writeLong(offsetBytes);
        pieces.forEach(piece -> data(payloadOf(piece)));
        replies++;
    }

    /** The beginning of a successful READ whose data follows piece by piece, simple form. */
    void beginSimple(long cookie) {
        simpleHeader(NbdErrors.OK, cookie);
    }

    /**
     * The beginning of a chunk of a READ, whose data follows.
     *
     * @param last whether it is the last chunk of its reply
     */
    void beginChunk(long cookie, long offsetBytes, int lengthBytes, boolean last) {
        chunkHeader(
                        last ? NbdProtocol.REPLY_FLAG_DONE : 0,
                        NbdProtocol.REPLY_TYPE_OFFSET_DATA,
                        cookie,
                        Long.BYTES + lengthBytes)
                .writeLong(offsetBytes);
    }

    /** Data that belongs behind what was begun. */
    void more(BlockRequest piece) {
        data(payloadOf(piece));
    }

    /** What was begun is whole. */
    void end() {
        replies++;
    }

    private static Payload payloadOf(BlockRequest piece) {
        Payload payload = piece.payload();
        if (payload == null) {
            throw new IllegalStateException("a piece of a READ without data");
        }
        return payload;
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
     * @param descriptors begins with pairs of u32 length and u32 flags; taken over
     * @param lengthBytes of these
     */
    void chunkOfBlockStatus(long cookie, Payload descriptors, int lengthBytes) {
        chunkHeader(NbdProtocol.REPLY_TYPE_BLOCK_STATUS, cookie, Integer.BYTES + lengthBytes)
                .writeInt(NbdProtocol.BASE_ALLOCATION_ID);
        passHeaders();
        out.accept(RingBytes.startOf(alloc, descriptors, lengthBytes, onRelease));
        replies++;
    }

    private ByteBuf chunkHeader(int type, long cookie, int lengthBytes) {
        return chunkHeader(NbdProtocol.REPLY_FLAG_DONE, type, cookie, lengthBytes);
    }

    private ByteBuf chunkHeader(int flags, int type, long cookie, int lengthBytes) {
        ByteBuf buffer = room();
        buffer.writeInt(NbdProtocol.STRUCTURED_REPLY_MAGIC);
        buffer.writeShort(flags);
        buffer.writeShort(type);
        buffer.writeLong(cookie);
        buffer.writeInt(lengthBytes);
        return buffer;
    }

    private void data(Payload payload) {
        passHeaders();
        wrote = true;
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
            buffer = alloc.directBuffer(headersBytes, headersBytes);
            headersBytes = HEADERS_BYTES;
            headers = buffer;
        }
        wrote = true;
        return buffer;
    }

    private void passHeaders() {
        ByteBuf buffer = headers;
        if (buffer != null && buffer.isReadable()) {
            out.accept(buffer.readRetainedSlice(buffer.readableBytes()));
        }
    }

    /** True when something was passed on, or waits to be, since the last {@link #finish}. */
    boolean wrote() {
        return wrote;
    }

    /** Passes on what is left and returns the number of replies since the last call. */
    int finish() {
        passHeaders();
        ByteBuf buffer = headers;
        if (buffer != null) {
            buffer.release();
            headers = null;
        }
        headersBytes = FIRST_HEADERS_BYTES;
        wrote = false;
        int count = replies;
        replies = 0;
        return count;
    }
}
