package io.chainring.ring.virtqueue;

import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.memory.RingViolationException;

/**
 * A second reading of chains, written for clarity and nothing else: byte ranges are looked up byte by
 * byte where it matters, and limits are applied at the end.
 */
final class NaiveChainReader {
    private final RingMemory memory;
    private final QueueLayout layout;
    private final int maxSegments;
    private final long maxBytes;
    private StringBuilder readable = new StringBuilder();
    private StringBuilder writable = new StringBuilder();
    private int segments;
    private long bytes;

    NaiveChainReader(RingMemory memory, QueueLayout layout, int maxSegments, long maxBytes) {
        this.memory = memory;
        this.layout = layout;
        this.maxSegments = maxSegments;
        this.maxBytes = maxBytes;
    }

    String readable() {
        return readable.toString();
    }

    String writable() {
        return writable.toString();
    }

    /** Whether the chain at this head is well-formed and within the limits. */
    boolean read(int head) {
        readable = new StringBuilder();
        writable = new StringBuilder();
        segments = 0;
        bytes = 0;
        return readTable(layout.descriptorTableAddress(), layout.sizeDescriptors(), head, true);
    }

    private boolean readTable(long table, long entries, int first, boolean mayNest) {
        int index = first;
        for (int visited = 0; visited < entries; visited++) {
            long at = table + 16L * index;
            if (!mapped(at, 16)) {
                return false;
            }
            long address = memory.getU64(at);
            long length = memory.getU32(at + 8);
            int flags = memory.getU16(at + 12);
            boolean more = (flags & 1) != 0;
            if ((flags & 4) != 0) {
                return mayNest
                        && !more
                        && length > 0
                        && length % 16 == 0
                        && length / 16 <= maxSegments
                        && readTable(address, length / 16, 0, false);
            }
            if (!readBuffer(address, length, (flags & 2) != 0)) {
                return false;
            }
            if (!more) {
                return true;
            }
            index = memory.getU16(at + 14);
            if (index >= entries) {
                return false;
            }
        }
        return false;
    }

    private boolean readBuffer(long address, long length, boolean writes) {
        if (length == 0 || length > maxBytes - bytes || (!writes && !writable.isEmpty())) {
            return false;
        }
        for (long at = 0; at < length; at++) {
            if (!mapped(address + at, 1)) {
                return false;
            }
            boolean begins = at == 0 || memory.regionAt(address + at).baseAddress() == address + at;
            if (begins && ++segments > maxSegments) {
                return false;
            }
        }
        bytes += length;
        appendRange(writes ? writable : readable, address, length);
        return true;
    }

    private boolean mapped(long address, int length) {
        try {
            memory.regionOf(address, length);
            return true;
        } catch (RingViolationException e) {
            return false;
        }
    }

    /** Appends "address+length", every byte of it, so that touching ranges read as one. */
    static void appendRange(StringBuilder to, long address, long lengthBytes) {
        String next = Long.toHexString(address) + "+";
        int from = to.lastIndexOf("+");
        if (from >= 0 && to.toString().endsWith("=" + Long.toHexString(address) + ";")) {
            to.setLength(to.lastIndexOf("="));
        } else {
            to.append(next);
        }
        to.append('=').append(Long.toHexString(address + lengthBytes)).append(';');
    }
}
