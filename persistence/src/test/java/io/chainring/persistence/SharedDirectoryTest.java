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
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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
    void whoWantsOtherSettingsIsRefusedAndHearsBoth() {
        Store first = persistence.acquire(settings("shared"));
        StoreSettings other =
                Stores.settings(
                        root.resolve("shared"), "leveldbjni", true, Duration.ofDays(1), 500, 0);
        String message =
                String.valueOf(
                        assertThrows(
                                        StoreException.Contradiction.class,
                                        () -> persistence.acquire(other))
                                .getMessage());
        assertTrue(message.contains("fsync = off, and on is wanted"), message);
        assertTrue(message.contains("forget-finished-after = PT0S, and PT24H is"), message);
        assertFalse(message.contains("engine ="), message);
        assertTrue(first.isOpen());
        persistence.release(first);
        assertFalse(first.isOpen(), "who was refused has nothing to give back");
        Store second = persistence.acquire(other);
        assertTrue(second.settings().fsync());
        persistence.release(second);
    }

    /** Every setting counts, also one that comes later. */
    @Test
    void everySettingIsCompared() throws Exception {
        StoreSettings settings = settings("any");
        List<String> alike = new ArrayList<>();
        RecordComponent[] parts = StoreSettings.class.getRecordComponents();
        Class<?>[] types =
                Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
        for (int changed = 0; changed < parts.length; changed++) {
            Object[] values = new Object[parts.length];
            for (int i = 0; i < parts.length; i++) {
                values[i] = parts[i].getAccessor().invoke(settings);
            }
            values[changed] = other(values[changed]);
            StoreSettings other = StoreSettings.class.getConstructor(types).newInstance(values);
            if (settings.differences(other).size() != 1) {
                alike.add(parts[changed].getName());
            }
        }
        assertEquals(List.of("directory"), alike);
    }

    private static Object other(Object value) {
        if (value instanceof Path path) {
            return path.resolveSibling("another");
        } else if (value instanceof String text) {
            return text + "x";
        } else if (value instanceof Boolean flag) {
            return !flag;
        } else if (value instanceof Integer number) {
            return number + 1;
        } else if (value instanceof Long number) {
            return number + 1;
        } else if (value instanceof Double number) {
            return number / 2;
        } else if (value instanceof Duration time) {
            return time.plusSeconds(1);
        }
        EngineOptions options = (EngineOptions) value;
        return new EngineOptions(
                options.writeBufferBytes() + 1,
                options.cacheBytes(),
                options.createIfMissing(),
                options.paranoid());
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
