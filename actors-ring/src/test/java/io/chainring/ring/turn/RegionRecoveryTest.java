package io.chainring.ring.turn;

import io.chainring.ring.record.RecoveryArrays;
import io.chainring.ring.request.Operation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The same recovery with the arrays in one flat region, as memory that two processes share would hold them. */
class RegionRecoveryTest extends RecoveryArraysContract {
    @Override
    RecoveryArrays keep(RecoveryArrays journaled) {
        return new Region(journaled);
    }

    /** Element n: { u64 sequence, u64 offset, u64 length, u32 generation, u32 written, u32 flags, u8 operation, u8 status, u8 completed }. */
    private static final class Region implements RecoveryArrays {
        private static final int ELEMENT_BYTES = 48;

        private final ByteBuffer region;
        private final long ringId;

        Region(RecoveryArrays from) {
            ringId = from.ringId();
            region =
                    ByteBuffer.allocateDirect(from.size() * ELEMENT_BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN);
            for (int head = 0; head < from.size(); head++) {
                int at = head * ELEMENT_BYTES;
                region.putLong(at, from.beginSequence(head));
                region.putInt(at + 24, from.generation(head));
                region.putInt(at + 28, from.writtenBytes(head));
                region.put(at + 37, from.status(head));
                region.put(at + 38, (byte) (from.isCompleted(head) ? 1 : 0));
                if (from.isMarked(head)) {
                    region.putLong(at + 8, from.offsetBytes(head));
                    region.putLong(at + 16, from.lengthBytes(head));
                    region.putInt(at + 32, from.flags(head));
                    region.put(at + 36, (byte) from.operation(head).ordinal());
                }
            }
        }

        private static int at(int head) {
            return head * ELEMENT_BYTES;
        }

        @Override
        public long ringId() {
            return ringId;
        }

        @Override
        public int size() {
            return region.capacity() / ELEMENT_BYTES;
        }

        @Override
        public long beginSequence(int head) {
            return region.getLong(at(head));
        }

        @Override
        public int marked() {
            int marked = 0;
            for (int head = 0; head < size(); head++) {
                marked += isMarked(head) ? 1 : 0;
            }
            return marked;
        }

        @Override
        public boolean isCompleted(int head) {
            return region.get(at(head) + 38) != 0;
        }

        @Override
        public int generation(int head) {
            return region.getInt(at(head) + 24);
        }

        @Override
        public byte status(int head) {
            return region.get(at(head) + 37);
        }

        @Override
        public int writtenBytes(int head) {
            return region.getInt(at(head) + 28);
        }

        @Override
        public Operation operation(int head) {
            return Operation.values()[region.get(at(head) + 36)];
        }

        @Override
        public long offsetBytes(int head) {
            return region.getLong(at(head) + 8);
        }

        @Override
        public long lengthBytes(int head) {
            return region.getLong(at(head) + 16);
        }

        @Override
        public int flags(int head) {
            return region.getInt(at(head) + 32);
        }

        @Override
        public int attempts(int head, int generation) {
            return 0;
        }
    }
}
