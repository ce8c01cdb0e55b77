package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdCommand;
import org.jspecify.annotations.Nullable;

/**
 * The commands of one connection that are in its ring: a slot each, in primitive arrays. A slot's number travels as
 * the tag of the ring's request and brings its cookie back.
 */
final class CommandTable {
    private final NbdCommand[] commands;
    private final long[] cookies;
    private final long[] offsetsBytes;
    private final long[] lengthsBytes;
    private final @Nullable PieceGroup[] groups;
    private final int[] free;
    private int freeCount;

    CommandTable(int capacity) {
        commands = new NbdCommand[capacity];
        cookies = new long[capacity];
        offsetsBytes = new long[capacity];
        lengthsBytes = new long[capacity];
        groups = new PieceGroup[capacity];
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
        groups[slot] = null;
        free[freeCount++] = slot;
    }

    /** The command in that slot is executed in pieces. */
    PieceGroup inPieces(int slot) {
        PieceGroup group = new PieceGroup();
        groups[slot] = group;
        return group;
    }

    /** The pieces of the command in that slot; null when it is one request. */
    @Nullable PieceGroup group(int slot) {
        return groups[slot];
    }

    /** Nobody wants what has come back of commands in pieces. */
    void abandon() {
        for (PieceGroup group : groups) {
            if (group != null) {
                group.abandon();
            }
        }
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
