package io.chainring.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.chaos.Chaos;
import io.chainring.chaos.ChaosResult;
import io.chainring.chaos.plan.FaultDriver;
import io.chainring.chaos.tested.BlockTarget;
import io.chainring.chaos.tested.CallTarget;
import io.chainring.chaos.tested.TargetDoor;
import io.chainring.chaos.tested.TargetFeatures;
import io.chainring.host.disk.DiskListener;
import io.chainring.host.embed.Chainring;
import io.chainring.host.embed.EmbeddedDisk;
import io.chainring.host.store.FileBlockStore;
import io.chainring.host.store.FileStoreOptions;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application's own disk under chaos: what it takes, beside the disk, is one method and one test. */
final class ChaosExampleTest {
    private static final long SIZE_BYTES = 16 << 20;

    @TempDir private Path folder;
    private ActorSystem<Void> system;
    private EmbeddedDisk disk;

    @BeforeEach
    void open() throws Exception {
        Config config =
                ConfigFactory.parseMap(
                        Map.of(
                                "pekko.persistence.journal.plugin",
                                        "chainring.persistence.leveldb.journal",
                                "pekko.persistence.snapshot-store.plugin",
                                        "chainring.persistence.leveldb.snapshot-store",
                                "chainring.persistence.leveldb.dir",
                                        folder.resolve("journal").toString(),
                                "chainring.persistence.leveldb.fsync", "off",
                                "pekko.persistence.typed.stash-overflow-strategy", "fail",
                                "pekko.loglevel", "OFF"));
        system =
                ActorSystem.create(
                        Behaviors.empty(), "chaos", config.withFallback(ConfigFactory.load()));
        FileBlockStore store =
                FileBlockStore.open(
                        folder.resolve("disk.img"),
                        FileStoreOptions.DEFAULT.withCreateSizeBytes(SIZE_BYTES));
        disk =
                Chainring.get(system)
                        .open(
                                "vol0",
                                store,
                                DiskListener.NONE,
                                DispatcherSelector.defaultDispatcher());
        disk.whenServing().toCompletableFuture().get(1, TimeUnit.MINUTES);
    }

    @AfterEach
    void close() throws Exception {
        disk.stop(Duration.ofMinutes(1)).toCompletableFuture().get(2, TimeUnit.MINUTES);
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(2, TimeUnit.MINUTES);
    }

    private BlockTarget connect() {
        BlockClient client = disk.openClient();
        TargetFeatures features = new TargetFeatures(SIZE_BYTES, 1, true, true, true, true);
        return new CallTarget(
                features,
                client::read,
                client::write,
                client::writeThrough,
                client::flush,
                client::discard,
                client::writeZeroes,
                client::close);
    }

    private FaultDriver kill(Target who) {
        KillMode[] modes = KillMode.values();
        return fault -> {
            KillMode how = modes[fault.draw() % modes.length];
            boolean killed = disk.kill(who, how).toCompletableFuture().join();
            return new FaultDriver.Outcome(killed, who + " by " + how);
        };
    }

    @Test
    void theDiskKeepsItsPromisesWhileItsActorsDie() throws Exception {
        ChaosResult result =
                Chaos.on(TargetDoor.of("vol0", this::connect))
                        .operations(10_000)
                        .zeroed()
                        .answerLimit(Duration.ofMinutes(4))
                        .fault("backend-kill", kill(Target.BACKEND))
                        .fault("host-kill", kill(Target.HOST))
                        .run();
        assertTrue(result.isGood(), result::text);
    }
}
