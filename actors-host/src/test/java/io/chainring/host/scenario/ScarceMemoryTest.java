package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.typesafe.config.ConfigFactory;
import io.chainring.base.Seed;
import io.chainring.host.IoMode;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.slab.SlabPool;
import io.chainring.ring.supervise.RingMemory;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests that are far larger than all the memory there is, through deaths of the backend. */
final class ScarceMemoryTest {
    private static final int LARGE_BYTES = 6 << 20;

    @TempDir Path directory;

    private DiskUnderTest disk(String budget) {
        return new DiskUnderTest(
                new MemoryBlockStore("under-test", 4L * LARGE_BYTES),
                ConfigFactory.parseString(
                                "chainring.ring { memory-budget = "
                                        + budget
                                        + ", guaranteed-rings = 2 }")
                        .withFallback(DiskUnderTest.onFiles(directory)),
                IoMode.POOL,
                UnaryOperator.identity());
    }

    private static ByteBuffer large(String label) {
        byte[] bytes = new byte[LARGE_BYTES];
        Seed.random(ScarceMemoryTest.class).nextBytes(bytes);
        bytes[0] = (byte) label.hashCode();
        return ByteBuffer.wrap(bytes);
    }

    @Test
    void requestsOfAnyLengthAreServedAndTheMemoryComesBack() {
        try (DiskUnderTest disk = disk("384 KiB")) {
            SlabPool slabs = RingMemory.get(disk.kit().system()).slabs();
            ByteBuffer first = large("first");
            ByteBuffer second = large("second");
            BlockClient client = disk.client();
            BlockClient other = disk.client();
            CompletionStage<Void> one = client.write(0, first);
            CompletionStage<Void> two = other.write(LARGE_BYTES, second);
            await(one);
            await(two);
            assertEquals(first, await(client.read(0, LARGE_BYTES)));
            assertEquals(second, await(client.read(LARGE_BYTES, LARGE_BYTES)));
            client.close();
            other.close();
            await(client.closed());
            await(other.closed());
            await().atMost(PATIENCE).until(() -> slabs.usedBytes() == 0);
        }
    }

    @Test
    void aRequestInPiecesSurvivesDeathsOfTheBackend() {
        try (DiskUnderTest disk = disk("512 KiB")) {
            BlockClient client = disk.client();
            for (int round = 0; round < 3; round++) {
                ByteBuffer data = large("round " + round);
                CompletionStage<Void> write = client.write(0, data);
                for (KillMode mode : KillMode.values()) {
                    disk.kill(Target.BACKEND, mode);
                }
                await(write);
                CompletionStage<ByteBuffer> read = client.read(0, LARGE_BYTES);
                disk.kill(Target.BACKEND, KillMode.STOP);
                assertEquals(data, await(read));
            }
        }
    }
}
