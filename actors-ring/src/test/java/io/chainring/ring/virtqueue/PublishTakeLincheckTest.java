package io.chainring.ring.virtqueue;

import io.chainring.ring.memory.DirectRingMemory;
import org.jetbrains.kotlinx.lincheck.LinChecker;
import org.jetbrains.kotlinx.lincheck.annotations.OpGroupConfig;
import org.jetbrains.kotlinx.lincheck.annotations.Operation;
import org.jetbrains.kotlinx.lincheck.annotations.Param;
import org.jetbrains.kotlinx.lincheck.paramgen.IntGen;
import org.jetbrains.kotlinx.lincheck.strategy.stress.StressOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Lincheck: a driver that publishes and a device that takes, on two threads, are together one bounded
 * queue. The value of a chain is its readable buffer, written before the publication.
 */
@OpGroupConfig(name = "driver", nonParallel = true)
@OpGroupConfig(name = "device", nonParallel = true)
@Timeout(240)
public class PublishTakeLincheckTest {
    static final int SIZE = 2;

    private final DirectRingMemory memory = new DirectRingMemory();
    private final QueueLayout layout =
            QueueLayout.contiguous(memory.allocateRegion(QueueLayout.bytesFor(SIZE)), SIZE);
    private final long data = memory.allocateRegion(64);
    private final DriverQueue driver = new DriverQueue(memory, layout, true);
    private final DeviceQueue device = new DeviceQueue(memory, layout, true);
    private final ChainBuffers chain = new ChainBuffers(1, 64);

    private int published;

    /** Publishes a chain with this value; false when all descriptors are in use. */
    @Operation(group = "driver")
    public boolean publish(@Param(gen = IntGen.class, conf = "1:9") int value) {
        while (driver.takeUsed() >= 0) {
            continue;
        }
        long address = data + 8L * (published % SIZE);
        int head = driver.add(new long[] {address}, new int[] {4}, 1, 0);
        if (head < 0) {
            return false;
        }
        memory.setU32(address, value);
        driver.publish(head);
        driver.flush();
        published++;
        return true;
    }

    /** Takes the next chain, completes it and returns its value; 0 when there is none. */
    @Operation(group = "device")
    public int take() {
        int head = device.take();
        if (head < 0) {
            return 0;
        }
        device.read(head, chain);
        int value = chain.readable(0).getInt();
        device.publishUsed(head, 0);
        device.flushUsed();
        return value;
    }

    @Test
    void publishAndTakeAreOneBoundedQueue() {
        StressOptions options =
                new StressOptions()
                        .sequentialSpecification(BoundedQueue.class)
                        .threads(2)
                        .actorsPerThread(3)
                        .actorsBefore(1)
                        .actorsAfter(1)
                        .iterations(10)
                        .invocationsPerIteration(250);
        LinChecker.check(PublishTakeLincheckTest.class, options);
    }
}
