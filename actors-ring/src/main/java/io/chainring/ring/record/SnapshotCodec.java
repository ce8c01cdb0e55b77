package io.chainring.ring.record;

import io.chainring.ring.request.Operation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link BackendState} as bytes, version 1, little-endian: what the arrays hold, heads that were never used left out.
 *
 * <pre>
 *  0 u8  version = 1 | 1 u8 0 | 2 u16 rings
 *  4 u32 CRC-32C of the whole snapshot, taken with this field 0
 *  8 u64 epoch
 * 16 u64 next begin sequence
 * 24 rings x {u16 slot, u16 0, u32 size in descriptors, u64 ring id, u32 heads, u32 0,
 *             heads x 56 {u16 head, u8 kind: 1 = marked, 2 = completed, 3 = neither, u8 status, u32 generation,
 *                         u32 written bytes, u32 attempts, u32 generation of the attempts, u32 0,
 *                         u64 begin sequence, u32 operation, u32 flags, u64 offset in bytes, u64 length in bytes}}
 * </pre>
 *
 * Heads ascend. Begin sequence, operation, flags and range are 0 unless the head is marked. Attempts may belong to the
 * generation after the head's: of a chain that has killed its backend before it was marked.
 */
final class SnapshotCodec {
    static final byte VERSION = 1;
    private static final int HEADER_BYTES = 24;
    private static final int RING_BYTES = 24;
    private static final int HEAD_BYTES = 56;
    private static final int CRC_OFFSET = 4;
    private static final byte MARKED = 1;
    private static final byte COMPLETED = 2;
    private static final byte USED_BEFORE = 3;

    private SnapshotCodec() {}

    static byte[] encode(BackendState state) {
        List<Integer> rings = new ArrayList<>();
        int length = HEADER_BYTES;
        for (int slot = 0; slot < state.slotCount(); slot++) {
            JournaledArrays arrays = state.arrays(slot);
            if (arrays != null) {
                rings.add(slot);
                length += RING_BYTES + usedHeads(arrays) * HEAD_BYTES;
            }
        }
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(VERSION).put((byte) 0).putShort((short) rings.size()).putInt(0);
        out.putLong(state.epoch()).putLong(state.nextSequence());
        for (int slot : rings) {
            JournaledArrays arrays = state.arrays(slot);
            if (arrays != null) {
                encodeRing(out, slot, arrays);
            }
        }
        return RecordChecks.seal(out.array(), CRC_OFFSET);
    }

    private static int usedHeads(JournaledArrays arrays) {
        int used = 0;
        for (int head = 0; head < arrays.size(); head++) {
            used += isUsed(arrays, head) ? 1 : 0;
        }
        return used;
    }

    private static boolean isUsed(JournaledArrays arrays, int head) {
        return arrays.generation(head) != 0
                || arrays.isCompleted(head)
                || arrays.lastAttempts(head) != 0;
    }

    private static void encodeRing(ByteBuffer out, int slot, JournaledArrays arrays) {
        out.putShort((short) slot)
                .putShort((short) 0)
                .putInt(arrays.size())
                .putLong(arrays.ringId());
        out.putInt(usedHeads(arrays)).putInt(0);
        for (int head = 0; head < arrays.size(); head++) {
            if (isUsed(arrays, head)) {
                encodeHead(out, arrays, head);
            }
        }
    }

    private static void encodeHead(ByteBuffer out, JournaledArrays arrays, int head) {
        boolean marked = arrays.isMarked(head);
        byte kind = marked ? MARKED : arrays.isCompleted(head) ? COMPLETED : USED_BEFORE;
        out.putShort((short) head).put(kind).put(arrays.status(head));
        out.putInt(arrays.generation(head)).putInt(arrays.writtenBytes(head));
        out.putInt(arrays.lastAttempts(head)).putInt(arrays.attemptGeneration(head)).putInt(0);
        out.putLong(arrays.beginSequence(head));
        out.putInt(marked ? arrays.operation(head).wireType() : 0);
        out.putInt(marked ? arrays.flags(head) : 0);
        out.putLong(marked ? arrays.offsetBytes(head) : 0);
        out.putLong(marked ? arrays.lengthBytes(head) : 0);
    }

