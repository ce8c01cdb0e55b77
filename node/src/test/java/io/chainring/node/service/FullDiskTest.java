package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import com.typesafe.config.ConfigFactory;
import io.chainring.base.space.SmallFileSystem;
import io.chainring.node.StartException;
import io.chainring.node.disk.Disk;
import io.chainring.node.disk.DiskStatus;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.client.BlockIoException;
import io.chainring.ring.request.ChainStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Sparse images and journals on one small file system (H5, J3): who fills it stops itself alone. */
final class FullDiskTest {
    private static final int MEBI = 1 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger("io.chainring.persistence");
    private final AppenderBase<ILoggingEvent> appender =
            new AppenderBase<>() {
                @Override
                protected void append(ILoggingEvent event) {
                    lines.add(event.getFormattedMessage());
                }
            };

    @TempDir Path folder;
    private SmallFileSystem space;

    @BeforeEach
    void mountSmallFileSystem() throws Exception {
        space = SmallFileSystem.mount(folder, 160);
    }

    @AfterEach
    void unmount() throws Exception {
        // Not where the test was skipped.
        if (space != null) {
            space.close();
        }
    }

    private Node start(String reserve) throws StartException {
        Map<String, Object> settings = new HashMap<>();
        settings.put("chainring.node.data", folder.resolve("data").toString());
        settings.put("chainring.node.loops", 1);
        settings.put("chainring.node.nbd.listen", List.of("127.0.0.1:0"));
        settings.put("chainring.host.space-reserve", reserve);
        settings.put("chainring.persistence.leveldb.min-free-space", "16 MiB");
        settings.put("chainring.persistence.leveldb.write-buffer", "1 MiB");
        return Node.start(
                NodeSettings.of(
                        ConfigFactory.parseMap(settings).withFallback(ConfigFactory.load()),
                        List.of(
                                new RequestedDisk("tenant", folder.resolve("t.img"), 512 * MEBI),
                                new RequestedDisk("other", folder.resolve("o.img"), 64 * MEBI))));
    }

    private static BlockClient open(Node node, String name) {
        Disk disk =
                node.disks().stream()
                        .filter(one -> one.name().equals(name))
                        .findAny()
                        .orElseThrow();
        return BlockClient.open(disk.service(), 1000, ForkJoinPool.commonPool());
    }

    private static DiskStatus status(Node node, String name) {
        return node.status().disks().stream()
                .filter(disk -> disk.name().equals(name))
                .findAny()
                .orElseThrow();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static ByteBuffer block(int value) {
        ByteBuffer block = ByteBuffer.allocate(MEBI);
        for (int at = 0; at < MEBI; at += 512) {
            block.put(at, (byte) value);
        }
        return block;
    }

    /** Writes new ranges until one is refused; says how many were written. */
    private static int fill(BlockClient client) throws Exception {
        for (int n = 0; ; n++) {
            try {
                get(client.write((long) n * MEBI, block(n)));
            } catch (ExecutionException e) {
                BlockIoException refused = assertInstanceOf(BlockIoException.class, e.getCause());
                assertEquals(ChainStatus.NOSPC, refused.status());
                return n;
            }
        }
    }

    private long freeBytes() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    @Test
    void aTenantThatFillsTheFileSystemStopsItselfAlone() throws Exception {
        Node node = start("48 MiB");
        try (BlockClient tenant = open(node, "tenant");
                BlockClient other = open(node, "other")) {
            for (int n = 0; n < 8; n++) {
                get(other.write((long) n * MEBI, block(n)));
            }
            int written = fill(tenant);
            assertTrue(freeBytes() > 40 * MEBI, () -> "left for the journals");
            long restarts = status(node, "other").restarts() + status(node, "tenant").restarts();
            for (int round = 0; round < 200; round++) {
                int at = round % 8;
                get(other.write((long) at * MEBI, block(round)));
                assertEquals(block(round), get(other.read((long) at * MEBI, MEBI)));
                get(tenant.write((long) at * MEBI, block(round + 1)));
                assertEquals(block(round + 1), get(tenant.read((long) at * MEBI, MEBI)));
            }
            assertTrue(status(node, "tenant").reason().contains("space-reserve"));
            assertEquals("serving", status(node, "tenant").state());
            // It makes room by itself.
            get(tenant.discard((long) (written / 2) * MEBI, (long) (written / 2) * MEBI));
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> status(node, "tenant").reason().isEmpty());
            get(tenant.write(500L * MEBI, block(7)));
            assertEquals(block(7), get(tenant.read(500L * MEBI, MEBI)));
            assertEquals(
                    restarts, status(node, "other").restarts() + status(node, "tenant").restarts());
        } finally {
            assertTrue(node.stop());
        }
    }

    @Test
    void anotherProgramThatTakesAllButTheJournalsPartHurtsNobodyThatNeedsNoSpace()
            throws Exception {
        Node node = start("48 MiB");
        try (BlockClient other = open(node, "other")) {
            get(other.write(0, block(1)));
            space.leave(30L * MEBI);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> !status(node, "other").reason().isEmpty());
            for (int round = 0; round < 100; round++) {
                get(other.write(0, block(round)));
                assertEquals(block(round), get(other.read(0, MEBI)));
            }
            assertEquals("serving", status(node, "other").state());
            space.makeRoom();
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> status(node, "other").reason().isEmpty());
            get(other.write(40L * MEBI, block(2)));
        } finally {
            assertTrue(node.stop());
        }
    }

    @Test
    void whileTheJournalsAreFullStatusSaysSoAndEverythingGoesOnAfter() throws Exception {
        listen();
        Node node = start("48 MiB");
        try (BlockClient other = open(node, "other")) {
            get(other.write(0, block(1)));
            space.leave(8L * MEBI);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> status(node, "other").reason().contains("min-free-space"));
            CompletionStage<ByteBuffer> read = other.read(0, MEBI);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> status(node, "other").state().equals("recovering"));
            String reason = status(node, "other").reason();
            assertTrue(reason.contains(folder.resolve("data/journals/0").toString()), reason);
            space.makeRoom();
            assertEquals(block(1), get(read));
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> status(node, "other").reason().isEmpty());
            get(other.write(40L * MEBI, block(2)));
            String journal = "Journal " + folder.resolve("data/journals/0") + ": ";
            assertEquals(
                    1,
                    lines.stream()
                            .filter(line -> line.startsWith(journal + "nothing is written: "))
                            .count(),
                    lines::toString);
            assertEquals(
                    1,
                    lines.stream()
                            .filter(line -> line.startsWith(journal))
                            .filter(line -> line.endsWith("are free again, it goes on"))
                            .count(),
                    lines::toString);
        } finally {
            assertTrue(node.stop());
            logger.detachAppender(appender);
            logger.setLevel(null);
        }
    }

    private void listen() {
        logger.setLevel(Level.INFO);
        appender.start();
        logger.addAppender(appender);
    }

    @Test
    void aReserveThatTheJournalsWouldReachFirstIsRefused() {
        StartException refused = assertThrows(StartException.class, () -> start("16 MiB"));
        assertTrue(
                String.valueOf(refused.getMessage()).contains("chainring.host.space-reserve"),
                refused::getMessage);
    }
}
