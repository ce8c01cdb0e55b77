package io.chainring.host.metrics;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.host.embed.Chainring;
import io.chainring.host.embed.EmbeddedDisk;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockingClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application's registry of Micrometer shows of a disk. */
final class DiskMetersTest {
    private static final int REQUESTS = 10;

    @TempDir Path folder;

    private Config config() {
        return ConfigFactory.parseMap(
                        Map.of(
                                "pekko.persistence.journal.plugin",
                                "chainring.persistence.leveldb.journal",
                                "pekko.persistence.snapshot-store.plugin",
                                "chainring.persistence.leveldb.snapshot-store",
                                "chainring.persistence.leveldb.dir",
                                folder.toString(),
                                "chainring.persistence.leveldb.fsync",
                                "off"))
                .withFallback(ConfigFactory.load());
    }

    @Test
    void countsAndTimesAreThereUntilTheyAreClosed() throws IOException {
        ActorTestKit kit = ActorTestKit.create("application", config());
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (DiskMeters meters = new DiskMeters(registry, "vol0");
                EmbeddedDisk disk =
                        Chainring.get(kit.system())
                                .open("vol0", new MemoryBlockStore("memory", 1 << 20), meters);
                BlockingClient client = disk.openBlocking()) {
            meters.show(disk);
            for (int i = 0; i < REQUESTS; i++) {
                client.write(0, ByteBuffer.allocate(512));
            }
            client.flush();
            disk.kill(Target.BACKEND, KillMode.ERROR).toCompletableFuture().join();
            client.read(0, ByteBuffer.allocate(512));
            System.gc();
            await().until(
                            () ->
                                    registry.get("chainring.backend.restarts")
                                                    .functionCounter()
                                                    .count()
                                            == 1);
            assertEquals(
                    REQUESTS + 2,
                    registry.get("chainring.chains.completed").functionCounter().count());
            assertEquals(
                    REQUESTS,
                    registry.get("chainring.chain.latency")
                            .tags("disk", "vol0", "operation", "write", "status", "ok")
                            .timer()
                            .count());
            assertEquals(
                    2,
                    registry.get("chainring.recovery").timer().count(),
                    "the start and one death");
            assertEquals(2, registry.get("chainring.backend.epoch").gauge().value());
            assertEquals(1, registry.get("chainring.disk.serving").gauge().value());
            assertTrue(registry.get("chainring.store.sync").timer().count() > 0);
        } finally {
            kit.shutdownTestKit();
        }
        assertEquals(List.of(), registry.getMeters());
    }
}
