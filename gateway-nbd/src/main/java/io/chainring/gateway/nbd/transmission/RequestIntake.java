package io.chainring.gateway.nbd.transmission;

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
 *  socket ---+--> receive buffer --------------(headers, payload)--+--> Transmission
 *            +--> temporary buffers --> held --(when room is back)-+
 * </pre>
 *
 * A connection has a receive buffer only while bytes are in it. What finds no room counts as held; when all connections
 * together hold too much, receive buffers are small.
 */
public final class RequestIntake {
    private static final int SMALL_BUFFER_BYTES = 1 << 12;
    private static final int TEMPORARY_BUFFER_BYTES = 1 << 16;

    private final int maxHeldBytes;
    private final HeldBudget budget;
    private final HeldBytes held;
    private @Nullable Transmission transmission;
    private int receiveBytes = TEMPORARY_BUFFER_BYTES;
    private @Nullable ByteBuf direct;
    private boolean blocked;
    private boolean stopped;

    /**
     * @param maxHeldBytes most memory that this connection keeps bytes in which cannot be looked at yet
     * @param budget what all connections may keep
     */
    public RequestIntake(int maxHeldBytes, HeldBudget budget) {
        this.maxHeldBytes = maxHeldBytes;
        this.budget = budget;
        this.held = new HeldBytes(budget);
    }

    /**
     * From now on, bytes are requests.
     *
     * @param receiveBufferBytes length of the buffers that they are received into
     */
    public void start(Transmission requests, int receiveBufferBytes) {
        transmission = requests;
        receiveBytes = receiveBufferBytes;
    }

    /** No byte matters any more: lets go of what is held, and drops what comes. */
    public void stop() {
        stopped = true;
        held.release();
    }

    /** True after {@link #stop}. */
    public boolean stopped() {
        return stopped;
    }

    /** True when what arrives can be looked at right away. */
    public boolean ready() {
        return transmission != null && !stopped && !blocked && held.isEmpty();
    }

    /** True when the next request finds no room. */
    public boolean blocked() {
        return blocked;
    }

    /** Bytes that wait for room. */
    public long heldBytes() {
        return held.lengthBytes();
    }

    /** True when nothing more may be held: the rest waits in the kernel. */
    public boolean full() {
        return held.memoryBytes() >= maxHeldBytes || !budget.hasRoom();
    }

    /** Where the next bytes of the socket go. */
    public ByteBuf nextBuffer(ByteBufAllocator alloc) {
        Transmission present = transmission;
        if (present == null || !ready()) {
            return temporaryBuffer(alloc);
        }
        direct = present.directTarget();
        if (direct != null) {
            return direct;
        }
        int lengthBytes = budget.hasRoom() ? receiveBytes : SMALL_BUFFER_BYTES;
        return alloc.directBuffer(lengthBytes, lengthBytes);
    }

    /** Where the next bytes go that are not yet the stream itself: encrypted ones. */
    public static ByteBuf temporaryBuffer(ByteBufAllocator alloc) {
        return alloc.directBuffer(TEMPORARY_BUFFER_BYTES, TEMPORARY_BUFFER_BYTES);
    }

    /** Takes over what has arrived: hands it on, or holds it. */
    @SuppressWarnings("ReferenceEquality") // which buffer it is, not what is in it
    public Transmission.Progress take(ByteBuf in, ByteBufAllocator alloc) {
        Transmission present = transmission;
        if (stopped) {
            in.release();
            return Transmission.Progress.MORE;
        }
        if (present == null || !ready()) {
            held.add(in, alloc);
            return blocked ? Transmission.Progress.BLOCKED : Transmission.Progress.MORE;
        }
        if (in == direct) {
            direct = null;
            int lengthBytes = in.readableBytes();
            in.release();
            present.directReceived(lengthBytes);
            return Transmission.Progress.MORE;
        }
        Transmission.Progress progress;
        try {
            progress = feed(present, in);
        } catch (RuntimeException | Error e) {
            in.release();
            throw e;
        }
        if (blocked) {
            held.add(in, alloc);
        } else {
            in.release();
        }
        return progress;
    }

    /** Looks again at what found no room. */
    public Transmission.Progress resume() {
        Transmission present = transmission;
        if (present == null || stopped) {
            return Transmission.Progress.MORE;
        }
        Transmission.Progress progress = feed(present, Unpooled.EMPTY_BUFFER);
        while (progress == Transmission.Progress.MORE) {
            ByteBuf piece = held.take();
            if (piece == null) {
                break;
            }
            try {
                progress = feed(present, piece);
            } finally {
                // Empty, or dropped with the connection, when it is not put back.
                if (blocked) {
                    held.putBack(piece);
                } else {
                    piece.release();
                }
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
    public void giveHeld(Consumer<ByteBuf> taker) {
        for (ByteBuf piece = held.take(); piece != null; piece = held.take()) {
            taker.accept(piece);
        }
    }
}
