package io.chainring.host;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chainring.host.fault.FaultyStore.Barrier;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.FileBlockStore;
import io.chainring.host.store.FileStoreOptions;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.execute.ExecutorReply;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.ExtentRecord;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** What a host does while nothing dies, with real threads. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostTest {
    private final ActorTestKit kit = ActorTestKit.create();

    @AfterAll
    void shutdown() {
        kit.shutdownTestKit();
    }

    @Test
    void answersAnAdoptionWithItsIncarnationAndTheDisksSize() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            assertEquals(
                    new ExecutorReply.Adopted(
                            1, 1, HostFixture.CAPACITY_BYTES, List.of(), List.of()),
                    fixture.adopt());
        }
    }

    @Test
    void anInlineBatchIsAnsweredWithOneMessage() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            Chain[] writes = new Chain[32];
            for (int i = 0; i < writes.length; i++) {
                writes[i] = fixture.chains.fill(i * 1024L, 1024, i + 1);
            }
            fixture.execute(writes);
            ExecutorReply.Executed executed =
                    fixture.backend.expectMessageClass(ExecutorReply.Executed.class);
            assertEquals(List.of(writes), executed.chains());
            assertEquals(1, fixture.store.mostInside());
            Chain read = fixture.chains.chain(Operation.READ, 0, 32 * 1024, 0, 512, 0, 32256);
            assertEquals(List.of(read), fixture.executed(read));
            assertEquals(ChainStatus.OK, read.status());
            assertEquals(32 * 1024, read.writtenBytes());
            assertEquals(1, read.data()[0].get(511));
            assertEquals(1, read.data()[2].get(511));
            assertEquals(32, read.data()[2].get(32255));
        }
    }

    @Test
    void thePoolRunsSeveralAtOnceWithinItsLimits() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.POOL)) {
            fixture.adopt();
            Barrier barrier = fixture.store.block(Call.WRITE);
            Chain[] writes = new Chain[100];
            for (int i = 0; i < writes.length; i++) {
                writes[i] = fixture.chains.fill(i * 512L, 512, i);
            }
            fixture.execute(writes);
            await().until(() -> fixture.store.inside() == 2);
            await().until(() -> fixture.workers.queuedTasks() == 4);
            barrier.open();
            List<Chain> outcomes = fixture.outcomes(100);
            long sequence = 0;
            for (Chain outcome : outcomes) {
                assertEquals(ChainStatus.OK, outcome.status());
                assertEquals(++sequence, outcome.outcomeSequence());
            }
            assertEquals(2, fixture.store.mostInside());
        }
    }

    @Test
    void aSlowFlushHoldsUpNoReadsAndLaterFlushesShareTheNextSync() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            Barrier barrier = fixture.store.block(Call.FLUSH);
            Chain first = fixture.chains.flush();
            fixture.execute(first);
            barrier.awaitEntered();
            Chain fua = fixture.chains.write(0, 512, RequestHeader.FLAG_FUA);
            fixture.execute(fixture.chains.flush(), fixture.chains.flush(), fua);
            Chain read = fixture.chains.read(4096, 512);
            assertEquals(List.of(read), fixture.executed(read));
            assertEquals(1, fixture.store.count(Call.FLUSH));
            barrier.open();
            List<Chain> outcomes = fixture.outcomes(4);
            assertEquals(first, outcomes.get(0));
            assertEquals(2, fixture.store.count(Call.FLUSH));
        }
    }

    @Test
    void reportsIdentityAndExtents() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            Chain id = fixture.chains.chain(Operation.GET_ID, 0, 0, 0, 7, 20);
            Chain write = fixture.chains.fill(65536, 65536, 9);
            fixture.executed(id, write);
            byte[] identity = new byte[20];
            id.data()[0].get(0, identity, 0, 7);
            id.data()[1].get(0, identity, 7, 13);
            assertEquals(20, id.writtenBytes());
            assertEquals(
                    "disk-serial" + "\0".repeat(9),
                    new String(identity, StandardCharsets.US_ASCII));

            Chain extents =
                    fixture.chains.chain(Operation.EXTENTS, 512, 3 * 65536 - 512, 0, 20, 76);
            Chain two = fixture.chains.chain(Operation.EXTENTS, 0, 3 * 65536, 0, 32);
            fixture.executed(extents, two);
            ByteBuffer records = ByteBuffer.allocateDirect(96);
            records.put(extents.data()[0]).put(extents.data()[1]);
            assertEquals(4 * ExtentRecord.BYTES, extents.writtenBytes());
            assertEquals(List.of("65024/3", "65536/0", "65536/3", "0/0"), records(records, 4));
            assertEquals(2 * ExtentRecord.BYTES, two.writtenBytes());
            assertEquals(List.of("65536/3", "65536/0"), records(two.data()[0], 2));
        }
    }

    private static List<String> records(ByteBuffer bytes, int count) {
        List<String> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = i * ExtentRecord.BYTES;
            records.add(ExtentRecord.lengthBytes(bytes, at) + "/" + ExtentRecord.flags(bytes, at));
        }
        return records;
    }

    @Test
    void discardsAndZeroes() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.AUTO)) {
            fixture.adopt();
            Chain write = fixture.chains.fill(0, 8192, 5);
            fixture.executed(write);
            Chain zeroes = fixture.chains.of(Operation.WRITE_ZEROES, 512, 1024, 0);
            Chain discard = fixture.chains.of(Operation.DISCARD, 4096, 512, RequestHeader.FLAG_FUA);
            fixture.executed(zeroes, discard);
            assertEquals(ChainStatus.OK, zeroes.status());
            assertEquals(ChainStatus.OK, discard.status());
            assertEquals(1, fixture.store.count(Call.FLUSH));
            Chain read = fixture.chains.read(0, 8192);
            fixture.executed(read);
            byte[] expected = new byte[8192];
            for (int i = 0; i < 8192; i++) {
                boolean zeroed = (i >= 512 && i < 1536) || (i >= 4096 && i < 4608);
                expected[i] = (byte) (zeroed ? 0 : 5);
            }
            byte[] found = new byte[8192];
            read.data()[0].get(0, found);
            assertArrayEquals(expected, found);
        }
    }

    @Test
    void aRangeThatNoRingLetsThroughEndsWithAnErrorOfTheStore() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            int capacity = HostFixture.CAPACITY_BYTES;
            Chain[] bad = {
                fixture.chains.read(capacity, 512),
                fixture.chains.chain(Operation.DISCARD, 8192, Long.MAX_VALUE, 0),
            };
            fixture.executed(bad);
            for (Chain chain : bad) {
                assertEquals(ChainStatus.IOERR, chain.status(), chain.toString());
                assertEquals(0, chain.writtenBytes());
            }
        }
    }

    @Test
    void autoLeavesTheLoopWhileTheStoreIsSlow() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        Logger logger = (Logger) LoggerFactory.getLogger(Host.class);
        log.start();
        logger.setLevel(Level.DEBUG);
        logger.addAppender(log);
        ConcurrentLinkedQueue<Boolean> changes = new ConcurrentLinkedQueue<>();
        HostListener listener =
                new HostListener() {
                    @Override
                    public void inlineChanged(boolean inline) {
                        changes.add(inline);
                    }
                };
        HostSettings settings =
                new HostSettings(
                        IoMode.AUTO, 2, 4, 1024, 3, Duration.ofMillis(15), Duration.ofMillis(100));
        try (HostFixture fixture = new HostFixture(kit, settings, listener)) {
            fixture.adopt();
            fixture.store.slowDown(Call.READ, 120_000_000);
            fixture.executed(reads(fixture, 10));
            assertEquals(List.of(false), List.copyOf(changes));
            assertEquals(2, fixture.store.mostInside());
            fixture.store.heal();
            await().atMost(60, SECONDS)
                    .until(
                            () -> {
                                fixture.executed(reads(fixture, 64));
                                return changes.size() > 1;
                            });
            assertEquals(List.of(false, true), List.copyOf(changes).subList(0, 2));
        } finally {
            logger.detachAppender(log);
            logger.setLevel(null);
        }
        // A store whose speed changes all the time is nothing that anybody has to look at.
        List<String> said =
                log.list.stream()
                        .filter(event -> event.getFormattedMessage().contains("from now on"))
                        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                        .toList();
        assertTrue(said.get(0).startsWith("DEBUG "), said::toString);
        assertTrue(said.get(0).endsWith("reads and writes run in the pool from now on"));
        assertTrue(said.get(1).endsWith("reads and writes run inline from now on"));
        assertTrue(said.stream().allMatch(line -> line.startsWith("DEBUG ")), said::toString);
    }

    private static Chain[] reads(HostFixture fixture, int count) {
        Chain[] reads = new Chain[count];
        for (int i = 0; i < count; i++) {
            reads[i] = fixture.chains.read(i * 512L, 512);
        }
        return reads;
    }

    @Test
    void tellsItsListener() throws Exception {
        ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
        AtomicInteger syncs = new AtomicInteger();
        HostListener listener =
                new HostListener() {
                    @Override
                    public void chainEnded(Operation operation, byte status, long nanos) {
                        assertTrue(nanos >= 0);
                        told.add(operation + " " + ChainStatus.name(status));
                    }

                    @Override
                    public void synced(int chains, long nanos) {
                        syncs.addAndGet(chains);
                    }

                    @Override
                    public void overlapRefused() {
                        told.add("overlap");
                    }
                };
        try (HostFixture fixture =
                new HostFixture(kit, HostFixture.SETTINGS.withIo(IoMode.INLINE), listener)) {
            fixture.adopt();
            fixture.executed(fixture.chains.read(0, 512));
            fixture.executed(fixture.chains.flush());
            assertEquals(List.of("READ OK", "FLUSH OK"), List.copyOf(told));
            assertEquals(1, syncs.get());
            told.clear();
            fixture.executed(fixture.chains.write(0, 1024, 0), fixture.chains.read(512, 512));
            assertEquals(List.of("overlap", "READ IOERR", "WRITE OK"), List.copyOf(told));
        }
    }

    @Test
    void aReadOnlyDiskSaysSo(@TempDir Path folder) throws Exception {
        Path image = Files.write(folder.resolve("ro.img"), new byte[4096]);
        BlockStore file = FileBlockStore.open(image, FileStoreOptions.DEFAULT.withReadOnly(true));
        try (HostFixture fixture =
                new HostFixture(kit, HostFixture.SETTINGS, HostListener.NONE, file)) {
            fixture.adopt();
            Chain write = fixture.chains.write(0, 512, 0);
            Chain zeroes = fixture.chains.of(Operation.WRITE_ZEROES, 512, 512, 0);
            Chain read = fixture.chains.read(1024, 512);
            Chain flush = fixture.chains.flush();
            fixture.executed(write, zeroes, read, flush);
            assertEquals(ChainStatus.READONLY, write.status());
            assertEquals(ChainStatus.READONLY, zeroes.status());
            assertEquals(ChainStatus.OK, read.status());
            assertEquals(ChainStatus.OK, flush.status());
        }
    }

    @Test
    void fastZeroesThatAreNotFastAreUnsupported(@TempDir Path folder) throws Exception {
        BlockStore file =
                FileBlockStore.open(
                        folder.resolve("d.img"),
                        FileStoreOptions.DEFAULT.withCreateSizeBytes(4096).withNativeCalls(false));
        try (HostFixture fixture =
                new HostFixture(kit, HostFixture.SETTINGS, HostListener.NONE, file)) {
            fixture.adopt();
            int fast = RequestHeader.FLAG_FAST_ZERO | RequestHeader.FLAG_UNMAP;
            Chain zeroes = fixture.chains.of(Operation.WRITE_ZEROES, 0, 4096, fast);
            fixture.executed(zeroes);
            assertEquals(ChainStatus.UNSUPP, zeroes.status());
            assertFalse(fixture.store.count(Call.ZEROES) == 0);
        }
    }

    /** I6: what an earlier backend sent late changes nothing. */
    @Test
    void ignoresAnEarlierEpochAndAnotherIncarnation() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            fixture.adopt();
            Chain late = fixture.chains.fill(0, 512, 1);
            fixture.host.tell(new ExecutorCommand.Execute(1, 1, List.of(late), 0));
            fixture.host.tell(new ExecutorCommand.Execute(2, 7, List.of(late), 0));
            Chain read = fixture.chains.read(0, 512);
            assertEquals(List.of(read), fixture.executed(read));
            assertEquals(0, fixture.store.count(Call.WRITE));
        }
    }
}
