package io.chainring.host.fault;

import io.chainring.base.fault.OpenFaults;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.StoreNoSpaceException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What is wrong with a store now, and what that does to a call. Thread-safe. */
final class StoreFaults {
    private static final long LONGEST_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final int SECTOR_BYTES = 512;

    private final String name;
    private final OpenFaults<StoreFault> open = new OpenFaults<>(StoreFault.class);
    private final SplittableRandom random;

    StoreFaults(String name, long seed) {
        this.name = name;
        this.random = new SplittableRandom(seed);
    }

    OpenFaults<StoreFault> open() {
        return open;
    }

    /** From 0 to below. */
    private long draw(long below) {
        synchronized (random) {
            return random.nextLong(below);
        }
    }

    void delay() {
        if (open.meets(StoreFault.SLOW)) {
            sleep(draw(LONGEST_DELAY_NANOS));
        }
    }

    /** To the end, whoever interrupts. */
    static void sleep(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long rest = nanos; rest > 0; rest = end - System.nanoTime()) {
            LockSupport.parkNanos(rest);
        }
    }

    void failPlain() throws IOException {
        if (open.meets(StoreFault.EIO)) {
            throw new IOException(name + ": injected I/O error, nothing was done");
        }
    }

    void failForSpace() throws IOException {
        if (open.meets(StoreFault.ENOSPC)) {
            throw new StoreNoSpaceException(name + ": injected: no space left on device");
        }
    }

    void read(BlockStore behind, long offsetBytes, ByteBuffer[] buffers) throws IOException {
        failPlain();
        long length = length(buffers);
        if (length > 1 && open.meets(StoreFault.SHORT)) {
            long cut = 1 + draw(length - 1);
            behind.read(offsetBytes, part(buffers, 0, cut));
            behind.read(offsetBytes + cut, part(buffers, cut, length - cut));
        } else {
            behind.read(offsetBytes, buffers);
        }
    }

    void write(BlockStore behind, long offsetBytes, ByteBuffer[] buffers) throws IOException {
        failForSpace();
        long length = length(buffers);
        if (open.meets(StoreFault.EIO)) {
            begin(
                    behind,
                    offsetBytes,
                    buffers,
                    draw(2) == 0 ? 0 : wholeSectors(offsetBytes, length));
        }
        if (open.meets(StoreFault.TORN)) {
            begin(behind, offsetBytes, buffers, wholeSectors(offsetBytes, length));
        }
        if (length > 1 && open.meets(StoreFault.SHORT)) {
            long cut = 1 + draw(length - 1);
            behind.write(offsetBytes, part(buffers, 0, cut));
            behind.write(offsetBytes + cut, part(buffers, cut, length - cut));
        } else {
            behind.write(offsetBytes, buffers);
        }
    }

    /** Where a write of that length ends early: a disk writes a sector, or leaves it. */
    private long wholeSectors(long offsetBytes, long lengthBytes) {
        long end = (offsetBytes + draw(lengthBytes + 1)) / SECTOR_BYTES * SECTOR_BYTES;
        return Math.max(0, end - offsetBytes);
    }

    private void begin(BlockStore behind, long offsetBytes, ByteBuffer[] buffers, long doneBytes)
            throws IOException {
        if (doneBytes > 0) {
            behind.write(offsetBytes, part(buffers, 0, doneBytes));
        }
        throw new IOException(
                "%s: injected I/O error, %s bytes of %s were written"
                        .formatted(name, doneBytes, length(buffers)));
    }

    private static long length(ByteBuffer[] buffers) {
        long sum = 0;
        for (ByteBuffer buffer : buffers) {
            sum += buffer.remaining();
        }
        return sum;
    }

    /** The same memory, so many bytes of it from there on. */
    private static ByteBuffer[] part(ByteBuffer[] buffers, long fromBytes, long lengthBytes) {
        ByteBuffer[] parts = new ByteBuffer[buffers.length];
        long skip = fromBytes;
        long rest = lengthBytes;
        for (int i = 0; i < buffers.length; i++) {
            ByteBuffer view = buffers[i].duplicate();
            int skipped = (int) Math.min(skip, view.remaining());
            view.position(view.position() + skipped);
            view.limit(view.position() + (int) Math.min(rest, view.remaining()));
            skip -= skipped;
            rest -= view.remaining();
            parts[i] = view;
        }
        return parts;
    }
}
