package io.chainring.host;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainring.host.fault.FaultyStore.Barrier;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.FileBlockStore;
import io.chainring.host.store.FileStoreOptions;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import io.chainring.ring.signal.KillMode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Discards and write-zeroes of a range with many extents: in pieces, between which others and deaths come. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LongChainsTest {
    private static final int BLOCK = 64 << 10;
    private static final int EXTENTS = 200;
    private static final int CAPACITY = 2 * EXTENTS * BLOCK;

    /** One thread: whoever comes between two pieces has waited for the first one. */
    private static final HostSettings ONE_THREAD =
            new HostSettings(
                    IoMode.INLINE,
                    1,
                    64,
                    1024,
                    3,
                    Duration.ofNanos(300_000),
                    Duration.ofMillis(20));

    @TempDir Path folder;
    private final ActorTestKit kit = ActorTestKit.create();
    private int images;

    @AfterAll
    void shutdown() {
        kit.shutdownTestKit();
    }

    private HostFixture fixture() throws IOException {
        FileBlockStore file =
                FileBlockStore.open(
                        folder.resolve("d" + ++images + ".img"),
                        FileStoreOptions.DEFAULT.withCreateSizeBytes(CAPACITY));
        for (int i = 0; i < EXTENTS; i++) {
            ByteBuffer block = ByteBuffer.allocate(BLOCK);
            block.put(0, (byte) 7);
            file.write(2L * i * BLOCK, new ByteBuffer[] {block});
        }
        int[] parts = new int[1];
        file.extents(0, CAPACITY, (length, hole, zero) -> ++parts[0] > 0);
        assumeTrue(
                parts[0] == 2 * EXTENTS,
                "this machine lacks a file system here that tells its holes");
        HostFixture fixture = new HostFixture(kit, ONE_THREAD, HostListener.NONE, file);
        fixture.adopt();
        return fixture;
    }

    private static Chain longChain(HostFixture fixture, Call call) {
        return call == Call.DISCARD
                ? fixture.chains.of(Operation.DISCARD, 0, CAPACITY, 0)
                : fixture.chains.of(Operation.WRITE_ZEROES, 0, CAPACITY, RequestHeader.FLAG_UNMAP);
    }

    private static long pieces(HostFixture fixture, Call call) {
        return fixture.store.count(call);
    }

    @ParameterizedTest
    @EnumSource(names = {"DISCARD", "ZEROES"})
    void aLongChainGivesTheThreadAwayBetweenItsPieces(Call call) throws Exception {
        try (HostFixture fixture = fixture()) {
            Barrier barrier = fixture.store.block(call);
            Chain longChain = longChain(fixture, call);
            fixture.execute(longChain);
            barrier.awaitEntered();
            Chain extents = fixture.chains.chain(Operation.EXTENTS, 0, BLOCK, 0, 64);
            Chain identity = fixture.chains.chain(Operation.GET_ID, 0, 20, 0, 20);
            fixture.execute(extents, identity);
            await().until(() -> fixture.workers.queuedTasks() == 1);
            barrier.open();
            List<Chain> outcomes = fixture.outcomes(3);
            assertEquals(longChain, outcomes.get(2), "the others waited for all of it");
            assertEquals(ChainStatus.OK, longChain.status());
            assertTrue(pieces(fixture, call) >= EXTENTS / 16, "pieces");
            fixture.store.extents(
                    0,
                    CAPACITY,
                    (length, hole, zero) -> {
                        assertTrue(hole, "something is left");
                        return true;
                    });
        }
    }

    /** A file system may keep the file locked meanwhile, and the loop is not the disk's alone. */
    @ParameterizedTest
    @EnumSource(names = {"DISCARD", "ZEROES", "EXTENTS"})
    void theLoopDoesNotWriteWhileACallMayLockTheFile(Call call) throws Exception {
        try (HostFixture fixture = fixture()) {
            Barrier barrier = fixture.store.block(call);
            Chain longChain =
                    call == Call.EXTENTS
                            ? fixture.chains.chain(Operation.EXTENTS, 0, BLOCK, 0, 64)
                            : fixture.chains.of(
                                    call == Call.DISCARD
                                            ? Operation.DISCARD
                                            : Operation.WRITE_ZEROES,
                                    0,
                                    BLOCK,
                                    RequestHeader.FLAG_UNMAP);
            fixture.execute(longChain);
            barrier.awaitEntered();
            Chain write = fixture.chains.fill(4L * BLOCK, 512, 1);
            fixture.execute(write);
            await().until(() -> fixture.workers.queuedTasks() == 1);
            barrier.open();
            fixture.outcomes(2);
            assertEquals(ChainStatus.OK, write.status());
        }
    }

    @Test
    void goesOnWhereItWasHoweverManyHostsDie() throws Exception {
        try (HostFixture fixture = fixture()) {
            Chain discard = longChain(fixture, Call.DISCARD);
            int deaths = 0;
            boolean done = false;
            while (!done) {
                Barrier barrier = fixture.store.block(Call.DISCARD);
                fixture.execute(discard);
                barrier.awaitEntered();
                ActorRef<ExecutorCommand> dying = fixture.host;
                dying.tell(new ExecutorCommand.Die(KillMode.STOP));
                fixture.expectDeath(dying);
                deaths++;
                fixture.store.heal();
                fixture.nextHost();
                fixture.adopt();
                done = fixture.workers.pieces().next(discard, fixture.store).isLast();
            }
            assertEquals(List.of(discard), fixture.executed(discard));
            assertEquals(ChainStatus.OK, discard.status());
            assertTrue(deaths >= EXTENTS / 16 - 1, deaths + " deaths");
            assertEquals(deaths + 1, pieces(fixture, Call.DISCARD), "pieces");
            assertFalse(
                    fixture.workers.pieces().next(discard, fixture.store).offsetBytes() > 0,
                    "something is remembered of a chain that is done");
        }
    }
}
