package io.chainring.ring.client;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.CompletionSink;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.frontend.PayloadPool;
import io.chainring.ring.frontend.RingPort;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import io.chainring.ring.supervise.RingService;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes a disk from inside the JVM, through a ring of its own. Thread-safe.
 *
 * <p>Offsets and lengths are in bytes, of any size. Requests that overlap and are submitted one after the other
 * take effect in that order; a request that depends on another one's effect in time waits for its stage.
 *
 * <p>Requests beyond what the ring takes wait here, in order, up to a limit. When the ring is lost (its frontend died)
 * the client opens another one and sends again what had not been answered, as block clients do; nothing of the lost ring
 * executes after that.
 *
 * <p>A read or write may be of any length. One that is longer than a chain, or than the memory that its ring may have at
 * present, is executed in pieces, one after the other where memory is scarce; it is not atomic.
 */
public final class BlockClient implements AutoCloseable {
    private final RingService service;
    private final int queueLimitRequests;
    private final Executor callbacks;
    private final Object lock = new Object();
    private final ArrayDeque<PendingOperation> waiting = new ArrayDeque<>();
    private final Map<Long, PendingOperation.Piece> sent = new LinkedHashMap<>();
    private final CompletableFuture<Void> closedStage = new CompletableFuture<>();
    private @Nullable RingPort port;
    private long ringId;
    private long nextTag;
    private boolean closing;

    /** Why no ring can be had; null while one can. */
    private @Nullable String ended;

    private BlockClient(RingService service, int queueLimitRequests, Executor callbacks) {
        this.service = service;
        this.queueLimitRequests = queueLimitRequests;
        this.callbacks = callbacks;
    }

    /**
     * Opens a client. Requests may be made at once; they wait until the ring is open.
     *
     * @param service the disk
     * @param queueLimitRequests most requests that wait for room in the ring; a further one fails at once
     * @param callbacks where stages are completed; not the disk's own dispatcher, if callers do more than a little
     */
    public static BlockClient open(
            RingService service, int queueLimitRequests, Executor callbacks) {
        BlockClient client = new BlockClient(service, queueLimitRequests, callbacks);
        synchronized (client.lock) {
            client.openRing();
        }
        return client;
    }

    private void openRing() {
        Sink sink = new Sink();
        ringId = service.openRing(sink);
    }

    /**
     * Reads.
     *
     * @return a new buffer with the bytes, position 0; or a failure with {@link BlockIoException}
     */
    public CompletionStage<ByteBuffer> read(long offsetBytes, int lengthBytes) {
        return submit(new PendingOperation(Operation.READ, offsetBytes, lengthBytes, 0, null));
    }

    /**
     * Reads into a buffer of the caller's: its remaining bytes, where it stands now, which is left as it is. What it holds
     * means nothing before the stage completes, nor after a failure.
     *
     * @throws IllegalArgumentException when it is read-only
     */
    public CompletionStage<Void> read(long offsetBytes, ByteBuffer into) {
        return readScattered(offsetBytes, List.of(into));
    }

    /** As {@link #read(long, ByteBuffer)}, into several buffers, one after the other. */
    public CompletionStage<Void> readScattered(long offsetBytes, List<ByteBuffer> into) {
        if (into.stream().anyMatch(ByteBuffer::isReadOnly)) {
            throw new IllegalArgumentException("a buffer to read into is read-only");
        }
        return done(submit(Operation.READ, offsetBytes, 0, ByteRun.of(into)));
    }

    /**
     * Writes the buffer's remaining bytes, which must not change before the stage completes. Its position is left as it is.
     */
    public CompletionStage<Void> write(long offsetBytes, ByteBuffer data) {
        return writeGathered(offsetBytes, List.of(data));
    }

    /** As {@link #write}, from several buffers, one after the other, in one request. */
    public CompletionStage<Void> writeGathered(long offsetBytes, List<ByteBuffer> data) {
        return done(submit(Operation.WRITE, offsetBytes, 0, ByteRun.of(data)));
    }

    /** As {@link #write}, and completes only when the bytes are on stable storage. */
    public CompletionStage<Void> writeThrough(long offsetBytes, ByteBuffer data) {
        return done(
                submit(
                        Operation.WRITE,
                        offsetBytes,
                        RequestHeader.FLAG_FUA,
                        ByteRun.of(List.of(data))));
    }

    private CompletionStage<ByteBuffer> submit(
            Operation operation, long offsetBytes, int flags, ByteRun bytes) {
        return submit(
                new PendingOperation(operation, offsetBytes, bytes.lengthBytes(), flags, bytes));
    }

    /** Completes when every write that was completed before is on stable storage. */
    public CompletionStage<Void> flush() {
        return done(submit(new PendingOperation(Operation.FLUSH, 0, 0, 0, null)));
    }

    /** Gives up the contents of a range. */
    public CompletionStage<Void> discard(long offsetBytes, long lengthBytes) {
        return done(
                submit(new PendingOperation(Operation.DISCARD, offsetBytes, lengthBytes, 0, null)));
    }

    /** Makes a range read as zeroes; its space may be given up. */
    public CompletionStage<Void> writeZeroes(long offsetBytes, long lengthBytes) {
        return done(
                submit(
                        new PendingOperation(
                                Operation.WRITE_ZEROES,
                                offsetBytes,
                                lengthBytes,
                                RequestHeader.FLAG_UNMAP,
                                null)));
    }

    private static CompletionStage<Void> done(CompletionStage<ByteBuffer> answer) {
        return answer.thenAccept(nothing -> {});
    }

