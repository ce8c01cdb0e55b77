package io.chainring.gateway.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one connection between its socket and its {@link Transmission}: says where each read goes, and keeps
 * what has arrived but finds no room yet, in order.
 *
 * <pre>
 *            +--> ring memory -----------------(payload)-----------+
 *  socket ---+--> receive buffer, reused ------(headers, payload)--+--> Transmission
 *            +--> temporary buffers --> held --(when room is back)-+
 * </pre>
 */
final class RequestIntake {
    private static final int TEMPORARY_BUFFER_BYTES = 1 << 16;

    private final int maxHeldBytes;
    private final HeldBytes held = new HeldBytes();
    private @Nullable Transmission transmission;
    private ByteBuf received = Unpooled.EMPTY_BUFFER;
    private @Nullable ByteBuf direct;
    private boolean blocked;
    private boolean stopped;

    RequestIntake(int maxHeldBytes) {
        this.maxHeldBytes = maxHeldBytes;
    }

    /**
     * From now on, bytes are requests.
     *
     * @param receiveBuffer taken over
     */
    void start(Transmission requests, ByteBuf receiveBuffer) {
        transmission = requests;
        received = receiveBuffer;
    }

    /** No byte matters any more: lets go of what is held, and drops what comes. */
    void stop() {
        stopped = true;
        held.release();
        received.release();
        received = Unpooled.EMPTY_BUFFER;
    }

    /** True after {@link #stop}. */
    boolean stopped() {
        return stopped;
    }

    /** True when what arrives can be looked at right away. */
    boolean ready() {
        return transmission != null && !stopped && !blocked && held.isEmpty();
    }

    /** True when the next request finds no room. */
    boolean blocked() {
        return blocked;
    }

    /** Bytes that wait for room, without those in the receive buffer. */
    long heldBytes() {
        return held.lengthBytes();
    }

    /** True when nothing more may be held. */
    boolean full() {
        return held.lengthBytes() >= maxHeldBytes;
    }

    /** True when more is held than may be: what a peer sent before it closed is read whether there is room or not. */
    boolean overfull() {
        return held.lengthBytes() > (long) maxHeldBytes + TEMPORARY_BUFFER_BYTES;
    }

    /** Where the next bytes of the socket go. */
    ByteBuf nextBuffer(ByteBufAllocator alloc) {
        Transmission present = transmission;
        if (present == null || !ready() || received.isReadable()) {
            return temporaryBuffer(alloc);
        }
        direct = present.directTarget();
        return direct != null ? direct : received.clear().retain();
    }

    /** Where the next bytes go that are not yet the stream itself: encrypted ones. */
    static ByteBuf temporaryBuffer(ByteBufAllocator alloc) {
        return alloc.directBuffer(TEMPORARY_BUFFER_BYTES, TEMPORARY_BUFFER_BYTES);
    }

    /** Takes over what has arrived: hands it on, or holds it. */
    @SuppressWarnings("ReferenceEquality") // which buffer it is, not what is in it
    Transmission.Progress take(ByteBuf in) {
        Transmission present = transmission;
        if (stopped) {
            in.release();
            return Transmission.Progress.MORE;
        }
        if (present == null || !ready()) {
            held.add(in);
            return blocked ? Transmission.Progress.BLOCKED : Transmission.Progress.MORE;
        }
        if (in == direct) {
            direct = null;
            int lengthBytes = in.readableBytes();
            in.release();
            present.directReceived(lengthBytes);
            return Transmission.Progress.MORE;
        }
        Transmission.Progress progress = feed(present, in);
        if (in == received || !blocked) {
            in.release();
        } else {
            held.putBack(in);
        }
        return progress;
    }

    /** Looks again at what found no room. */
    Transmission.Progress resume() {
        Transmission present = transmission;
        if (present == null || stopped) {
            return Transmission.Progress.MORE;
        }
        Transmission.Progress progress = feed(present, received);
        while (progress == Transmission.Progress.MORE) {
            ByteBuf piece = held.take();
            if (piece == null) {
                break;
            }
            progress = feed(present, piece);
            if (blocked) {
                held.putBack(piece);
            } else {
                piece.release();
            }
        }
        return progress;
    }

    private Transmission.Progress feed(Transmission present, ByteBuf in) {
        Transmission.Progress progress = present.feed(in);
        blocked = progress == Transmission.Progress.BLOCKED;
        return progress;
    }

    /** Gives away what is held, piece by piece. */
    void giveHeld(Consumer<ByteBuf> taker) {
        for (ByteBuf piece = held.take(); piece != null; piece = held.take()) {
            taker.accept(piece);
        }
    }
}
