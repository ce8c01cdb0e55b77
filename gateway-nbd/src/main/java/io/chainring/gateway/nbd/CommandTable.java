package io.chainring.gateway.nbd;

/**
 * The commands of one connection that are in its ring: a slot each, in primitive arrays. A slot's number travels as
 * the tag of the ring's request and brings its cookie back.
 */
final class CommandTable {
    private final NbdCommand[] commands;
    private final long[] cookies;
    private final long[] offsetsBytes;
    private final long[] lengthsBytes;
    private final int[] free;
    private int freeCount;

    CommandTable(int capacity) {
        commands = new NbdCommand[capacity];
        cookies = new long[capacity];
        offsetsBytes = new long[capacity];
        lengthsBytes = new long[capacity];
        free = new int[capacity];
        for (int i = 0; i < capacity; i++) {
            free[i] = capacity - 1 - i;
        }
        freeCount = capacity;
    }

    int used() {
        return free.length - freeCount;
    }

    /** Takes a slot; the caller has seen to it that one is free. */
    int take(NbdCommand command, long cookie, long offsetBytes, long lengthBytes) {
        int slot = free[--freeCount];
        commands[slot] = command;
        cookies[slot] = cookie;
        offsetsBytes[slot] = offsetBytes;
        lengthsBytes[slot] = lengthBytes;
        return slot;
    }

    void release(int slot) {
        free[freeCount++] = slot;
    }

    NbdCommand command(int slot) {
        return commands[slot];
    }

    long cookie(int slot) {
        return cookies[slot];
    }

    long offsetBytes(int slot) {
        return offsetsBytes[slot];
    }

    long lengthBytes(int slot) {
        return lengthsBytes[slot];
    }
}
