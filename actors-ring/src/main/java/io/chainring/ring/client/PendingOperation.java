package io.chainring.ring.client;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One operation that a caller of {@link BlockClient} waits for: its data, and the pieces in which it is executed. Guarded
 * by the client's lock.
 */
final class PendingOperation {
    final CompletableFuture<ByteBuffer> answer = new CompletableFuture<>();

    private final Operation operation;
    private final long offsetBytes;
    private final long lengthBytes;
    private final int flags;
    private final @Nullable ByteBuffer data;
    private int begunBytes;
    private int openPieces;
    private byte status = ChainStatus.OK;
    private @Nullable ByteBuffer result;

    PendingOperation(
            Operation operation,
            long offsetBytes,
            long lengthBytes,
            int flags,
            @Nullable ByteBuffer data) {
        this.operation = operation;
        this.offsetBytes = offsetBytes;
        this.lengthBytes = lengthBytes;
        this.flags = flags;
        this.data = data;
    }

    /** A part of an operation, or all of it, in the ring. */
    record Piece(PendingOperation whole, int atBytes) {}

    /** Why no disk executes it; null when one may. */
    @Nullable String whatIsWrong() {
        if (operation == Operation.FLUSH) {
            return null;
        }
        if (offsetBytes < 0
                || lengthBytes <= 0
                || (offsetBytes | lengthBytes) % RequestHeader.SECTOR_BYTES != 0) {
            return "%s %s+%s: offset and length must be multiples of %s bytes"
                    .formatted(operation, offsetBytes, lengthBytes, RequestHeader.SECTOR_BYTES);
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
        if (data == null) {
            return;
        }
        ByteBuffer source = data.duplicate();
        source.position(source.position() + atBytes);
        for (int i = 0; i < payload.segmentCount(); i++) {
            ByteBuffer segment = payload.segment(i);
            ByteBuffer part = source.slice(source.position(), segment.remaining());
            segment.duplicate().put(part);
            source.position(source.position() + part.capacity());
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
        ByteBuffer target = result().duplicate().position(atBytes);
        for (int i = 0; i < payload.segmentCount(); i++) {
            target.put(payload.segment(i).duplicate());
        }
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

    /** The bytes that were read. */
    ByteBuffer result() {
        ByteBuffer present = result;
        if (present == null) {
            present = ByteBuffer.allocate(operation == Operation.READ ? (int) lengthBytes : 0);
            result = present;
        }
        return present;
    }

    @Override
    public String toString() {
        return operation + " " + offsetBytes + "+" + lengthBytes;
    }
}
