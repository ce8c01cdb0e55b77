package io.chainring.gateway.nbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderLockTest {
    private static final Duration NOT_AT_ALL = Duration.ofNanos(1);

    @TempDir Path folder;

    @Test
    void itExcludesAndLeavesNothing() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger turns = new AtomicInteger();
        AtomicBoolean two = new AtomicBoolean();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(
                    new Thread(
                            () -> {
                                for (int k = 0; k < 25; k++) {
                                    try (FolderLock lock = FolderLock.of(folder)) {
                                        two.compareAndSet(false, inside.incrementAndGet() > 1);
                                        turns.incrementAndGet();
                                        Thread.yield();
                                        inside.decrementAndGet();
                                    }
                                }
                            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(100, turns.get());
        assertFalse(two.get());
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(0, left.count());
        }
    }

    @Test
    void whoHoldsItForEverStopsNobody() {
        try (FolderLock hostile = FolderLock.of(folder)) {
            for (int i = 0; i < 2; i++) {
                FolderLock.of(folder, NOT_AT_ALL).close();
            }
        }
    }

    @Test
    void noDescriptorIsLeft() throws Exception {
        long before = descriptors();
        for (int i = 0; i < 50; i++) {
            FolderLock.of(folder).close();
            FolderLock.of(folder.resolve("nowhere")).close();
        }
        assertTrue(descriptors() < before + 25);
    }

    private static long descriptors() throws Exception {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }
}
