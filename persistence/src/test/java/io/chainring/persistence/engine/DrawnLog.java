package io.chainring.persistence.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

/** A log that is built piece by piece as LevelDB builds it, and the places of all its pieces. */
final class DrawnLog {
    static final int BLOCK_BYTES = 32768;
    static final int HEADER_BYTES = 7;
    static final byte WHOLE = 1;
    static final byte FIRST = 2;
    static final byte MIDDLE = 3;
    static final byte LAST = 4;
    static final int BATCH_HEADER_BYTES = 12;

    private final ByteBuffer bytes;
    private final List<Piece> pieces = new ArrayList<>();
    private long nextChange;

    DrawnLog(int capacityBytes, long firstChange) {
        this.bytes = ByteBuffer.allocate(capacityBytes).order(ByteOrder.LITTLE_ENDIAN);
        this.nextChange = firstChange;
    }

    /**
     * A piece, with its header.
     *
     * @param batchFirst number of the first change of the batch that it is a piece of
     * @param batchNext number behind its last change
     */
    record Piece(int at, int lengthBytes, byte type, long batchFirst, long batchNext) {
        int end() {
            return at + lengthBytes;
        }

        boolean begins() {
            return type == WHOLE || type == FIRST;
        }

        boolean ends() {
            return type == WHOLE || type == LAST;
        }

        Piece movedBy(int movedBytes) {
            return new Piece(at + movedBytes, lengthBytes, type, batchFirst, batchNext);
        }
    }

    /** Adds a batch of so many changes, with random content behind its header. */
    void batch(int changes, int dataBytes, SplittableRandom random) {
        byte[] content = new byte[dataBytes];
        random.nextBytes(content);
        ByteBuffer data = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        data.putLong(nextChange).putInt(changes);
        nextChange += changes;
        record(content, nextChange - changes);
    }

    /** Adds a record that is no batch of changes. */
    void record(byte[] content) {
        record(content, nextChange);
    }

    private void record(byte[] content, long first) {
        int done = 0;
        boolean begins = true;
        do {
            if (leftInBlock() < HEADER_BYTES) {
                bytes.position(bytes.position() + leftInBlock());
            }
            int length = Math.min(content.length - done, leftInBlock() - HEADER_BYTES);
            boolean ends = done + length == content.length;
            byte type = begins ? (ends ? WHOLE : FIRST) : (ends ? LAST : MIDDLE);
            piece(type, content, done, length, first);
            done += length;
            begins = false;
        } while (done < content.length);
    }

    private void piece(byte type, byte[] content, int from, int length, long first) {
        int at = bytes.position();
        bytes.putInt(0).putShort((short) length).put(type).put(content, from, length);
        CRC32C crc = new CRC32C();
        crc.update(bytes.array(), at + 6, 1 + length);
        int value = (int) crc.getValue();
        bytes.putInt(at, ((value >>> 15) | (value << 17)) + 0xa282ead8);
        pieces.add(new Piece(at, HEADER_BYTES + length, type, first, nextChange));
    }

    /** Bytes up to the end of the block. */
    int leftInBlock() {
        return BLOCK_BYTES - bytes.position() % BLOCK_BYTES;
    }

    /** Where the next piece would begin. */
    int next() {
        return leftInBlock() < HEADER_BYTES ? bytes.position() + leftInBlock() : bytes.position();
    }

    long nextChange() {
        return nextChange;
    }

    List<Piece> pieces() {
        return List.copyOf(pieces);
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes.array(), bytes.position());
    }
}
