package io.chainring.ring.turn;

import io.chainring.base.lifecycle.Lifecycle;
import io.chainring.base.lifecycle.Transitions;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.transport.RingTransport;
import io.chainring.ring.virtqueue.DeviceQueue;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One ring as the present backend incarnation knows it: its device side and what is live in it. Not journaled.
 *
 * <pre>
 *   ATTACHING --recorded--> SERVED --detach, violation--> CLOSING --detached, nothing live, recorded--> gone
 *       |                                                    ^
 *       +-----------------------detach-----------------------+
 * </pre>
 *
 * A ring that closes of itself (a violation, the crash policy) stays recorded until its owner has detached it: an owner
 * that does not know yet would attach it to the next epoch as a ring that was never served, and what it holds would be
 * executed again.
 */
final class AttachedRing {
    enum State {
        ATTACHING,
        SERVED,
        CLOSING
    }

    private static final Transitions<State> LEGAL =
            Transitions.of(State.class)
                    .from(State.ATTACHING, State.SERVED, State.CLOSING)
                    .from(State.SERVED, State.CLOSING);

    final long ringId;
    final @Nullable RingTransport transport;
    final @Nullable DeviceQueue device;
    final Outstanding outstanding;
    final int[] takenGeneration;
    final @Nullable ByteBuffer[] statusByte;
    final @Nullable Chain[] live;

    /** Heads that an earlier incarnation took and nobody has begun: received before the ring is asked for more. */
    final ArrayDeque<Integer> takenBefore = new ArrayDeque<>();

    private final Lifecycle<State> state;
    int slot = -1;
    int liveChains;
    boolean recordingSlot;
    boolean touched;
    boolean mustInform = true;
    boolean askedToClose;
    private boolean left;
    String closeReason = "";

    AttachedRing(RingTransport transport, Outstanding outstanding) {
        this.ringId = transport.ringId();
        this.state = fresh(ringId);
        this.transport = transport;
        this.outstanding = outstanding;
        this.device = new DeviceQueue(transport.map(), transport.layout(), transport.eventIdx());
        int size = transport.layout().sizeDescriptors();
        this.takenGeneration = new int[size];
        this.statusByte = new ByteBuffer[size];
        this.live = new Chain[size];
    }

    private static Lifecycle<State> fresh(long ringId) {
        return LEGAL.startIn(State.ATTACHING, "ring " + Long.toUnsignedString(ringId));
    }

    /** A ring without memory: its front door died with its process, or what it brought is no ring. */
    AttachedRing(long ringId, int sizeDescriptors) {
        this.ringId = ringId;
        this.state = fresh(ringId);
        this.transport = null;
        this.outstanding = Outstanding.NONE;
        this.device = null;
        this.takenGeneration = new int[sizeDescriptors];
        this.statusByte = new ByteBuffer[sizeDescriptors];
        this.live = new Chain[sizeDescriptors];
    }

    int sizeDescriptors() {
        return live.length;
    }

    void close(String reason) {
        if (!isClosing()) {
            state.to(State.CLOSING);
            closeReason = reason;
        }
    }

    /** Its owner lets go of it. */
    void leave(String reason) {
        left = true;
        close(reason);
    }

    /** True when it may end for good: its owner knows. */
    boolean mayGo() {
        return left;
    }

    /** Its attach is recorded, or was by an earlier incarnation. */
    void serve() {
        state.to(State.SERVED);
    }

    boolean isAttaching() {
        return state.is(State.ATTACHING);
    }

    boolean isServed() {
        return state.is(State.SERVED);
    }

    boolean isClosing() {
        return state.is(State.CLOSING);
    }

    void begin(Chain chain) {
        live[chain.head()] = chain;
        liveChains++;
    }

    /** The live chain with this head and generation, or null. */
    @Nullable Chain liveChain(int head, int generation) {
        if (head < 0 || head >= live.length) {
            return null;
        }
        Chain chain = live[head];
        return chain != null && chain.generation() == generation ? chain : null;
    }

    void end(int head) {
        live[head] = null;
        liveChains--;
    }
}