    /**
     * @throws CorruptRecordException when the bytes are not a snapshot of a version that this program knows
     */
    static BackendState decode(byte[] bytes) {
        ByteBuffer in = RecordChecks.open("snapshot", bytes, HEADER_BYTES, CRC_OFFSET, VERSION);
        BackendState state = new BackendState();
        int rings = Short.toUnsignedInt(in.getShort(2));
        long epoch = in.getLong(8);
        long nextSequence = in.getLong(16);
        if (epoch < 0 || nextSequence <= StateArray.INITIAL) {
            throw new CorruptRecordException(
                    "snapshot of epoch " + epoch + " with begin sequence " + nextSequence);
        }
        state.restore(epoch, nextSequence);
        in.position(HEADER_BYTES);
        try {
            for (int i = 0; i < rings; i++) {
                decodeRing(in, state);
            }
        } catch (IllegalTransitionException e) {
            throw new CorruptRecordException("snapshot that contradicts itself: " + e.getMessage());
        }
        if (in.hasRemaining()) {
            throw new CorruptRecordException("snapshot with " + in.remaining() + " bytes too many");
        }
        return state;
    }

    private static void decodeRing(ByteBuffer in, BackendState state) {
        need(in, RING_BYTES);
        int slot = Short.toUnsignedInt(in.getShort());
        in.getShort();
        int size = in.getInt();
        long ringId = in.getLong();
        int heads = in.getInt();
        in.getInt();
        if (heads < 0 || heads > size) {
            throw new CorruptRecordException(
                    "snapshot with " + heads + " heads in a ring of " + size);
        }
        JournaledArrays arrays = state.attach(slot, ringId, size);
        int last = -1;
        for (int i = 0; i < heads; i++) {
            int head = decodeHead(in, arrays, state.nextSequence());
            if (head <= last) {
                throw new CorruptRecordException(
                        "snapshot with head " + head + " behind head " + last);
            }
            last = head;
        }
    }

    private static int decodeHead(ByteBuffer in, JournaledArrays arrays, long nextSequence) {
        need(in, HEAD_BYTES);
        int head = Short.toUnsignedInt(in.getShort());
        byte kind = in.get();
        byte status = in.get();
        int generation = in.getInt();
        int writtenBytes = in.getInt();
        int attempts = in.getInt();
        int attemptGeneration = in.getInt();
        in.getInt();
        long sequence = in.getLong();
        int type = in.getInt();
        int flags = in.getInt();
        long offset = in.getLong();
        long length = in.getLong();
        if (kind < MARKED || kind > USED_BEFORE) {
            throw new CorruptRecordException("snapshot with a head of kind " + kind);
        }
        if (writtenBytes < 0 || attempts < 0 || sequence >= nextSequence) {
            throw new CorruptRecordException(
                    String.format(
                            "snapshot with %s written bytes, %s attempts and begin sequence %s in head "
                                    + "%s",
                            writtenBytes, attempts, sequence, head));
        }
        arrays.restore(head, generation, kind == COMPLETED, status, writtenBytes);
        arrays.restoreAttempts(head, attemptGeneration, attempts);
        if (kind == MARKED) {
            Operation operation = Operation.ofWireType(type);
            if (operation == null || offset < 0 || length < 0 || offset + length < 0) {
                throw new CorruptRecordException(
                        "snapshot with operation %s on range %s+%s"
                                .formatted(Integer.toUnsignedString(type), offset, length));
            }
            arrays.restoreMark(head, generation, sequence, operation, flags, offset, length);
        }
        return head;
    }

    private static void need(ByteBuffer in, int bytes) {
        if (in.remaining() < bytes) {
            throw new CorruptRecordException("snapshot that ends in the middle of a ring");
        }
    }
}
