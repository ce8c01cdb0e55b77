package io.chainring.ring.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A buffer over a part of a region that can be placed again and again without allocation as long as
 * it stays in the same region. The buffer's position and limit are the window's bounds; whoever
 * placed the window owns the buffer until it is placed again.
 */
public final class RegionWindow {
    private static final ByteBuffer NOTHING = ByteBuffer.allocateDirect(0);

    private @Nullable RingRegion region;
    private ByteBuffer view = NOTHING;

    /**
     * Places the window and returns its buffer, little-endian, position at the start, limit at the end.
     *
     * @throws IndexOutOfBoundsException when the part does not lie in the region
     */
    public ByteBuffer place(RingRegion target, int newOffsetBytes, int newLengthBytes) {
        Objects.checkFromIndexSize(newOffsetBytes, newLengthBytes, target.lengthBytes());
        if (region != target) {
            region = target;
            view = target.bytes().duplicate();
        }
        return view.clear()
                .limit(newOffsetBytes + newLengthBytes)
                .position(newOffsetBytes)
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}
