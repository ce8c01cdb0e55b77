package io.chainring.ring.request;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.chainring.ring.memory.DirectRingMemory;
import io.chainring.ring.virtqueue.ChainBuffers;
import io.chainring.ring.virtqueue.DeviceQueue;
import io.chainring.ring.virtqueue.DriverQueue;
import io.chainring.ring.virtqueue.QueueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A chain's way through the ring and back, parsed on the way, leaves nothing for the collector. */
class SteadyStateAllocationTest {
    private static final int SIZE = 64;
    private static final int CHAINS = 100_000;

    private final DirectRingMemory memory = new DirectRingMemory();
    private final QueueLayout layout =
            QueueLayout.contiguous(memory.allocateRegion(QueueLayout.bytesFor(SIZE)), SIZE);
    private final long buffers = memory.allocateRegion(16 * 1024);
    private final ByteBuffer headers = memory.slice(buffers, 16);
    private final DriverQueue driver = new DriverQueue(memory, layout, true);
    private final DeviceQueue device = new DeviceQueue(memory, layout, true);
    private final ChainBuffers chain = new ChainBuffers(8, 1 << 20);
    private final RequestParser parser = new RequestParser();
    private final ChainRequest request = new ChainRequest();
    private final long[] addresses = {buffers, buffers + 512, buffers + 8192};
    private final int[] lengths = {16, 4096, 1};

    @Test
    void chainsAreFreeOfAllocation() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        assertTrue(threads.isThreadAllocatedMemorySupported());
        run(CHAINS);
        long before = threads.getCurrentThreadAllocatedBytes();
        run(CHAINS);
        long allocatedBytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocatedBytes < CHAINS, allocatedBytes + " bytes for " + CHAINS + " chains");
    }

    private void run(int chains) {
        for (int i = 0; i < chains; i++) {
            RequestWriter.write(headers, 0, Operation.READ, 4096, 512, 0);
            int head = driver.add(addresses, lengths, 1, 2);
            driver.publish(head);
            driver.flush();
            assertTrue(driver.shouldKick());
            int taken = device.take();
            device.read(taken, chain);
            byte status = parser.parse(chain, 1 << 20, true, request);
            request.setStatus(status);
            device.publishUsed(taken, (int) request.dataBytes() + 1);
            device.flushUsed();
            assertTrue(device.shouldNotify());
            assertTrue(!device.enableKicks());
            assertEquals(head, driver.takeUsed());
            assertTrue(!driver.enableNotifications());
        }
    }
}
