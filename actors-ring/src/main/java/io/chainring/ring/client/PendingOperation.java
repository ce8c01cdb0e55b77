package io.chainring.ring.client;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One operation that a caller of {@link BlockClient} waits for: its data, and the pieces in which it is executed. Guarded
 * by the client's lock.
 */
final class PendingOperation {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    final CompletableFuture<ByteBuffer> answer = new CompletableFuture<>();

    private final Operation operation;
    private final long offsetBytes;
    private final long lengthBytes;
    private final int flags;
    private int begunBytes;
    private int openPieces;
    private byte status = ChainStatus.OK;

    /** Where the bytes come from or go to; a read that brings none makes its own. */
    private @Nullable ByteRun bytes;

    private @Nullable ByteBuffer result;

    PendingOperation(
            Operation operation,
            long offsetBytes,
            long lengthBytes,
            int flags,
            @Nullable ByteRun bytes) {
        this.operation = operation;
        this.offsetBytes = offsetBytes;
        this.lengthBytes = lengthBytes;
        this.flags = flags;
        this.bytes = bytes;
    }

    /** A part of an operation, or all of it, in the ring. */
    record Piece(PendingOperation whole, int atBytes) {}

    /** Why no disk executes it; null when one may. */
    @Nullable String whatIsWrong() {
        if (operation == Operation.FLUSH) {
            return null;
        }
        if (bytes != null && lengthBytes > Integer.MAX_VALUE) {
            return "%s: at most %s bytes in one request".formatted(this, Integer.MAX_VALUE);
        }
        if (offsetBytes < 0 || lengthBytes <= 0) {
            return "%s: the offset must be at least 0, the length at least 1".formatted(this);
        }
        return null;
    }

    private int payloadBytes() {
        return operation == Operation.READ || operation == Operation.WRITE ? (int) lengthBytes : 0;
    }

    boolean hasPayload() {
        return payloadBytes() > 0;
    }

    /** Bytes of payload that are in no piece yet. */
    int restBytes() {
        return payloadBytes() - begunBytes;
    }

    boolean isBegun() {
        return begunBytes > 0;
    }

    boolean isBegunWhole() {
        return restBytes() == 0;
    }

    /** The piece that the next request will be. */
    Piece nextPiece() {
        return new Piece(this, begunBytes);
    }

    /** Makes the next piece of it, as long as its memory; all of it where it has none. */
    BlockRequest begin(@Nullable Payload payload, long tag) {
        int atBytes = begunBytes;
        long pieceBytes = lengthBytes;
        if (payload != null) {
            pieceBytes = payload.lengthBytes();
            fill(payload, atBytes);
            begunBytes += payload.lengthBytes();
        }
        openPieces++;
        return new BlockRequest(operation, offsetBytes + atBytes, pieceBytes, flags, payload, tag);
    }

    private void fill(Payload payload, int atBytes) {
        if (operation != Operation.WRITE || bytes == null) {
            return;
        }
        int at = atBytes;
        for (int i = 0; i < payload.segmentCount(); i++) {
            ByteBuffer segment = payload.segment(i).duplicate();
            int lengthBytes = segment.remaining();
            bytes.copyTo(at, segment);
            at += lengthBytes;
        }
    }

    /**
     * A piece has been executed; its memory is given back.
     *
     * @return whether that was the last one
     */
    boolean completed(BlockRequest request, int atBytes) {
        Payload payload = request.payload();
        if (request.status() != ChainStatus.OK) {
            status = status == ChainStatus.OK ? request.status() : status;
        } else if (payload != null && operation == Operation.READ) {
            copyOut(payload, atBytes);
        }
        if (payload != null) {
            payload.release();
        }
        return --openPieces == 0 && isBegunWhole();
    }

    private void copyOut(Payload payload, int atBytes) {
        ByteRun target = target();
        int at = atBytes;
        for (int i = 0; i < payload.segmentCount(); i++) {
            ByteBuffer segment = payload.segment(i).duplicate();
            int lengthBytes = segment.remaining();
            target.copyFrom(at, segment);
            at += lengthBytes;
        }
    }

    private ByteRun target() {
        ByteRun target = bytes;
        if (target == null) {
            ByteBuffer made = ByteBuffer.allocate((int) lengthBytes);
            result = made;
            target = ByteRun.of(List.of(made));
            bytes = target;
        }
        return target;
    }

    /** Nothing of it has been done. */
    void again() {
        begunBytes = 0;
        openPieces = 0;
        status = ChainStatus.OK;
    }

    /** The first that is not OK of its pieces'. */
    byte status() {
        return status;
    }

    /** The bytes that were read, if the caller brought no buffer for them. */
    ByteBuffer result() {
        return result == null ? NOTHING : result;
    }

    @Override
    public String toString() {
        return operation + " " + offsetBytes + "+" + lengthBytes;
    }
}
