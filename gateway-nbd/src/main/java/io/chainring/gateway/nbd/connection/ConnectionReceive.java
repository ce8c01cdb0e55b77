package io.chainring.gateway.nbd.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says into which memory the socket of one connection is read: a small buffer of its own during the handshake, later
 * whatever the connection points to, which may be ring memory. A turn ends when a read did not fill its buffer, when
 * reading was switched off, or after {@value #MAX_READS_PER_TURN} reads, so that one client cannot keep the loop.
 */
final class ConnectionReceive implements RecvByteBufAllocator {
    private static final int MAX_READS_PER_TURN = 16;
    private static final int HANDSHAKE_BUFFER_BYTES = 2048;

    /** Gives the buffer for the next read; its writable part is filled. */
    interface Source {
        ByteBuf next(ByteBufAllocator alloc);
    }

    private @Nullable Source source;

    /** From now on, reads go where that source says. */
    void redirect(@Nullable Source source) {
        this.source = source;
    }

    @Override
    @SuppressWarnings("deprecation")
    public Handle newHandle() {
        return new TurnHandle();
    }

    @SuppressWarnings("deprecation")
    private final class TurnHandle implements ExtendedHandle {
        private @Nullable ChannelConfig config;
        private int reads;
        private int attemptedBytes;
        private int lastBytes;

        @Override
        public ByteBuf allocate(ByteBufAllocator alloc) {
            Source present = source;
            return present == null ? alloc.ioBuffer(HANDSHAKE_BUFFER_BYTES) : present.next(alloc);
        }

        @Override
        public int guess() {
            return HANDSHAKE_BUFFER_BYTES;
        }

        @Override
        public void reset(ChannelConfig config) {
            this.config = config;
            reads = 0;
        }

        @Override
        public void incMessagesRead(int count) {
            reads += count;
        }

        @Override
        public void lastBytesRead(int bytes) {
            lastBytes = bytes;
        }

        @Override
        public int lastBytesRead() {
            return lastBytes;
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            attemptedBytes = bytes;
        }

        @Override
        public int attemptedBytesRead() {
            return attemptedBytes;
        }

        @Override
        public boolean continueReading() {
            return mayContinue() && lastBytes == attemptedBytes;
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMoreData) {
            return mayContinue() && maybeMoreData.get();
        }

        private boolean mayContinue() {
            ChannelConfig present = config;
            return present != null
                    && present.isAutoRead()
                    && reads < MAX_READS_PER_TURN
                    && lastBytes > 0;
        }

        @Override
        public void readComplete() {}
    }
}
