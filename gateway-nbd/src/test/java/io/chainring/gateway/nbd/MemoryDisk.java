package io.chainring.gateway.nbd;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.Completions;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.PayloadPool;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.ExtentRecord;
import io.chainring.ring.request.Operation;
import io.chainring.ring.supervise.RingService;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * A disk for tests: bytes on the heap behind rings whose payload is real ring memory. It begins requests at once, or
 * only when told to ({@link #hold}), and then finishes them when told to; closing and opening rings follow the contract
 * of {@link RingService}. All decisions happen on one executor, the disk's loop.
 */
final class MemoryDisk implements RingService {
    private static final int BLOCK_BYTES = 512;

    private final String name;
    private final byte[] content;
    private final boolean[] allocated;
    private final Executor loop;
    private final List<String> executed = new ArrayList<>();
    private final List<Ring> rings = new ArrayList<>();
    private final ArrayDeque<Ring> opening = new ArrayDeque<>();
    private long nextRingId = 100;
    private long poolBytes = 64L << 20;
    private int maxOutstanding = 128;
    private boolean holding;
    private boolean stuck;
    private String refusal = "";
    private byte failure = ChainStatus.OK;
    private int flushes;
    private int largestBatch;
    private int mostRings;

    MemoryDisk(String name, int sizeBytes, Executor loop) {
        this.name = name;
        this.content = new byte[sizeBytes];
        this.allocated = new boolean[(sizeBytes + BLOCK_BYTES - 1) / BLOCK_BYTES];
        this.loop = loop;
    }

    final class Ring implements RingPort {
        private final long id;
        private final CompletionSink sink;
        private final PayloadPool pool = new PayloadPool(new DirectRingMemory(), poolBytes);
        private final ArrayDeque<BlockRequest> available = new ArrayDeque<>();
        private final ArrayDeque<BlockRequest> begun = new ArrayDeque<>();
        private boolean closing;
        private int outstanding;

        Ring(long id, CompletionSink sink) {
            this.id = id;
            this.sink = sink;
        }

        @Override
        public PayloadPool payloads() {
            return pool;
        }

        @Override
        public long capacityBytes() {
            return content.length;
        }

        @Override
        public int maxOutstandingRequests() {
            return maxOutstanding;
        }

        @Override
        public void submit(List<BlockRequest> requests) {
            synchronized (MemoryDisk.this) {
                outstanding += requests.size();
                largestBatch = Math.max(largestBatch, requests.size());
                if (closing || outstanding > maxOutstanding) {
                    throw new IllegalStateException(
                            outstanding + " outstanding, closing " + closing);
                }
                available.addAll(requests);
            }
            if (!holding) {
                loop.execute(MemoryDisk.this::release);
            }
        }

        @Override
        public void close() {
            closeRing(id);
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized long openRing(CompletionSink sink) {
        Ring ring = new Ring(nextRingId++, sink);
        opening.add(ring);
        loop.execute(this::openWaiting);
        return ring.id;
    }

    @Override
    public synchronized void closeRing(long ringId) {
        for (Ring ring : List.copyOf(rings)) {
            if (ring.id == ringId && !ring.closing) {
                ring.closing = true;
                ring.available.clear();
                loop.execute(this::drainClosing);
            }
        }
        for (Ring ring : List.copyOf(opening)) {
            if (ring.id == ringId) {
                opening.remove(ring);
                loop.execute(() -> ring.sink.closed("closed before it was open"));
            }
        }
    }

    private synchronized void openWaiting() {
        if (stuck || rings.stream().anyMatch(ring -> ring.closing)) {
            return;
        }
        for (Ring ring = opening.poll(); ring != null; ring = opening.poll()) {
            if (!refusal.isEmpty()) {
                ring.sink.closed(refusal);
                continue;
            }
            rings.add(ring);
            mostRings = Math.max(mostRings, rings.size());
            ring.sink.opened(ring);
        }
    }

    private synchronized void drainClosing() {
        for (Ring ring : List.copyOf(rings)) {
            if (ring.closing && ring.begun.isEmpty()) {
                rings.remove(ring);
                ring.sink.closed("closed by its client");
            }
        }
        openWaiting();
    }

    /** Ends every ring from the disk's side. */
    void stop(String reason) {
        loop.execute(
                () -> {
                    synchronized (this) {
                        for (Ring ring : List.copyOf(rings)) {
                            rings.remove(ring);
                            ring.sink.closed(reason);
                        }
                    }
                });
    }

    /** From now on no ring opens until {@link #recovered}. */
    synchronized void stuck() {
        stuck = true;
    }

    synchronized void recovered() {
        stuck = false;
        loop.execute(this::openWaiting);
    }

    /** Rings that were asked for and are neither open nor refused. */
    synchronized int openingRings() {
        return opening.size();
    }

    /** From now on requests wait until {@link #begin} and {@link #release}. */
    synchronized void hold() {
        holding = true;
    }

    /** Begins the next requests of the oldest ring, without finishing them. */
    synchronized void begin(int count) {
        for (Ring ring : rings) {
            for (int i = 0; i < count && !ring.available.isEmpty(); i++) {
                ring.begun.add(ring.available.remove());
            }
            return;
        }
    }

    /** Goes on by itself again, with everything that is begun or available. */
    synchronized void goOn() {
        holding = false;
        loop.execute(this::release);
    }

    private synchronized void release() {
        if (holding) {
            return;
        }
        for (Ring ring : List.copyOf(rings)) {
            if (!ring.closing) {
                ring.begun.addAll(ring.available);
                ring.available.clear();
            }
            List<BlockRequest> done = new ArrayList<>(ring.begun);
            ring.begun.clear();
            done.forEach(request -> execute(ring, request));
            ring.outstanding -= done.size();
            if (!done.isEmpty()) {
                ring.sink.completed(done);
            }
        }
        drainClosing();
    }

    private void execute(Ring ring, BlockRequest request) {
        executed.add(
                "ring "
                        + ring.id
                        + " "
                        + request.operation()
                        + " "
                        + request.offsetBytes()
                        + "+"
                        + request.lengthBytes()
                        + " flags "
                        + request.flags());
        int written = 0;
        if (failure == ChainStatus.OK) {
            written = perform(request);
        }
        Completions.complete(request, failure, written);
    }

    private int perform(BlockRequest request) {
        int at = (int) request.offsetBytes();
        int lengthBytes = (int) request.lengthBytes();
        Payload payload = request.payload();
        switch (request.operation()) {
            case READ -> {
                copy(payload, at, true);
                return lengthBytes;
            }
            case WRITE -> {
                copy(payload, at, false);
                mark(at, lengthBytes, true);
            }
            case DISCARD, WRITE_ZEROES -> {
                java.util.Arrays.fill(content, at, at + lengthBytes, (byte) 0);
                mark(
                        at,
                        lengthBytes,
                        (request.flags() & 2) == 0
                                && request.operation() == Operation.WRITE_ZEROES);
            }
            case FLUSH -> flushes++;
            case EXTENTS -> {
                return extents(payload.segment(0), at, lengthBytes);
            }
            default -> throw new IllegalArgumentException("no " + request.operation());
        }
        return 0;
    }

    private void copy(Payload payload, int at, boolean read) {
        int position = at;
        for (int i = 0; i < payload.segmentCount(); i++) {
            ByteBuffer segment = payload.segment(i).duplicate().clear();
            int lengthBytes = segment.remaining();
            if (read) {
                segment.put(content, position, lengthBytes);
            } else {
                segment.get(content, position, lengthBytes);
            }
            position += lengthBytes;
        }
    }

    /** A part of a block makes all of it allocated, and none of it a hole. */
    private void mark(int at, int lengthBytes, boolean data) {
        int end = at + lengthBytes;
        int up = BLOCK_BYTES - 1;
        int first = (data ? at : at + up) / BLOCK_BYTES;
        java.util.Arrays.fill(
                allocated, first, Math.max(first, (data ? end + up : end) / BLOCK_BYTES), data);
    }

    private int extents(ByteBuffer out, int at, int lengthBytes) {
        int records = 0;
        int end = at + lengthBytes;
        int next = at;
        while (next < end && (records + 1) * ExtentRecord.BYTES <= out.capacity()) {
            int from = next;
            boolean data = allocated[from / BLOCK_BYTES];
            while (next < end && allocated[next / BLOCK_BYTES] == data) {
                next = Math.min(end, (next / BLOCK_BYTES + 1) * BLOCK_BYTES);
            }
            int flags = data ? 0 : ExtentRecord.FLAG_HOLE | ExtentRecord.FLAG_ZERO;
            ExtentRecord.write(out, records++ * ExtentRecord.BYTES, next - from, flags);
        }
        return records * ExtentRecord.BYTES;
    }

    synchronized void poolBytes(long bytes) {
        poolBytes = bytes;
    }

    synchronized void maxOutstanding(int requests) {
        maxOutstanding = requests;
    }

    synchronized void refuse(String reason) {
        refusal = reason;
    }

    synchronized void fail(byte status) {
        failure = status;
    }

    /** What was executed, in order. */
    synchronized List<String> executed() {
        return List.copyOf(executed);
    }

    synchronized int flushes() {
        return flushes;
    }

    synchronized int largestBatch() {
        return largestBatch;
    }

    synchronized int openRings() {
        return rings.size();
    }

    /** Most that were open at the same time. */
    synchronized int mostRings() {
        return mostRings;
    }

    /** Requests of all rings that are submitted and not finished. */
    synchronized int outstanding() {
        return rings.stream().mapToInt(ring -> ring.available.size() + ring.begun.size()).sum();
    }

    /** Payload memory in use over all rings. */
    synchronized long usedPayloadBytes() {
        return rings.stream().mapToLong(ring -> ring.pool.usedBytes()).sum();
    }

    synchronized byte[] content(int at, int lengthBytes) {
        return java.util.Arrays.copyOfRange(content, at, at + lengthBytes);
    }
}
