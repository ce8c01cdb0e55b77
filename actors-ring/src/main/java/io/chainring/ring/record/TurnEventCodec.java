package io.chainring.ring.record;

import io.chainring.ring.request.Operation;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link TurnEvent} as bytes, version 1, little-endian. Sizes in bytes; counts are numbers of elements.
 *
 * <pre>
 *  0 u8  version = 1
 *  1 u8  flags: bit 0 = begins the epoch
 *  2 u16 0
 *  4 u32 CRC-32C of the whole record, taken with this field 0
 *  8 u64 epoch
 * 16 u64 first begin sequence
 * 24 u16 attempts | 26 u16 completed | 28 u16 detached | 30 u16 attached | 32 u16 begun | 34 u16 0 | 36 u32 0
 * 40 attempts  x  8 {u16 slot, u16 head, u32 generation}
 *    completed x 16 {u16 slot, u16 head, u32 generation, u8 status, u8 0, u16 0, u32 written bytes}
 *    detached  x 16 {u16 slot, u16 0, u32 abandoned chains, u64 ring id}
 *    attached  x 16 {u16 slot, u16 0, u32 size in descriptors, u64 ring id}
 *    begun     x 32 {u16 slot, u16 head, u32 generation, u32 operation (virtio-blk type), u32 flags,
 *                    u64 offset in bytes, u64 length in bytes}
 * </pre>
 */
final class TurnEventCodec {
    static final byte VERSION = 1;
    private static final int HEADER_BYTES = 40;
    private static final int CRC_OFFSET = 4;
    private static final int BEGINS_EPOCH = 1;
    private static final int COUNT_LIMIT = 0xFFFF;

    private TurnEventCodec() {}

    static byte[] encode(TurnEvent event) {
        int length =
                HEADER_BYTES
                        + count("attempts", event.attempts()) * 8
                        + count("completed", event.completed()) * 16
                        + count("detached", event.detached()) * 16
                        + count("attached", event.attached()) * 16
                        + count("begun", event.begun()) * 32;
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(VERSION).put((byte) (event.beginsEpoch() ? BEGINS_EPOCH : 0)).putShort((short) 0);
        out.putInt(0).putLong(event.epoch()).putLong(event.firstSequence());
        out.putShort((short) event.attempts().size());
        out.putShort((short) event.completed().size());
        out.putShort((short) event.detached().size());
        out.putShort((short) event.attached().size());
        out.putShort((short) event.begun().size());
        out.putShort((short) 0).putInt(0);
        for (TurnEvent.Attempt a : event.attempts()) {
            putChain(out, a.slot(), a.head(), a.generation());
        }
        for (TurnEvent.Completed c : event.completed()) {
            putChain(out, c.slot(), c.head(), c.generation());
            out.put(c.status()).put((byte) 0).putShort((short) 0).putInt(c.writtenBytes());
        }
        for (TurnEvent.Detached d : event.detached()) {
            putRing(out, d.slot(), d.abandonedChains(), d.ringId());
        }
        for (TurnEvent.Attached a : event.attached()) {
            putRing(out, a.slot(), a.sizeDescriptors(), a.ringId());
        }
        for (TurnEvent.Begun b : event.begun()) {
            putChain(out, b.slot(), b.head(), b.generation());
            out.putInt(b.operation().wireType()).putInt(b.flags());
            out.putLong(b.offsetBytes()).putLong(b.lengthBytes());
        }
        return RecordChecks.seal(out.array(), CRC_OFFSET);
    }

