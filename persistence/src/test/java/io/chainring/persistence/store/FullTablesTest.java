package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.chainring.base.Seed;
import io.chainring.base.space.SmallFileSystem;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.Keys;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The file system becomes full while the engine writes its tables and its MANIFEST, by a little more or less each time: it
 * may refuse what comes, and loses nothing that was acknowledged. Not with leveldbjni: who writes may wait in that library until
 * there is space.
 */
final class FullTablesTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int ROUNDS = 24;
    private static final int KEPT = 500;

    @TempDir Path mount;

    private final SplittableRandom random = Seed.random(getClass());
    private final List<String> acknowledged = new ArrayList<>();

    private static void requireEngine(String engine) {
        try {
            Engines.choose(engine, "");
        } catch (EngineException e) {
            assumeTrue(false, "missing: libleveldb1d");
        }
    }

    /** Nothing in it repeats, so that no table is smaller than what is in it. */
    private String text() {
        StringBuilder text = new StringBuilder();
        int characters = 200 + random.nextInt(3000);
        while (text.length() < characters) {
            text.append(Long.toString(random.nextLong(), Character.MAX_RADIX));
        }
        return text.toString();
    }

    /** Writes until it is refused, or until a table or two must have been written. */
    private boolean write(Store store) {
        try {
            for (int i = 0; i < 200; i++) {
                String text = text();
                store.append(
                        List.of(Stores.event("p", acknowledged.size() + 1L, text)),
                        random.nextBoolean());
                acknowledged.add(text);
            }
            store.compact(Keys.first(Keys.EVENT), Keys.above(Keys.EVENT));
            return false;
        } catch (StoreException.Unavailable full) {
            return true;
        }
    }

    /** What was being written when it was refused may be there. */
    private void nothingIsLost(Store store, String when) {
        List<String> there = Stores.read(store, "p");
        int deleted = (int) (store.highestSequenceNr("p") - there.size());
        assertTrue(store.highestSequenceNr("p") >= acknowledged.size(), when);
        assertEquals(
                acknowledged.subList(deleted, acknowledged.size()),
                there.subList(0, acknowledged.size() - deleted),
                when);
        acknowledged.addAll(there.subList(acknowledged.size() - deleted, there.size()));
    }

    private void fill(SmallFileSystem space) {
        try {
            space.leave(random.nextInt(768 << 10));
        } catch (IOException e) {
            // A table that was being written has taken the last of it.
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"system", "iq80"})
    void nothingAcknowledgedIsLost(String engine) throws Exception {
        requireEngine(engine);
        int refused = 0;
        try (SmallFileSystem space = SmallFileSystem.mount(mount, 24)) {
            Path journal = mount.resolve("journal");
            Store store = Store.open(Stores.settings(journal, engine, false));
            try {
                for (int round = 0; round < ROUNDS; round++) {
                    String when = engine + ", round " + round;
                    fill(space);
                    refused += write(store) ? 1 : 0;
                    space.makeRoom();
                    await().atMost(PATIENCE).until(store::isOpen);
                    nothingIsLost(store, when);
                    if (random.nextInt(3) == 0) {
                        store.close();
                        store = Store.open(Stores.settings(journal, engine, false));
                        nothingIsLost(store, when + ", opened again");
                    }
                    try {
                        store.deleteTo("p", Math.max(0, acknowledged.size() - KEPT), false);
                    } catch (StoreException.Unavailable late) {
                        // What failed in the background is heard of at the next write.
                        await().atMost(PATIENCE).until(store::isOpen);
                    }
                }
            } finally {
                store.close();
            }
        }
        assertTrue(refused > 0, "it was never full");
    }
}
