package io.chainring.host.fault;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.chaos.check.Verdict;
import io.chainring.host.embed.Chainring;
import io.chainring.host.embed.EmbeddedDisk;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.fault.JournalFault;
import io.chainring.persistence.fault.JournalFaults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each fault of a journal and of a store hits a disk under load; clients are told what the scenarios say, and no more. */
final class EveryFaultTest {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final long LONG_MILLIS = 600_000;
    private static final int CLIENTS = 3;
    private static final int HITS = 5;

    @TempDir Path folder;

    private ActorTestKit kit;
    private JournalFaults journal;
    private FaultyStore store;
    private EmbeddedDisk disk;
    private Load load;

    @BeforeEach
    void open() {
        long seed = Seed.of(EveryFaultTest.class);
        kit = ActorTestKit.create("every-fault", OnFiles.config(folder, 200));
        journal = LeveldbPersistence.get(kit.system()).faults(folder, seed);
        store = new FaultyStore(new MemoryBlockStore("memory", Load.CELLS * Load.CELL_BYTES), seed);
        disk = Chainring.get(kit.system()).open("faults", store);
        load = new Load(disk, seed, CLIENTS);
        works();
    }

    @AfterEach
    void close() {
        load.close();
        kit.shutdownTestKit();
    }

    private void works() {
        long before = load.done();
        await().atMost(PATIENCE).until(() -> load.done() > before + 20L * CLIENTS);
    }

    private void judged(Object fault, long met) throws Exception {
        load.end();
        Verdict verdict = load.verdict();
        System.out.printf(
                Locale.ROOT,
                "%-10s hit %d, clients were told %s, %d operations judged%n",
                fault,
                met,
                load.errors(),
                verdict.operations());
        assertTrue(verdict.isGood(), verdict.violations()::toString);
    }

    @ParameterizedTest
    @EnumSource(JournalFault.class)
    void aJournalThatFailsIsAPause(JournalFault fault) throws Exception {
        long hits = fault == JournalFault.FULL ? Long.MAX_VALUE : HITS;
        journal.inject(fault, hits, LONG_MILLIS);
        await().atMost(PATIENCE).until(() -> journal.met(fault) >= HITS);
        if (fault == JournalFault.FULL) {
            // The count is of looks, and nothing goes on meanwhile.
            long stuck = load.done();
            long looked = journal.met(fault);
            await().atMost(PATIENCE).until(() -> journal.met(fault) >= looked + 3);
            assertTrue(load.done() <= stuck + CLIENTS, "work went on");
            journal.end();
        }
        works();
        judged(fault, journal.met(fault));
        assertEquals(Map.of(), load.errors());
        disk.close();
    }

    @ParameterizedTest
    @EnumSource(
            value = StoreFault.class,
            names = {"SLOW", "SHORT", "EIO", "ENOSPC", "TORN"})
    void aStoreThatFailsIsToldAsItIs(StoreFault fault) throws Exception {
        store.inject(fault, HITS, LONG_MILLIS);
        await().atMost(PATIENCE).until(() -> store.met(fault) == HITS);
        works();
        judged(fault, store.met(fault));
        Map<String, Integer> expected =
                switch (fault) {
                    case SLOW, SHORT -> Map.of();
                    case ENOSPC -> Map.of("NOSPC", HITS);
                    default -> Map.of("IOERR", HITS);
                };
        assertEquals(expected, load.errors());
        disk.close();
    }

    @ParameterizedTest
    @EnumSource(value = StoreFault.class, names = "SYNC_FAIL")
    void afterAFailedSyncNothingIsSaidToBeDone(StoreFault fault) throws Exception {
        store.inject(fault, 1, LONG_MILLIS);
        await().atMost(PATIENCE).until(() -> store.met(fault) == 1);
        await().atMost(PATIENCE).until(() -> load.errors().getOrDefault("IOERR", 0) > 2 * HITS);
        assertFalse(disk.isServing());
        judged(fault, store.met(fault));
        assertEquals(Set.of("IOERR"), load.errors().keySet());
    }
}