    /** Finishes what was submitted, then closes the ring. Idempotent; the stage is {@link #closed}. */
    @Override
    public void close() {
        synchronized (lock) {
            closing = true;
            closeWhenIdle();
        }
    }

    /** Completes when the client has been closed and its ring is gone. */
    public CompletionStage<Void> closed() {
        return closedStage;
    }

    private CompletionStage<ByteBuffer> submit(PendingOperation operating) {
        String wrong = operating.whatIsWrong();
        if (wrong != null) {
            return CompletableFuture.failedFuture(new BlockIoException(wrong, ChainStatus.INVALID));
        }
        synchronized (lock) {
            if (closing) {
                return CompletableFuture.failedFuture(
                        new BlockIoException(
                                "the client of disk "
                                        + service.name()
                                        + " is closed"
                                        + (ended == null ? "" : ": " + ended),
                                ChainStatus.IOERR));
            }
            if (waiting.size() >= queueLimitRequests) {
                return CompletableFuture.failedFuture(
                        new BlockIoException(
                                "%s requests wait for disk %s (queue-limit-requests)"
                                        .formatted(waiting.size(), service.name()),
                                ChainStatus.IOERR));
            }
            waiting.add(operating);
            pump();
        }
        return operating.answer;
    }

    /** Sends what waits, as far as the ring takes it. */
    private void pump() {
        RingPort open = port;
        if (open == null) {
            return;
        }
        List<BlockRequest> batch = new ArrayList<>();
        while (!waiting.isEmpty() && sent.size() < open.maxOutstandingRequests()) {
            PendingOperation next = waiting.peek();
            Payload payload = null;
            if (next.hasPayload()) {
                payload = memoryFor(open, next.restBytes());
                if (payload == null) {
                    break;
                }
            }
            long tag = nextTag++;
            sent.put(tag, next.nextPiece());
            batch.add(next.begin(payload, tag));
            if (next.isBegunWhole()) {
                waiting.remove();
            }
        }
        if (!batch.isEmpty()) {
            open.submit(batch);
        }
    }

    /** Memory for as much as one chain takes; where there is less, and none is to come back, for less. */
    private @Nullable Payload memoryFor(RingPort open, int restBytes) {
        long most = Math.min(open.maxRequestBytes(), open.payloads().limitBytes());
        int lengthBytes = (int) Math.min(restBytes, Long.highestOneBit(most));
        Payload payload = open.payloads().allocate(lengthBytes);
        while (payload == null
                && sent.isEmpty()
                && lengthBytes > PayloadPool.SMALLEST_BLOCK_BYTES) {
            lengthBytes = Integer.highestOneBit(lengthBytes - 1);
            payload = open.payloads().allocate(lengthBytes);
        }
        return payload;
    }

    private void fail(PendingOperation operating, String why, byte status) {
        BlockIoException failure =
                new BlockIoException(
                        "%s on disk %s: %s".formatted(operating, service.name(), why), status);
        callbacks.execute(() -> operating.answer.completeExceptionally(failure));
    }

    private void closeWhenIdle() {
        if (closing && waiting.isEmpty() && sent.isEmpty()) {
            service.closeRing(ringId);
        }
    }

    private final class Sink implements CompletionSink {
        private boolean wasOpen;

        @Override
        public void opened(RingPort opened) {
            synchronized (lock) {
                wasOpen = true;
                port = opened;
                pump();
                closeWhenIdle();
            }
        }

        @Override
        public void completed(List<BlockRequest> requests) {
            synchronized (lock) {
                for (BlockRequest request : requests) {
                    answer(request);
                }
                pump();
                closeWhenIdle();
            }
        }

        private void answer(BlockRequest request) {
            PendingOperation.Piece piece = sent.remove(request.tag());
            if (piece == null) {
                throw new IllegalStateException(
                        "answer to a request that was not sent: " + request.tag());
            }
            if (piece.whole().completed(request, piece.atBytes())) {
                answer(piece.whole());
            }
        }

        private void answer(PendingOperation whole) {
            if (whole.status() == ChainStatus.OK) {
                ByteBuffer bytes = whole.result();
                callbacks.execute(() -> whole.answer.complete(bytes));
            } else {
                fail(whole, ChainStatus.name(whole.status()), whole.status());
            }
        }

        @Override
        public void closed(String reason) {
            synchronized (lock) {
                port = null;
                sendAgainLater();
                boolean idle = waiting.isEmpty();
                if (closing && idle) {
                    callbacks.execute(() -> closedStage.complete(null));
                } else if (wasOpen) {
                    openRing();
                } else {
                    endAll(reason);
                }
            }
        }

        private void sendAgainLater() {
            Set<PendingOperation> unanswered = new LinkedHashSet<>();
            sent.values().forEach(piece -> unanswered.add(piece.whole()));
            sent.clear();
            // The first that waits may have been begun.
            PendingOperation first = waiting.peek();
            if (first != null && first.isBegun()) {
                waiting.remove();
                unanswered.add(first);
            }
            List<PendingOperation> again = new ArrayList<>(unanswered);
            for (int i = again.size() - 1; i >= 0; i--) {
                again.get(i).again();
                waiting.addFirst(again.get(i));
            }
        }

        private void endAll(String reason) {
            closing = true;
            ended = reason;
            Iterator<PendingOperation> each = waiting.iterator();
            while (each.hasNext()) {
                fail(each.next(), reason, ChainStatus.IOERR);
            }
            waiting.clear();
            callbacks.execute(() -> closedStage.complete(null));
        }
    }
}
