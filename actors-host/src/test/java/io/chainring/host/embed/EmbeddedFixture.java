package io.chainring.host.embed;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.chainring.host.store.MemoryBlockStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;

/** An application with one disk of a mebibyte named d. */
final class EmbeddedFixture {
    static final Duration PATIENCE = Duration.ofMinutes(3);
    static final int CAPACITY_BYTES = 1 << 20;

    private EmbeddedFixture() {}

    /** What a test does. */
    interface Scenario {
        void run(ActorTestKit kit, EmbeddedDisk disk) throws Exception;
    }

    static void with(Config config, Scenario scenario) {
        ActorTestKit kit = ActorTestKit.create("application", config);
        try {
            scenario.run(kit, open(kit));
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        } finally {
            kit.shutdownTestKit();
        }
    }

    static EmbeddedDisk open(ActorTestKit kit) {
        return Chainring.get(kit.system())
                .open("d", new MemoryBlockStore("memory", CAPACITY_BYTES));
    }

    static Config onFiles(Path folder) {
        return ConfigFactory.parseMap(
                        Map.of(
                                "chainring.persistence.leveldb.dir",
                                folder.toString(),
                                "chainring.persistence.leveldb.fsync",
                                "off"))
                .withFallback(journal("chainring.persistence.leveldb.journal"));
    }

    static Config journal(String plugin) {
        return ConfigFactory.parseString(
                        """
                        pekko.loglevel = ERROR
                        pekko.persistence.journal.plugin = %s
                        pekko.persistence.snapshot-store.plugin = chainring.persistence.leveldb.snapshot-store
                        """
                                .formatted(plugin))
                .withFallback(ConfigFactory.load());
    }

    static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    static Throwable failureOf(CompletionStage<?> stage) {
        ExecutionException failure = assertThrows(ExecutionException.class, () -> await(stage));
        return java.util.Objects.requireNonNull(failure.getCause());
    }
}
