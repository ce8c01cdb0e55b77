package io.chainring.host.fault;

import io.chainring.host.store.BlockStore;
import io.chainring.host.store.ExtentConsumer;
import io.chainring.host.store.StoreFailedException;
import io.chainring.host.store.StoreStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A store that fails, is slow, or blocks when told to, in front of a real one. What is told comes in two kinds: {@link
 * StoreFault}s, which end by themselves, for chaos; and single calls, counted per kind from 1, for tests that know which one
 * they mean. While nothing is told a call costs a lock and a count more.
 *
 * <p>What each fault does to a chain is what the same error of a disk would ({@link BlockStore}).
 */
public final class FaultyStore implements BlockStore {
    /** Kinds of calls. */
    public enum Call {
        READ,
        WRITE,
        FLUSH,
        DISCARD,
        ZEROES,
        EXTENTS
    }

    /** What a call meets; any throwable may come out. */
    private interface Fault {
        void meet(long number) throws IOException;
    }

    private final BlockStore behind;
    private final Map<Call, List<Fault>> faults = new EnumMap<>(Call.class);
    private final Map<Call, Long> counts = new EnumMap<>(Call.class);
    private int inside;
    private int mostInside;
    private boolean tearNextWrite;
    private boolean syncFailed;
    private final StoreFaults open;

    /** In front of a store, which it closes; what is drawn is drawn from seed 0. */
    public FaultyStore(BlockStore behind) {
        this(behind, 0);
    }

    /**
     * In front of a store, which it closes.
     *
     * @param seed of delays, and of where writes are cut
     */
    public FaultyStore(BlockStore behind, long seed) {
        this.behind = behind;
        this.open = new StoreFaults(behind.name(), seed);
        for (Call call : Call.values()) {
            faults.put(call, new ArrayList<>());
            counts.put(call, 0L);
        }
    }

    /**
     * Something is wrong from now on. Only a failed sync outlasts its time.
     *
     * @param operations calls that it hits at most
     * @param millis how long at most
     */
    public void inject(StoreFault fault, long operations, long millis) {
        open.open().open(fault, operations, millis);
    }

    /** Calls that it has hit so far. */
    public long met(StoreFault fault) {
        return open.open().met(fault);
    }

    /** The n-th call of that kind, counted from now on, throws. */
    public void failNth(Call call, long n, IOException error) {
        add(call, new NthFault(count(call) + n, error));
    }

    /** Each call of that kind throws, until {@link #heal}. */
    public void failAll(Call call, IOException error) {
        add(
                call,
                number -> {
                    throw error;
                });
    }

    /** The n-th call of that kind, counted from now on, throws what no store should. */
    public void breakNth(Call call, long n, RuntimeException error) {
        add(call, new NthFault(count(call) + n, error));
    }

    /** The n-th call of that kind, counted from now on, throws an Error. */
    public void breakNth(Call call, long n, Error error) {
        add(call, new NthFault(count(call) + n, error));
    }

    /** The next write writes its first buffer's first half and throws. */
    public synchronized void tearWrite() {
        tearNextWrite = true;
    }

    /** Each call of that kind takes that much longer, until {@link #heal}. */
    public void slowDown(Call call, long delayNanos) {
        add(call, number -> StoreFaults.sleep(delayNanos));
    }

    /** As the file store after a failed fdatasync (scenario H3): flushes and changes throw for good. */
    public synchronized void failSyncForGood() {
        syncFailed = true;
    }

    /** Each call of that kind waits until the barrier is opened. */
    public Barrier block(Call call) {
        Barrier barrier = new Barrier();
        add(call, barrier);
        return barrier;
    }

    /** Takes all faults away, except a failed sync; closed barriers are opened. */
    public synchronized void heal() {
        open.open().closeAll();
        for (List<Fault> list : faults.values()) {
            for (Fault fault : list) {
                if (fault instanceof Barrier barrier) {
                    barrier.open();
                }
            }
            list.clear();
        }
    }

    /** Calls of that kind so far, failed ones included. */
    public synchronized long count(Call call) {
        return counts.getOrDefault(call, 0L);
    }

    /** Calls that are inside at this moment. */
    public synchronized int inside() {
        return inside;
    }

    /** The most calls that were ever inside at once. */
    public synchronized int mostInside() {
        return mostInside;
    }

    /** Holds calls until it is opened. */
    public static final class Barrier implements Fault {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);

        private Barrier() {}

