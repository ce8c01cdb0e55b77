package io.chainring.host;

import java.nio.ByteBuffer;

/** Fills a chain's buffers one after the other, without moving their positions. */
final class Scatter {
    private final ByteBuffer[] buffers;
    private int index;
    private int usedOfBuffer;

    Scatter(ByteBuffer[] buffers) {
        this.buffers = buffers;
    }

    /** Puts the first bytes of an array, as many as there is room for, and returns how many. */
    int put(byte[] bytes, int lengthBytes) {
        int put = 0;
        while (put < lengthBytes && index < buffers.length) {
            ByteBuffer buffer = buffers[index];
            int length = Math.min(buffer.remaining() - usedOfBuffer, lengthBytes - put);
            buffer.put(buffer.position() + usedOfBuffer, bytes, put, length);
            put += length;
            usedOfBuffer += length;
            if (usedOfBuffer == buffer.remaining()) {
                index++;
                usedOfBuffer = 0;
            }
        }
        return put;
    }
}
