package io.chainring.persistence;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who shares a directory, and who has to wait for whom. */
final class SharedDirectoryTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    @TempDir Path root;

    private final ActorTestKit kit = ActorTestKit.create();
    private final LeveldbPersistence persistence = LeveldbPersistence.get(kit.system());

    @AfterEach
    void end() {
        kit.shutdownTestKit();
    }

    private StoreSettings settings(String name) {
        return Stores.settings(root.resolve(name), "leveldbjni", false);
    }

    private static <T> CompletableFuture<T> async(java.util.function.Supplier<T> work) {
        return CompletableFuture.supplyAsync(
                work,
                task -> {
                    Thread thread = new Thread(task, "user-of-a-directory");
                    thread.setDaemon(true);
                    thread.start();
                });
    }

    @Test
    void whileOneIsClosingOthersOpenAndClose() throws Exception {
        StoreSettings slow = settings("slow");
        Store closing = persistence.acquire(slow);
        closing.append(List.of(Stores.event("p", 1, "t")), false);
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        // What a close waits for: here a reader, as well as a compaction.
        CompletableFuture<String> reader = async(() -> read(closing, reading, goOn));
        reading.await();
        CompletableFuture<String> closer =
                async(
                        () -> {
                            persistence.release(closing);
                            return "closed";
                        });
        await().atMost(PATIENCE).until(() -> !closing.isOpen());
        CompletableFuture<Store> again = async(() -> persistence.acquire(slow));
        try {
            CompletableFuture<Integer> other =
                    async(
                            () -> {
                                Store store = persistence.acquire(settings("other"));
                                int open = persistence.gauges().size();
                                persistence.release(store);
                                return open;
                            });
            assertTrue(other.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) >= 1);
            assertNull(persistence.openStore(root.resolve("other")));
            assertFalse(closer.isDone(), "it waits for its reader");
            assertFalse(again.isDone(), "it waits until it is closed");
        } finally {
            goOn.countDown();
        }
        assertEquals("closed", closer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        assertEquals("read", reader.get(PATIENCE.toSeconds(), TimeUnit.SECONDS));
        Store opened = again.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        assertNotSame(closing, opened);
        assertEquals(1, opened.highestSequenceNr("p"));
        persistence.release(opened);
    }

    private static String read(Store store, CountDownLatch reading, CountDownLatch goOn) {
        store.readEvents(
                "p",
                1,
                1,
                (sequenceNr, event) -> {
                    reading.countDown();
                    try {
                        goOn.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return true;
                });
        return "read";
    }

    @Test
    void theLastOneClosesIt() {
        Store first = persistence.acquire(settings("shared"));
        assertSame(first, persistence.acquire(settings("shared")));
        persistence.release(first);
        assertTrue(first.isOpen());
        persistence.release(first);
        assertFalse(first.isOpen());
        persistence.release(first);
        assertNull(persistence.openStore(root.resolve("shared")));
    }

    @Test
    void whatCouldNotBeOpenedIsRememberedUntilItCan() throws Exception {
        Path directory = Files.createDirectory(root.resolve("refused"));
        Path current = Files.writeString(directory.resolve("CURRENT"), "nothing");
        StoreSettings settings = settings("refused");
        assertThrows(StoreException.class, () -> persistence.acquire(settings));
        assertTrue(persistence.hasRefused());
        Files.delete(current);
        Store store = persistence.acquire(settings);
        assertFalse(persistence.hasRefused());
        persistence.release(store);
    }
}