        @Override
        public void meet(long number) {
            entered.countDown();
            boolean interrupted = false;
            while (true) {
                try {
                    opened.await();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /** Waits until a call is held. */
        public void awaitEntered() throws InterruptedException {
            if (!entered.await(30, TimeUnit.SECONDS)) {
                throw new IllegalStateException("no call came to the barrier within 30 s");
            }
        }

        /** Lets all through, now and later. */
        public void open() {
            opened.countDown();
        }
    }

    private record NthFault(long n, Throwable error) implements Fault {
        @Override
        public void meet(long number) throws IOException {
            if (number == n) {
                if (error instanceof IOException e) {
                    throw e;
                } else if (error instanceof RuntimeException e) {
                    throw e;
                }
                throw (Error) error;
            }
        }
    }

    private synchronized void add(Call call, Fault fault) {
        faultsOf(call).add(fault);
    }

    private List<Fault> faultsOf(Call call) {
        return faults.computeIfAbsent(call, none -> new ArrayList<>());
    }

    private void enter(Call call) throws IOException {
        List<Fault> met;
        long number;
        synchronized (this) {
            number = counts.merge(call, 1L, Long::sum);
            met = List.copyOf(faultsOf(call));
            inside++;
            mostInside = Math.max(mostInside, inside);
            if (syncFailed && call != Call.READ && call != Call.EXTENTS) {
                throw new StoreFailedException(name() + ": fdatasync failed");
            }
        }
        open.delay();
        for (Fault fault : met) {
            fault.meet(number);
        }
    }

    private synchronized void leave() {
        inside--;
    }

    private interface Work {
        void run() throws IOException;
    }

    private void call(Call call, Work work) throws IOException {
        try {
            enter(call);
            work.run();
        } finally {
            leave();
        }
    }

    private synchronized boolean takeTear() {
        boolean tear = tearNextWrite;
        tearNextWrite = false;
        return tear;
    }

    @Override
    public void read(long offsetBytes, ByteBuffer[] buffers) throws IOException {
        call(Call.READ, () -> open.read(behind, offsetBytes, buffers));
    }

    @Override
    public void write(long offsetBytes, ByteBuffer[] buffers) throws IOException {
        call(
                Call.WRITE,
                () -> {
                    if (takeTear()) {
                        ByteBuffer half = buffers[0].duplicate();
                        half.limit(half.position() + half.remaining() / 2);
                        behind.write(offsetBytes, new ByteBuffer[] {half});
                        throw new IOException(name() + ": torn write");
                    }
                    open.write(behind, offsetBytes, buffers);
                });
    }

    @Override
    public void flush() throws IOException {
        call(
                Call.FLUSH,
                () -> {
                    if (open.open().meets(StoreFault.SYNC_FAIL)) {
                        failSyncForGood();
                        throw new StoreFailedException(name() + ": injected: fdatasync failed");
                    }
                    behind.flush();
                });
    }

    @Override
    public long pieceBytes(long offsetBytes, long lengthBytes) {
        return behind.pieceBytes(offsetBytes, lengthBytes);
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        call(
                Call.DISCARD,
                () -> {
                    open.failPlain();
                    behind.discard(offsetBytes, lengthBytes);
                });
    }

    @Override
    public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap, boolean fastOnly)
            throws IOException {
        call(
                Call.ZEROES,
                () -> {
                    open.failForSpace();
                    open.failPlain();
                    behind.writeZeroes(offsetBytes, lengthBytes, mayUnmap, fastOnly);
                });
    }

    @Override
    public void extents(long offsetBytes, long lengthBytes, ExtentConsumer consumer)
            throws IOException {
        call(
                Call.EXTENTS,
                () -> {
                    open.failPlain();
                    behind.extents(offsetBytes, lengthBytes, consumer);
                });
    }

    @Override
    public void grow(long newCapacityBytes) throws IOException {
        behind.grow(newCapacityBytes);
    }

    @Override
    public String name() {
        return behind.name();
    }

    @Override
    public long capacityBytes() {
        return behind.capacityBytes();
    }

    @Override
    public boolean readOnly() {
        return behind.readOnly();
    }

    @Override
    public synchronized StoreStatus status() {
        return syncFailed
                ? new StoreStatus(StoreStatus.State.FAILED, name() + ": fdatasync failed")
                : behind.status();
    }

    @Override
    public void close() throws IOException {
        behind.close();
    }
}
