package io.chainring.gateway.nbd.transmission;

import io.chainring.ring.frontend.Payload;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledDirectByteBuf;
import java.nio.ByteBuffer;

/**
 * One segment of a payload on its way to the socket: ring memory itself, no copy. The payload goes back to its pool
 * when the last of its segments has been sent, or thrown away with the connection.
 */
final class RingBytes extends UnpooledDirectByteBuf {
    private final Lease lease;

    private RingBytes(ByteBufAllocator alloc, ByteBuffer bytes, Lease lease) {
        super(alloc, bytes, bytes.remaining());
        this.lease = lease;
    }

    /** The segments of a payload; they share the lease that ends with the last of them. */
    static RingBytes[] of(ByteBufAllocator alloc, Payload payload, Runnable onRelease) {
        RingBytes[] all = new RingBytes[payload.segmentCount()];
        Lease lease = new Lease(payload, all.length, onRelease);
        for (int i = 0; i < all.length; i++) {
            all[i] = new RingBytes(alloc, payload.segment(i).duplicate().clear(), lease);
        }
        return all;
    }

    /** The first bytes of a payload, which lie in its first segment. */
    static RingBytes startOf(
            ByteBufAllocator alloc, Payload payload, int lengthBytes, Runnable onRelease) {
        ByteBuffer bytes = payload.segment(0).duplicate().clear().limit(lengthBytes);
        return new RingBytes(alloc, bytes, new Lease(payload, 1, onRelease));
    }

    @Override
    protected void deallocate() {
        super.deallocate();
        lease.segmentSent();
    }

    private static final class Lease {
        private final Payload payload;
        private final Runnable onRelease;
        private int segments;

        Lease(Payload payload, int segments, Runnable onRelease) {
            this.payload = payload;
            this.segments = segments;
            this.onRelease = onRelease;
        }

        void segmentSent() {
            if (--segments == 0) {
                payload.release();
                onRelease.run();
            }
        }
    }
}
