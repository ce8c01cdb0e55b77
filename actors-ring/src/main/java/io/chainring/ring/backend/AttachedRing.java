package io.chainring.ring.backend;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.transport.RingTransport;
import io.chainring.ring.virtqueue.DeviceQueue;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One ring as the present backend incarnation knows it: its device side and what is live in it. Not journaled.
 *
 * <pre>
 *   ATTACHING --recorded--> SERVED --detach, violation--> CLOSING --nothing live, recorded--> gone
 *       |                                                    ^
 *       +-----------------------detach-----------------------+
 * </pre>
 */
final class AttachedRing {
    enum State {
        ATTACHING,
        SERVED,
        CLOSING
    }

    final long ringId;
    final @Nullable RingTransport transport;
    final @Nullable DeviceQueue device;
    final Outstanding outstanding;
    final int[] takenGeneration;
    final @Nullable ByteBuffer[] statusByte;
    final @Nullable Chain[] live;

    State state = State.ATTACHING;
    int slot = -1;
    int liveChains;
    boolean recordingSlot;
    boolean touched;
    boolean mustInform = true;
    String closeReason = "";

    AttachedRing(RingTransport transport, Outstanding outstanding) {
        this.ringId = transport.ringId();
        this.transport = transport;
        this.outstanding = outstanding;
        this.device = new DeviceQueue(transport.map(), transport.layout(), transport.eventIdx());
        int size = transport.layout().sizeDescriptors();
        this.takenGeneration = new int[size];
        this.statusByte = new ByteBuffer[size];
        this.live = new Chain[size];
    }

    /** A ring that the journal knows and nobody holds any more: its front door died with its process. */
    AttachedRing(long ringId, int sizeDescriptors) {
        this.ringId = ringId;
        this.transport = null;
        this.outstanding = Outstanding.NONE;
        this.device = null;
        this.takenGeneration = new int[sizeDescriptors];
        this.statusByte = new ByteBuffer[sizeDescriptors];
        this.live = new Chain[sizeDescriptors];
        close("its front door is gone");
    }

    int sizeDescriptors() {
        return live.length;
    }

    void close(String reason) {
        if (state != State.CLOSING) {
            state = State.CLOSING;
            closeReason = reason;
        }
    }

    boolean isServed() {
        return state == State.SERVED;
    }

    boolean isClosing() {
        return state == State.CLOSING;
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
