package io.chainring.ring.client;

import java.nio.ByteBuffer;
import java.util.List;

/** The remaining bytes of a caller's buffers, one after the other. Where the buffers stand is remembered, and left as it is. */
final class ByteRun {
    private final ByteBuffer[] buffers;
    private final long lengthBytes;

    private ByteRun(ByteBuffer[] buffers, long lengthBytes) {
        this.buffers = buffers;
        this.lengthBytes = lengthBytes;
    }

    static ByteRun of(List<ByteBuffer> buffers) {
        ByteBuffer[] views = new ByteBuffer[buffers.size()];
        long lengthBytes = 0;
        for (int i = 0; i < views.length; i++) {
            views[i] = buffers.get(i).duplicate();
            lengthBytes += views[i].remaining();
        }
        return new ByteRun(views, lengthBytes);
    }

    /** May be more than a request can have. */
    long lengthBytes() {
        return lengthBytes;
    }

    /** Fills a segment's remaining bytes with those of the run from a place on. */
    void copyTo(int atBytes, ByteBuffer segment) {
        int skip = atBytes;
        for (ByteBuffer buffer : buffers) {
            if (skip < buffer.remaining()) {
                segment.put(part(buffer, skip, segment.remaining()));
                skip = 0;
            } else {
                skip -= buffer.remaining();
            }
        }
    }

    /** Puts a segment's remaining bytes into the run from a place on. */
    void copyFrom(int atBytes, ByteBuffer segment) {
        int skip = atBytes;
        for (ByteBuffer buffer : buffers) {
            if (skip < buffer.remaining()) {
                ByteBuffer room = part(buffer, skip, segment.remaining());
                int length = room.remaining();
                room.put(segment.slice(segment.position(), length));
                segment.position(segment.position() + length);
                skip = 0;
            } else {
                skip -= buffer.remaining();
            }
        }
    }

    private static ByteBuffer part(ByteBuffer buffer, int skip, int mostBytes) {
        return buffer.slice(
                buffer.position() + skip, Math.min(mostBytes, buffer.remaining() - skip));
    }
}
