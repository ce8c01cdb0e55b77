package io.chainring.ring.frontend;

import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.memory.RingMemory;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestWriter;
import io.chainring.ring.slab.SlabPool;
import io.chainring.ring.transport.Outstanding;
import io.chainring.ring.virtqueue.DriverQueue;
import io.chainring.ring.virtqueue.QueueLayout;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The driver side of one ring: decisions and ring memory, without actors.
 *
 * <p>A request becomes a chain: control block with header and status, payload segments in place. Its head's generation
 * grows with each use; (head, generation) names it for good. A used element is taken once and completes its request
 * once (invariant I5); an element that nothing outstanding answers to breaks the ring.
 *
 * <p>When a new backend epoch asks, {@link #introduce} says what is outstanding, after {@link #drain} has emptied the
 * used ring: nobody publishes in between, since the epoch waits for the answer.
 */
public final class FrontendCore {
    private final RingShape shape;
    private final DirectRingMemory memory = new DirectRingMemory();
    private final QueueLayout layout;
    private final DriverQueue queue;
    private final ControlBlocks blocks;
    private final PayloadPool payloads;
    private final @Nullable BlockRequest[] requests;
    private final int[] blockOf;
    private final int[] generation;
    private final long[] submitOrder;
    private final ArrayDeque<BlockRequest> refused = new ArrayDeque<>();
    private final long[] addresses = new long[ControlBlocks.BUFFER_LIMIT];
    private final int[] lengths = new int[ControlBlocks.BUFFER_LIMIT];
    private long submitted;
    private int outstanding;

    /** Lays out a ring of this shape in memory of its own, and payload that it shares with none. */
    public FrontendCore(RingShape shape) {
        this(shape, SlabPool.unshared(shape.payloadLimitBytes()));
    }

    /**
     * Lays out a ring of this shape in memory of its own.
     *
     * @param lease where its payload memory comes from; ended by {@link #end} or {@link #abandon}
     */
    public FrontendCore(RingShape shape, SlabPool.Lease lease) {
        this.shape = shape;
        int size = shape.sizeDescriptors();
        long base = memory.allocateRegion(QueueLayout.bytesFor(size));
        this.layout = QueueLayout.contiguous(base, size);
        this.queue = new DriverQueue(memory, layout, true);
        this.blocks = new ControlBlocks(memory, shape.maxOutstandingRequests());
        this.payloads = new PayloadPool(memory, shape.payloadLimitBytes(), lease);
        this.requests = new BlockRequest[size];
        this.blockOf = new int[size];
        this.generation = new int[size];
        this.submitOrder = new long[size];
        queue.enableNotifications();
    }

    /** The ring's memory, for its transport. */
    public RingMemory memory() {
        return memory;
    }

    /** Where the ring lies in {@link #memory()}. */
    public QueueLayout layout() {
        return layout;
    }

    /** Payload memory of this ring. */
    public PayloadPool payloads() {
        return payloads;
    }

    /** Requests submitted and not yet drained. */
    public int outstandingRequests() {
        return outstanding + refused.size();
    }

    /**
     * Puts requests into the ring, in order.
     *
     * @return true when the backend asks for a kick
     * @throws IllegalStateException when more than the shape allows would be outstanding; nothing is submitted then
     */
    public boolean submit(List<BlockRequest> batch) {
        if (outstandingRequests() + batch.size() > shape.maxOutstandingRequests()) {
            throw new IllegalStateException(
                    "%s requests with %s outstanding: at most %s"
                            .formatted(
                                    batch.size(),
                                    outstandingRequests(),
                                    shape.maxOutstandingRequests()));
        }
        for (BlockRequest request : batch) {
            request.handOver();
            if (isExpressible(request)) {
                put(request);
            } else {
                request.complete(ChainStatus.INVALID, 0);
                refused.add(request);
            }
        }
        queue.flush();
        return queue.shouldKick();
    }

    /** True when a request was refused without the device: {@link #drain} has it. */
    public boolean hasRefused() {
        return !refused.isEmpty();
    }

    private boolean isExpressible(BlockRequest request) {
        Payload payload = request.payload();
        boolean carriesData =
                request.operation() == Operation.READ
                        || request.operation() == Operation.WRITE
                        || request.operation() == Operation.GET_ID
                        || request.operation() == Operation.EXTENTS;
        return RequestWriter.isExpressible(request.offsetBytes(), request.lengthBytes())
                && carriesData == (payload != null)
                && (payload == null || isPayloadOf(request, payload));
    }

    /** A chain's range is as long as its buffers, and its buffers are no more than the ring is long (section 2.7.5.3.1). */
    private boolean isPayloadOf(BlockRequest request, Payload payload) {
        boolean ranged =
                request.operation() == Operation.READ || request.operation() == Operation.WRITE;
        return (!ranged || payload.lengthBytes() == request.lengthBytes())
                && payload.segmentCount() + 2
                        <= Math.min(ControlBlocks.BUFFER_LIMIT, shape.sizeDescriptors());
    }

    private void put(BlockRequest request) {
        int block = blocks.take();
        Operation operation = request.operation();
        int headerBytes =
                RequestWriter.write(
                        blocks.bytes(),
                        blocks.headerAt(block),
                        operation,
                        request.offsetBytes(),
                        request.lengthBytes(),
                        request.flags());
        blocks.spoilStatus(block);
        addresses[0] = blocks.headerAddress(block);
        lengths[0] = headerBytes;
        int count = 1 + fillPayload(request.payload());
        addresses[count] = blocks.statusAddress(block);
        lengths[count] = 1;
        int readable = operation == Operation.WRITE ? count : 1;
        publish(request, block, readable, count + 1 - readable);
    }

    private int fillPayload(@Nullable Payload payload) {
        if (payload == null) {
            return 0;
        }
        for (int i = 0; i < payload.segmentCount(); i++) {
            addresses[1 + i] = payload.addressOf(i);
            lengths[1 + i] = payload.lengthOf(i);
        }
        return payload.segmentCount();
    }

    private void publish(BlockRequest request, int block, int readable, int writable) {
        int head =
                readable + writable <= 3
                        ? queue.add(addresses, lengths, readable, writable)
                        : queue.addIndirect(
                                blocks.tableAddress(block),
                                ControlBlocks.TABLE_BYTES,
                                addresses,
                                lengths,
                                readable,
                                writable);
        if (head < 0) {
            throw new IllegalStateException("a ring of " + shape + " ran out of descriptors");
        }
        requests[head] = request;
        blockOf[head] = block;
        generation[head]++;
        submitOrder[head] = submitted++;
        outstanding++;
        queue.publish(head);
    }

    /**
     * Takes what the device has completed.
     *
     * @param into receives the requests, outcome set, in completion order
     * @throws io.chainring.ring.memory.RingViolationException when the used ring holds what no device writes
     */
    public void drain(List<BlockRequest> into) {
        while (!refused.isEmpty()) {
            into.add(refused.remove());
        }
        int head = queue.takeUsed();
        while (head >= 0) {
            into.add(complete(head, queue.usedLengthBytes()));
            head = queue.takeUsed();
        }
    }

    private BlockRequest complete(int head, long usedLengthBytes) {
        BlockRequest request = requests[head];
        if (request == null) {
            throw new IllegalStateException("head " + head + " completes without a request");
        }
        requests[head] = null;
        int block = blockOf[head];
        request.complete(blocks.status(block), (int) Math.max(0, usedLengthBytes - 1));
        blocks.release(block);
        outstanding--;
        return request;
    }

    /**
     * Asks to be informed of the next completion.
     *
     * @return true when something was completed meanwhile: drain again
     */
    public boolean arm() {
        return queue.enableNotifications();
    }

    /** What is outstanding, in the order of submission. */
    public Outstanding introduce() {
        Integer[] order = new Integer[outstanding];
        int count = 0;
        for (int head = 0; head < requests.length; head++) {
            if (requests[head] != null) {
                order[count++] = head;
            }
        }
        Arrays.sort(order, (a, b) -> Long.compare(submitOrder[a], submitOrder[b]));
        int[] heads = new int[count];
        int[] generations = new int[count];
        for (int i = 0; i < count; i++) {
            heads[i] = order[i];
            generations[i] = generation[heads[i]];
        }
        return new Outstanding(heads, generations, queue.publishedIndex());
    }

    /**
     * Ends every outstanding request with a status, for a ring that is given up. The ring's memory stays as it is: the
     * device may still use it.
     */
    public void giveUp(byte status, List<BlockRequest> into) {
        payloads.retire();
        into.addAll(refused);
        refused.clear();
        for (int head = 0; head < requests.length; head++) {
            BlockRequest request = requests[head];
            if (request != null) {
                requests[head] = null;
                request.complete(status, 0);
                into.add(request);
                outstanding--;
            }
        }
    }

    /** The ring is gone and nothing runs in it: its payload memory goes back. */
    public void end() {
        payloads.end();
    }

    /** The ring is lost, and something may still run in it: its payload memory goes back when nothing refers to it. */
    public void abandon() {
        payloads.abandon();
    }
}
