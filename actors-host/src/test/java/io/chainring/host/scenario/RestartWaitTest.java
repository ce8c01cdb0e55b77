package io.chainring.host.scenario;

import static io.chainring.host.scenario.DiskUnderTest.PATIENCE;
import static io.chainring.host.scenario.DiskUnderTest.await;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.turn.KillPoint;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** How many restarts were made to wait, and what of a death stands in the log, with everything real. */
final class RestartWaitTest {
    private static final int DEATHS = 24;

    @TempDir Path directory;

    private final FaultyStore store = new FaultyStore(new MemoryBlockStore("under-test", 1 << 20));

    @Test
    void aBackendThatDiesAfterEachCompletionIsFollowedAtOnce() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 0));
            disk.kills.killEach(KillPoint.INFORMED, DEATHS);
            for (int i = 0; i < DEATHS; i++) {
                await(Blocks.write(client, i, i));
            }
            await().atMost(PATIENCE)
                    .until(() -> disk.statistics.backendRestarts.get() == disk.kills.deaths());
            assertTrue(disk.kills.deaths() > DEATHS / 2, disk.kills.deaths() + " deaths");
            assertEquals(0, disk.statistics.waitedRestarts.get());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Target.class,
            names = {"BACKEND", "HOST"})
    void killsMakeNobodyWait(Target target) {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            KillMode[] modes = KillMode.values();
            for (int i = 0; i < DEATHS; i++) {
                CompletionStage<Void> write = Blocks.write(client, i, i);
                KillMode mode = modes[i % modes.length];
                await().atMost(PATIENCE).until(() -> disk.kill(target, mode));
                await(write);
            }
            assertEquals(0, disk.statistics.waitedRestarts.get());
        }
    }

    @Test
    void aBackendThatDiesBeforeItDoesAnythingIsMadeToWait() {
        try (DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            disk.kills.killEach(KillPoint.RESUMING, 5);
            assertTrue(disk.kill(Target.BACKEND, KillMode.STOP));
            await(Blocks.write(client, 0, 2));
            assertEquals(5, disk.kills.deaths());
            assertEquals(
                    4, disk.statistics.waitedRestarts.get(), "all but the first that did nothing");
        }
    }

    /** Hears what is logged at INFO and above. */
    private static final class Lines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
        private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        private final Logger ours = (Logger) LoggerFactory.getLogger("io.chainring");
        private final List<String> all = new CopyOnWriteArrayList<>();

        Lines() {
            ours.setLevel(Level.INFO);
            start();
            root.addAppender(this);
        }

        @Override
        protected void append(ILoggingEvent event) {
            all.add(event.getLevel() + " " + event.getFormattedMessage());
        }

        List<String> with(String text) {
            return all.stream().filter(line -> line.contains(text)).toList();
        }

        @Override
        public void close() {
            root.detachAppender(this);
            ours.setLevel(null);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Target.class,
            names = {"BACKEND", "HOST"})
    void aDeathIsOneLineAndItsRecoveryIsOne(Target target) {
        try (Lines lines = new Lines();
                DiskUnderTest disk = new DiskUnderTest(store, directory)) {
            BlockClient client = disk.client();
            await(Blocks.write(client, 0, 1));
            assertTrue(disk.kill(target, KillMode.ERROR));
            // A backend acts on it when it has something to do.
            await(Blocks.write(client, 0, 2));
            await().atMost(PATIENCE).until(() -> !lines.with("serves").isEmpty());
            String who =
                    "Disk %s: %s ".formatted(disk.name, target == Target.HOST ? "host" : "backend");
            String cause =
                    target == Target.HOST ? "was killed: ERROR" : "killed by an injected error";
            List<String> said = lines.with(cause);
            assertEquals(2, said.size(), said::toString);
            assertTrue(said.get(0).startsWith("WARN " + who), said::toString);
            assertTrue(said.get(0).endsWith("the next one starts at once"), said::toString);
            assertTrue(said.get(1).startsWith("INFO " + who), said::toString);
            assertTrue(said.get(1).contains("chains resumed, waited 0.0 ms"), said::toString);
        }
    }
}
