package io.chainring.host;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.host.fault.FaultyStore.Barrier;
import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.StoreStatus;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.execute.ExecutorReply;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.RequestHeader;
import io.chainring.ring.signal.KillMode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows H1 to H4, K4 and K5 at the host, with real threads. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostActorDeathTest {
    private final ActorTestKit kit = ActorTestKit.create();

    @AfterAll
    void shutdown() {
        kit.shutdownTestKit();
    }

    private void kill(HostFixture fixture, KillMode mode) {
        ActorRef<ExecutorCommand> dying = fixture.host;
        if (mode == KillMode.STOP) {
            kit.stop(dying);
        } else {
            dying.tell(new ExecutorCommand.Die(mode));
        }
        fixture.expectDeath(dying);
    }

    @ParameterizedTest
    @EnumSource(KillMode.class)
    void h1TheNewHostWaitsForTheOldOnesThreads(KillMode mode) throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.POOL)) {
            fixture.adopt();
            Barrier barrier = fixture.store.block(Call.WRITE);
            Chain[] writes = new Chain[20];
            for (int i = 0; i < writes.length; i++) {
                writes[i] = fixture.chains.fill(i * 512L, 512, i + 1);
            }
            fixture.execute(writes);
            await().until(() -> fixture.store.inside() == 2);

            kill(fixture, mode);
            fixture.nextHost();
            fixture.askToAdopt();
            fixture.backend.expectNoMessage(Duration.ofMillis(200));
            fixture.execute(writes[0]);
            assertEquals(2, fixture.store.inside());

            barrier.open();
            ExecutorReply.Adopted adopted =
                    fixture.backend.expectMessageClass(ExecutorReply.Adopted.class);
            assertEquals(2, adopted.incarnation());
            assertEquals(List.of(), adopted.running());
            assertEquals(List.of(), adopted.done());
            assertEquals(0, fixture.store.inside());
            assertEquals(2, fixture.store.count(Call.WRITE), "what had not started never does");

            List<Chain> outcomes = fixture.executed(writes);
            outcomes.forEach(chain -> assertEquals(ChainStatus.OK, chain.status()));
            assertEquals(22, fixture.store.count(Call.WRITE));
            Chain read = fixture.chains.read(19 * 512, 512);
            fixture.executed(read);
            assertEquals(20, read.data()[0].get(0));
        }
    }

    @Test
    void h1HoldsThroughSeveralDeathsInARow() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            Barrier barrier = fixture.store.block(Call.FLUSH);
            fixture.execute(fixture.chains.flush());
            barrier.awaitEntered();
            for (KillMode mode : KillMode.values()) {
                kill(fixture, mode);
                fixture.nextHost();
                fixture.askToAdopt();
            }
            fixture.backend.expectNoMessage(Duration.ofMillis(100));
            assertEquals(1, fixture.workers.inside());
            barrier.open();
            assertEquals(
                    1 + KillMode.values().length,
                    fixture.backend.expectMessageClass(ExecutorReply.Adopted.class).incarnation());
        }
    }

    @Test
    void h2AnErrorEndsItsChainAndTheDiskGoesOn() throws Exception {
        for (IoMode mode : new IoMode[] {IoMode.INLINE, IoMode.POOL}) {
            try (HostFixture fixture = new HostFixture(kit, mode)) {
                fixture.adopt();
                fixture.store.failNth(Call.WRITE, 1, new IOException("Input/output error"));
                fixture.store.failNth(Call.WRITE, 2, new IOException("No space left on device"));
                fixture.store.failNth(Call.WRITE, 3, new IOException("Disk quota exceeded"));
                fixture.store.breakNth(Call.WRITE, 4, new IllegalStateException("a bug"));
                byte[] expected = {
                    ChainStatus.IOERR,
                    ChainStatus.NOSPC,
                    ChainStatus.NOSPC,
                    ChainStatus.IOERR,
                    ChainStatus.OK
                };
                for (byte status : expected) {
                    Chain write = fixture.chains.fill(0, 512, 1);
                    fixture.executed(write);
                    assertEquals(status, write.status(), mode + " " + ChainStatus.name(status));
                }
            }
        }
    }

    @Test
    void h3AFailedSyncFailsTheDiskForWritesAndFlushesAndNotForReads() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            fixture.executed(fixture.chains.fill(0, 512, 3));
            fixture.store.failSyncForGood();
            for (int i = 0; i < 3; i++) {
                Chain flush = fixture.chains.flush();
                Chain write = fixture.chains.write(512, 512, 0);
                Chain fua = fixture.chains.write(1024, 512, RequestHeader.FLAG_FUA);
                Chain read = fixture.chains.read(0, 512);
                fixture.executed(flush, write, fua, read);
                assertEquals(ChainStatus.IOERR, flush.status());
                assertEquals(ChainStatus.IOERR, write.status());
                assertEquals(ChainStatus.IOERR, fua.status());
                assertEquals(ChainStatus.OK, read.status());
                assertEquals(3, read.data()[0].get(0));
            }
            assertEquals(StoreStatus.State.FAILED, fixture.store.status().state());
        }
    }

    @Test
    void h3EveryFlushThatSharedAFailedSyncFails() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            fixture.store.failNth(Call.FLUSH, 1, new IOException("Input/output error"));
            Chain[] flushes = new Chain[5];
            for (int i = 0; i < flushes.length; i++) {
                flushes[i] = fixture.chains.flush();
            }
            for (Chain flush : fixture.executed(flushes)) {
                assertEquals(ChainStatus.IOERR, flush.status());
            }
            assertEquals(1, fixture.store.count(Call.FLUSH));
        }
    }

    @Test
    void h4ATornWriteIsNotDone() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            fixture.store.tearWrite();
            Chain write = fixture.chains.fill(0, 1024, 1);
            fixture.executed(write);
            assertEquals(ChainStatus.IOERR, write.status());
            fixture.executed(write);
            assertEquals(
                    ChainStatus.OK, write.status(), "the same chain executes again as a whole");
            Chain read = fixture.chains.read(0, 1024);
            fixture.executed(read);
            assertEquals(1, read.data()[0].get(1023));
        }
    }

    @Test
    void anErrorOfTheStoreKillsTheHostAndNotTheDisk() throws Exception {
        for (IoMode mode : new IoMode[] {IoMode.INLINE, IoMode.POOL}) {
            try (HostFixture fixture = new HostFixture(kit, mode)) {
                fixture.adopt();
                ActorRef<ExecutorCommand> dying = fixture.host;
                fixture.store.breakNth(Call.READ, 1, new AssertionError("broken store"));
                Chain read = fixture.chains.read(0, 512);
                fixture.execute(read);
                fixture.expectDeath(dying);
                fixture.nextHost();
                fixture.adopt();
                assertEquals(List.of(read), fixture.executed(read));
                assertEquals(ChainStatus.OK, read.status());
            }
        }
    }

    @Test
    void k4ANewBackendIsToldWhatRunsAndExecutesNothingTwice() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.POOL)) {
            fixture.adopt();
            Barrier barrier = fixture.store.block(Call.WRITE);
            Chain write = fixture.chains.fill(0, 512, 1);
            Chain read = fixture.chains.read(4096, 512);
            fixture.execute(write, read);
            barrier.awaitEntered();
            assertEquals(List.of(read), fixture.outcomes(1));
            ExecutorReply.Adopted adopted = fixture.adopt();
            assertEquals(List.of(write), adopted.running());
            assertEquals(List.of(read), adopted.done());
            barrier.open();
            assertEquals(List.of(write), fixture.outcomes(1));
            assertEquals(1, fixture.store.count(Call.WRITE));
            assertEquals(1, fixture.store.count(Call.READ));
        }
    }

    @Test
    void k5OutcomesThatNobodyTookAreKeptUntilTheyAreJournaled() throws Exception {
        try (HostFixture fixture = new HostFixture(kit, IoMode.INLINE)) {
            fixture.adopt();
            Chain a = fixture.chains.fill(0, 512, 1);
            Chain b = fixture.chains.fill(512, 512, 1);
            fixture.executed(a);
            fixture.executed(b);
            assertEquals(List.of(a, b), fixture.adopt().done());
            assertEquals(List.of(a, b), fixture.adopt().done());
            fixture.host.tell(new ExecutorCommand.Execute(3, 1, List.of(), a.outcomeSequence()));
            assertEquals(List.of(b), fixture.adopt().done());
        }
    }

    /**
     * Random deaths of host and backend under load: what the last backend gave and did not see journaled
     * is executed until it is done, and then the disk holds exactly the last write of each block.
     */
    @Test
    void randomDeathsLoseAndTearNothing() throws Exception {
        long seed = Seed.next("HostActorDeathTest.randomDeathsLoseAndTearNothing");
        Random random = new Random(seed);
        int blocks = 64;
        int[] expected = new int[blocks];
        try (HostFixture fixture = new HostFixture(kit, IoMode.POOL)) {
            fixture.adopt();
            for (int round = 0; round < 60; round++) {
                List<Chain> pending = new ArrayList<>();
                for (int block = random.nextInt(4);
                        block < blocks;
                        block += 1 + random.nextInt(4)) {
                    expected[block] = 1 + random.nextInt(100);
                    pending.add(fixture.chains.fill(block * 512L, 512, expected[block]));
                }
                fixture.execute(pending.toArray(Chain[]::new));
                while (!pending.isEmpty()) {
                    switch (random.nextInt(4)) {
                        case 0 -> {
                            kill(fixture, KillMode.values()[random.nextInt(3)]);
                            fixture.nextHost();
                            fixture.adopt();
                            fixture.execute(pending.toArray(Chain[]::new));
                        }
                        case 1 -> {
                            ExecutorReply.Adopted adopted = fixture.adopt();
                            pending.removeAll(adopted.done());
                            assertTrue(adopted.running().containsAll(pending), "seed " + seed);
                        }
                        default ->
                                pending.removeAll(
                                        fixture.backend
                                                .expectMessageClass(ExecutorReply.Executed.class)
                                                .chains());
                    }
                }
            }
            Chain read = fixture.chains.read(0, blocks * 512);
            fixture.executed(read);
            for (int i = 0; i < blocks * 512; i++) {
                assertEquals(
                        expected[i / 512], read.data()[0].get(i), "seed " + seed + " byte " + i);
            }
        }
    }
}
