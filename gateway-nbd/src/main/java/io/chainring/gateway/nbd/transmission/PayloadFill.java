package io.chainring.gateway.nbd.transmission;

import io.chainring.ring.frontend.Payload;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/** The payload of the WRITE that is just being received: ring memory, filled from the front. */
final class PayloadFill {
    private final Payload payload;
    private int segment;
    private int missingBytes;

    PayloadFill(Payload payload) {
        this.payload = payload;
        this.missingBytes = payload.lengthBytes();
    }

    Payload payload() {
        return payload;
    }

    boolean complete() {
        return missingBytes == 0;
    }

    /** Copies what is there, at most what is missing. */
    void copyFrom(ByteBuf in) {
        while (missingBytes > 0 && in.isReadable()) {
            ByteBuffer target = current();
            int lengthBytes = Math.min(target.remaining(), in.readableBytes());
            int end = target.limit();
            target.limit(target.position() + lengthBytes);
            in.readBytes(target);
            target.limit(end);
            missingBytes -= lengthBytes;
        }
    }

    /** The free rest of the present segment as an empty buffer over the ring's memory itself, to receive into. */
    ByteBuf target() {
        return Unpooled.wrappedBuffer(current().slice()).clear();
    }

    /** That many bytes were received into {@link #target}. */
    void received(int lengthBytes) {
        ByteBuffer target = current();
        target.position(target.position() + lengthBytes);
        missingBytes -= lengthBytes;
    }

    private ByteBuffer current() {
        ByteBuffer target = payload.segment(segment);
        while (!target.hasRemaining()) {
            target = payload.segment(++segment);
        }
        return target;
    }
}
