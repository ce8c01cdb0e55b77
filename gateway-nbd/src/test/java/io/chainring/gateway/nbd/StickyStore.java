package io.chainring.gateway.nbd;

import io.chainring.host.store.BlockStore;
import io.chainring.host.store.ExtentConsumer;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.host.store.StoreStatus;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A memory store whose writes get stuck when asked to, until they may go on. */
final class StickyStore implements BlockStore {
    private final MemoryBlockStore store;
    private boolean sticking;
    private int stuckWrites;
    private int writes;

    StickyStore(long capacityBytes) {
        store = new MemoryBlockStore("sticky", capacityBytes);
    }

    synchronized void stick() {
        sticking = true;
    }

    synchronized void goOn() {
        sticking = false;
        notifyAll();
    }

    synchronized int stuckWrites() {
        return stuckWrites;
    }

    /** Writes that have reached the bytes. */
    synchronized int writes() {
        return writes;
    }

    private synchronized void passOrStick() throws IOException {
        stuckWrites++;
        try {
            while (sticking) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while stuck", e);
        } finally {
            stuckWrites--;
        }
        writes++;
    }

    @Override
    public void write(long offsetBytes, ByteBuffer[] buffers) throws IOException {
        passOrStick();
        store.write(offsetBytes, buffers);
    }

    @Override
    public String name() {
        return store.name();
    }

    @Override
    public long capacityBytes() {
        return store.capacityBytes();
    }

    @Override
    public boolean readOnly() {
        return store.readOnly();
    }

    @Override
    public void read(long offsetBytes, ByteBuffer[] buffers) throws IOException {
        store.read(offsetBytes, buffers);
    }

    @Override
    public void flush() throws IOException {
        store.flush();
    }

    @Override
    public void discard(long offsetBytes, long lengthBytes) throws IOException {
        store.discard(offsetBytes, lengthBytes);
    }

    @Override
    public void writeZeroes(long offsetBytes, long lengthBytes, boolean mayUnmap, boolean fastOnly)
            throws IOException {
        store.writeZeroes(offsetBytes, lengthBytes, mayUnmap, fastOnly);
    }

    @Override
    public void extents(long offsetBytes, long lengthBytes, ExtentConsumer consumer)
            throws IOException {
        store.extents(offsetBytes, lengthBytes, consumer);
    }

    @Override
    public void grow(long newCapacityBytes) throws IOException {
        store.grow(newCapacityBytes);
    }

    @Override
    public StoreStatus status() {
        return store.status();
    }

    @Override
    public void close() {
        store.close();
    }
}
