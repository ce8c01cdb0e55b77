package io.chainring.gateway.nbd.transmission;

import io.chainring.gateway.nbd.protocol.NbdCommand;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The WRITE whose payload is just being received, whole or piece by piece. */
final class ArrivingWrite {
    private final RequestHeaderReader header;
    private final PieceMemory memory;
    private final CommandTable commands;
    private @Nullable PayloadFill fill;
    private @Nullable BlockRequest request;
    private int slot;
    private int restBytes;

    /** The header is the WRITE's until its payload is whole. */
    ArrivingWrite(RequestHeaderReader header, PieceMemory memory, CommandTable commands) {
        this.header = header;
        this.memory = memory;
        this.commands = commands;
    }

    /** All of it has its memory. */
    void begin(BlockRequest whole, Payload payload, int newSlot) {
        fill = new PayloadFill(payload);
        request = whole;
        slot = newSlot;
    }

    /** Its memory is taken piece by piece. */
    void beginInPieces(int newSlot) {
        slot = newSlot;
        commands.inPieces(slot);
        restBytes = (int) header.lengthBytes();
    }

    /** True while there is memory for the next bytes. */
    boolean takes() {
        return fill != null;
    }

    /** True when the next bytes belong to a piece that has no memory yet. */
    boolean lacksMemory() {
        return fill == null && restBytes > 0;
    }

    /** Takes memory for the next piece; false when there is none. */
    boolean takeMemory() {
        Payload payload = memory.next(restBytes);
        if (payload == null) {
            return false;
        }
        long offsetBytes = header.offsetBytes() + header.lengthBytes() - restBytes;
        fill = new PayloadFill(payload);
        request = RingRequests.piece(NbdCommand.WRITE, header, offsetBytes, payload, slot);
        restBytes -= payload.lengthBytes();
        return true;
    }

    /** Copies what is there; returns the request when its payload is whole. */
    @Nullable BlockRequest copyFrom(ByteBuf in) {
        PayloadFill present = present();
        present.copyFrom(in);
        return whole(present);
    }

    /** Ring memory to receive into; null when the next bytes do not belong there. */
    @Nullable ByteBuf target() {
        return fill == null ? null : fill.target();
    }

    /** That many bytes were received into {@link #target}; returns the request when its payload is whole. */
    @Nullable BlockRequest received(int lengthBytes) {
        PayloadFill present = present();
        present.received(lengthBytes);
        return whole(present);
    }

    private PayloadFill present() {
        PayloadFill present = fill;
        if (present == null) {
            throw new IllegalStateException("no payload is arriving");
        }
        return present;
    }

    private @Nullable BlockRequest whole(PayloadFill present) {
        if (!present.complete()) {
            return null;
        }
        BlockRequest complete = request;
        fill = null;
        request = null;
        PieceGroup group = commands.group(slot);
        if (group != null) {
            group.begun();
            if (restBytes == 0) {
                group.complete();
            }
        }
        return complete;
    }

    /** Its payload will not arrive. */
    void abandon() {
        if (request != null) {
            CommandReplies.release(request);
            request = null;
            fill = null;
        }
        restBytes = 0;
    }
}
