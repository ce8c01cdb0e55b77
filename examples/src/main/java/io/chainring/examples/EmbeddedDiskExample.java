package io.chainring.examples;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.host.disk.DiskListener;
import io.chainring.host.embed.Chainring;
import io.chainring.host.embed.EmbeddedDisk;
import io.chainring.host.store.FileBlockStore;
import io.chainring.host.store.FileStoreOptions;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * A disk inside an application: writes a thousand blocks while the backend is killed again and again, reads them back,
 * and says what happened.
 */
public final class EmbeddedDiskExample {
    private static final int BLOCKS = 1000;
    private static final int BLOCK_BYTES = 4096;
    private static final int KILL_EVERY_BLOCKS = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** All actors of a disk on one thread: fewer hands that a request goes through. */
    private static final Config ONE_THREAD =
            ConfigFactory.parseString(
                    """
                    vol0-dispatcher {
                      type = Dispatcher
                      executor = thread-pool-executor
                      thread-pool-executor.fixed-pool-size = 1
                    }
                    """);

    private EmbeddedDiskExample() {}

    /** Runs in the folder that is named, or in a temporary one. */
    public static void main(String[] args) throws Exception {
        Path folder =
                args.length > 0 ? Path.of(args[0]) : Files.createTempDirectory("chainring-example");
        run(folder, System.out);
    }

    static void run(Path folder, PrintStream out) throws IOException, InterruptedException {
        ActorSystem<Void> system =
                ActorSystem.create(Behaviors.empty(), "application", configuration(folder));
        try {
            FileBlockStore store =
                    FileBlockStore.open(
                            folder.resolve("disk.img"),
                            FileStoreOptions.DEFAULT.withCreateSizeBytes(64 << 20));
            EmbeddedDisk disk =
                    Chainring.get(system)
                            .open(
                                    "vol0",
                                    store,
                                    DiskListener.NONE,
                                    DispatcherSelector.fromConfig("vol0-dispatcher"));
            get(disk.whenServing().toCompletableFuture());
            try (BlockClient client = disk.openClient()) {
                int kills = writeUnderKills(disk, client);
                readBack(client);
                out.printf(
                        "%d blocks written and read back, backend killed %d times, %d chains resumed, epoch %d%n",
                        BLOCKS,
                        kills,
                        disk.statistics().resumedChains.get(),
                        disk.statistics().epoch.get());
            }
            get(disk.stop(PATIENCE).toCompletableFuture());
        } finally {
            system.terminate();
            get(system.getWhenTerminated().toCompletableFuture());
        }
    }

    private static Config configuration(Path folder) {
        return ConfigFactory.parseMap(
                        Map.of(
                                "pekko.persistence.journal.plugin",
                                        "chainring.persistence.leveldb.journal",
                                "pekko.persistence.snapshot-store.plugin",
                                        "chainring.persistence.leveldb.snapshot-store",
                                "chainring.persistence.leveldb.dir",
                                        folder.resolve("journal").toString(),
                                "chainring.persistence.leveldb.fsync", "off",
                                "pekko.persistence.typed.stash-overflow-strategy", "fail",
                                "pekko.loglevel", "OFF"))
                .withFallback(ONE_THREAD)
                .withFallback(ConfigFactory.load());
    }

    private static int writeUnderKills(EmbeddedDisk disk, BlockClient client)
            throws InterruptedException {
        int kills = 0;
        KillMode[] modes = KillMode.values();
        for (int first = 0; first < BLOCKS; first += KILL_EVERY_BLOCKS) {
            List<CompletableFuture<Void>> writes = new ArrayList<>();
            for (int i = first; i < first + KILL_EVERY_BLOCKS; i++) {
                writes.add(client.write((long) i * BLOCK_BYTES, block(i)).toCompletableFuture());
            }
            KillMode mode = modes[first / KILL_EVERY_BLOCKS % modes.length];
            kills += get(disk.kill(Target.BACKEND, mode).toCompletableFuture()) ? 1 : 0;
            for (CompletableFuture<Void> write : writes) {
                get(write);
            }
        }
        get(client.flush().toCompletableFuture());
        return kills;
    }

    private static void readBack(BlockClient client) throws InterruptedException {
        for (int i = 0; i < BLOCKS; i++) {
            ByteBuffer read =
                    get(client.read((long) i * BLOCK_BYTES, BLOCK_BYTES).toCompletableFuture());
            if (!read.equals(block(i))) {
                throw new IllegalStateException("block " + i + " is not what was written");
            }
        }
    }

    private static ByteBuffer block(int number) {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        while (block.hasRemaining()) {
            block.putInt(number);
        }
        return block.flip();
    }

    private static <T> T get(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("no answer within " + PATIENCE, e);
        }
    }
}
