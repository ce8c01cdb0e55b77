package io.chainring.ring.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Little-endian fields of a direct buffer, whatever the buffer's own byte order (virtio 1.2, section
 * 1.4: all ring fields are little-endian).
 *
 * <p>Offsets are in bytes from the buffer's start, independent of its position; an access beyond the
 * limit throws {@link IndexOutOfBoundsException}. Plain accesses may be unaligned; those with an
 * ordering (acquire, release, volatile) need a field at a multiple of its size and otherwise throw
 * {@link IllegalStateException}. Callers check both before they trust an offset from the other side.
 */
public final class RingFields {
    private static final VarHandle U16 =
            MethodHandles.byteBufferViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U32 =
            MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle U64 =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private RingFields() {}

    /** Reads an unsigned 16-bit field, plain. */
    public static int getU16(ByteBuffer bytes, int offsetBytes) {
        return (short) U16.get(bytes, offsetBytes) & 0xFFFF;
    }

    /** Writes the low 16 bits of {@code value}, plain. */
    public static void setU16(ByteBuffer bytes, int offsetBytes, int value) {
        U16.set(bytes, offsetBytes, (short) value);
    }

    /** Reads an unsigned 32-bit field, plain. */
    public static long getU32(ByteBuffer bytes, int offsetBytes) {
        return (int) U32.get(bytes, offsetBytes) & 0xFFFF_FFFFL;
    }

    /** Writes the low 32 bits of {@code value}, plain. */
    public static void setU32(ByteBuffer bytes, int offsetBytes, long value) {
        U32.set(bytes, offsetBytes, (int) value);
    }

    /** Reads a 64-bit field, plain; the caller treats it as unsigned. */
    public static long getU64(ByteBuffer bytes, int offsetBytes) {
        return (long) U64.get(bytes, offsetBytes);
    }

    /** Writes a 64-bit field, plain. */
    public static void setU64(ByteBuffer bytes, int offsetBytes, long value) {
        U64.set(bytes, offsetBytes, value);
    }

    /** Reads an unsigned 16-bit field; no later access of this thread moves before it. */
    public static int get16Acquire(ByteBuffer bytes, int offsetBytes) {
        return (short) U16.getAcquire(bytes, offsetBytes) & 0xFFFF;
    }

    /** Writes 16 bits; no earlier access of this thread moves behind it. */
    public static void set16Release(ByteBuffer bytes, int offsetBytes, int value) {
        U16.setRelease(bytes, offsetBytes, (short) value);
    }

    /** Reads an unsigned 16-bit field in the one order of all volatile accesses. */
    public static int get16Volatile(ByteBuffer bytes, int offsetBytes) {
        return (short) U16.getVolatile(bytes, offsetBytes) & 0xFFFF;
    }

    /** Writes 16 bits in the one order of all volatile accesses (a store-load fence follows it). */
    public static void set16Volatile(ByteBuffer bytes, int offsetBytes, int value) {
        U16.setVolatile(bytes, offsetBytes, (short) value);
    }
}
