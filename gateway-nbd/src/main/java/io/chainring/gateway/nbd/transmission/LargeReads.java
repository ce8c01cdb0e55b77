package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdCommand;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** READs that are more than one chain: all pieces at once, or as a {@link ReadStream}. */
final class LargeReads {
    private final RequestHeaderReader header;
    private final PieceMemory memory;
    private final CommandTable commands;
    private final CommandReplies answers;
    private final boolean structured;
    private @Nullable ReadStream stream;
    private boolean broken;

    /** The header is the READ's as long as its pieces are asked for. */
    LargeReads(
            RequestHeaderReader header,
            PieceMemory memory,
            CommandTable commands,
            CommandReplies answers,
            boolean structured) {
        this.header = header;
        this.memory = memory;
        this.commands = commands;
        this.answers = answers;
        this.structured = structured;
    }

    /** The requests of a READ with that memory, in order. */
    List<BlockRequest> begin(int slot, List<Payload> payloads) {
        PieceGroup group = commands.inPieces(slot);
        List<BlockRequest> pieces = new ArrayList<>(payloads.size());
        long offsetBytes = header.offsetBytes();
        for (Payload payload : payloads) {
            BlockRequest piece =
                    RingRequests.piece(NbdCommand.READ, header, offsetBytes, payload, slot);
            group.begun(piece);
            pieces.add(piece);
            offsetBytes += payload.lengthBytes();
        }
        group.complete();
        return pieces;
    }

    /** A READ for which there is not enough memory begins. */
    void beginStream(int slot) {
        boolean oneChunk = !structured || header.has(NbdProtocol.CMD_FLAG_DF);
        stream = new ReadStream(slot, oneChunk, header.offsetBytes(), header.lengthBytes());
    }

    /** True from the beginning to the end of a stream. */
    boolean streams() {
        return stream != null;
    }

    /** The next piece of the stream; null when there is no room for one, or all are under way. */
    @Nullable BlockRequest next() {
        ReadStream present = present();
        Payload payload = present.restBytes() == 0 ? null : memory.next(present.restBytes());
        if (payload == null) {
            return null;
        }
        BlockRequest piece =
                RingRequests.piece(
                        NbdCommand.READ,
                        header,
                        present.nextOffsetBytes(),
                        payload,
                        present.slot());
        present.begun(piece);
        return piece;
    }

    /** A piece of the stream came back; true when that was its end. */
    boolean streamed(BlockRequest piece) {
        ReadStream present = present();
        present.done(piece);
        for (BlockRequest next = present.takeDone(); next != null; next = present.takeDone()) {
            broken |= !answers.streamed(present, next);
        }
        if (present.ended()) {
            stream = null;
        }
        return stream == null;
    }

    /** True when data was promised to the client that cannot be read. */
    boolean broken() {
        return broken;
    }

    private ReadStream present() {
        ReadStream present = stream;
        if (present == null) {
            throw new IllegalStateException("no READ is sent piece by piece");
        }
        return present;
    }

    /** Nobody wants what has come back. */
    void abandon() {
        if (stream != null) {
            stream.abandon();
        }
    }
}