    /**
     * @throws CorruptRecordException when the bytes are not a record of a version that this program knows
     */
    static TurnEvent decode(byte[] bytes) {
        ByteBuffer in = RecordChecks.open("turn record", bytes, HEADER_BYTES, CRC_OFFSET, VERSION);
        int flags = in.get(1);
        if ((flags & ~BEGINS_EPOCH) != 0) {
            throw new CorruptRecordException(
                    "turn record with unknown flags 0x" + Integer.toHexString(flags));
        }
        long epoch = in.getLong(8);
        long firstSequence = in.getLong(16);
        int attempts = u16(in, 24);
        int completed = u16(in, 26);
        int detached = u16(in, 28);
        int attached = u16(in, 30);
        int begun = u16(in, 32);
        long expected =
                HEADER_BYTES
                        + attempts * 8L
                        + (completed + detached + attached) * 16L
                        + begun * 32L;
        if (expected != bytes.length) {
            throw new CorruptRecordException(
                    "turn record of " + bytes.length + " bytes whose counts ask for " + expected);
        }
        in.position(HEADER_BYTES);
        List<TurnEvent.Attempt> attemptList = new ArrayList<>(attempts);
        for (int i = 0; i < attempts; i++) {
            attemptList.add(new TurnEvent.Attempt(u16(in), u16(in), in.getInt()));
        }
        List<TurnEvent.Completed> completedList = new ArrayList<>(completed);
        for (int i = 0; i < completed; i++) {
            completedList.add(decodeCompleted(in));
        }
        List<TurnEvent.Detached> detachedList = new ArrayList<>(detached);
        for (int i = 0; i < detached; i++) {
            int slot = slotOfRing(in);
            int abandoned = in.getInt();
            detachedList.add(new TurnEvent.Detached(slot, in.getLong(), abandoned));
        }
        List<TurnEvent.Attached> attachedList = new ArrayList<>(attached);
        for (int i = 0; i < attached; i++) {
            int slot = slotOfRing(in);
            int size = in.getInt();
            attachedList.add(new TurnEvent.Attached(slot, in.getLong(), size));
        }
        List<TurnEvent.Begun> begunList = new ArrayList<>(begun);
        for (int i = 0; i < begun; i++) {
            begunList.add(decodeBegun(in));
        }
        return new TurnEvent(
                epoch,
                (flags & BEGINS_EPOCH) != 0,
                attemptList,
                completedList,
                detachedList,
                attachedList,
                firstSequence,
                begunList);
    }

    private static TurnEvent.Completed decodeCompleted(ByteBuffer in) {
        int slot = u16(in);
        int head = u16(in);
        int generation = in.getInt();
        byte status = in.get();
        in.get();
        in.getShort();
        return new TurnEvent.Completed(slot, head, generation, status, in.getInt());
    }

    private static TurnEvent.Begun decodeBegun(ByteBuffer in) {
        int slot = u16(in);
        int head = u16(in);
        int generation = in.getInt();
        int type = in.getInt();
        Operation operation = Operation.ofWireType(type);
        if (operation == null) {
            throw new CorruptRecordException(
                    "turn record with unknown operation " + Integer.toUnsignedString(type));
        }
        int flags = in.getInt();
        long offset = in.getLong();
        long length = in.getLong();
        if (offset < 0 || length < 0 || offset + length < 0) {
            throw new CorruptRecordException("turn record with range " + offset + "+" + length);
        }
        return new TurnEvent.Begun(slot, head, generation, operation, flags, offset, length);
    }

    private static int count(String what, List<?> list) {
        if (list.size() > COUNT_LIMIT) {
            throw new IllegalArgumentException(
                    list.size() + " " + what + " in one turn record: at most " + COUNT_LIMIT);
        }
        return list.size();
    }

    private static void putChain(ByteBuffer out, int slot, int head, int generation) {
        out.putShort((short) slot).putShort((short) head).putInt(generation);
    }

    private static void putRing(ByteBuffer out, int slot, int number, long ringId) {
        out.putShort((short) slot).putShort((short) 0).putInt(number).putLong(ringId);
    }

    private static int slotOfRing(ByteBuffer in) {
        int slot = u16(in);
        in.getShort();
        return slot;
    }

    private static int u16(ByteBuffer in) {
        return Short.toUnsignedInt(in.getShort());
    }

    private static int u16(ByteBuffer in, int index) {
        return Short.toUnsignedInt(in.getShort(index));
    }
}
