package io.chainring.ring.request;

import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.virtqueue.ChainBuffers;
import io.chainring.ring.virtqueue.DeviceQueue;
import io.chainring.ring.virtqueue.DriverQueue;
import io.chainring.ring.virtqueue.QueueLayout;
import java.nio.ByteBuffer;

/** One ring with both its sides, and a chain of given buffers sent through it. */
final class RequestFixture {
    static final int SIZE = 64;
    static final int BUFFER_BYTES = 1 << 16;

    final DirectRingMemory memory = new DirectRingMemory();
    final long buffers = memory.allocateRegion(BUFFER_BYTES);
    final ByteBuffer bytes = memory.slice(buffers, BUFFER_BYTES);
    final ChainBuffers chain = new ChainBuffers(SIZE, BUFFER_BYTES);
    private final QueueLayout layout =
            QueueLayout.contiguous(memory.allocateRegion(QueueLayout.bytesFor(SIZE)), SIZE);
    private final DriverQueue driver = new DriverQueue(memory, layout, true);
    private final DeviceQueue device = new DeviceQueue(memory, layout, true);

    /** Sends the first bytes of the buffer, cut into parts of these lengths, and reads the chain. */
    ChainBuffers send(int[] readable, int[] writable) {
        int count = readable.length + writable.length;
        long[] addresses = new long[count];
        int[] lengths = new int[count];
        long at = buffers;
        for (int i = 0; i < count; i++) {
            lengths[i] = i < readable.length ? readable[i] : writable[i - readable.length];
            addresses[i] = at;
            at += lengths[i];
        }
        int head = driver.add(addresses, lengths, readable.length, writable.length);
        driver.publish(head);
        driver.flush();
        device.read(device.take(), chain);
        device.publishUsed(head, 0);
        device.flushUsed();
        driver.takeUsed();
        return chain;
    }

    /** A request with its header at the start of the buffer. */
    void header(int type, int reserved, long sector) {
        bytes.putInt(0, type).putInt(4, reserved).putLong(8, sector);
    }

    /** A segment behind the header. */
    void segment(long sector, int sectors, int flags) {
        bytes.putLong(16, sector).putInt(24, sectors).putInt(28, flags);
    }
}
