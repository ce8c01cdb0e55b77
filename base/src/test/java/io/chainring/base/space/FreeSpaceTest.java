package io.chainring.base.space;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class FreeSpaceTest {
    private static final long GIB = 1 << 30;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private final FreeSpace.Listener listener =
            new FreeSpace.Listener() {
                @Override
                public void low(long freeBytes) {
                    heard.add("low " + freeBytes);
                }

                @Override
                public void ampleAgain(long freeBytes) {
                    heard.add("ample " + freeBytes);
                }
            };

    @Test
    void beginsBelowTheLimitAndEndsAnEighthAboveIt() {
        FreeSpaceCore core = new FreeSpaceCore(800);
        assertEquals(FreeSpaceCore.Change.NONE, core.observed(800));
        assertFalse(core.isLow());
        assertEquals(FreeSpaceCore.Change.BECAME_LOW, core.observed(799));
        assertEquals(FreeSpaceCore.Change.NONE, core.observed(0));
        assertEquals(FreeSpaceCore.Change.NONE, core.observed(899));
        assertTrue(core.isLow());
        assertEquals(FreeSpaceCore.Change.BECAME_AMPLE, core.observed(900));
        assertFalse(core.isLow());
    }

    @Test
    void looksSoonerTheNearerTheLimitIs() {
        FreeSpaceCore core = new FreeSpaceCore(GIB);
        core.observed(100 * GIB);
        assertEquals(FreeSpaceCore.MOST_PAUSE_MILLIS, core.pauseMillis());
        assertEquals(FreeSpaceCore.MOST_CREDIT_BYTES, core.creditBytes());
        core.observed(GIB + (256 << 20));
        assertEquals(32, core.pauseMillis());
        core.observed(GIB + (8 << 20));
        assertEquals(FreeSpaceCore.LEAST_PAUSE_MILLIS, core.pauseMillis());
        assertEquals(1 << 20, core.creditBytes());
        core.observed(GIB);
        assertEquals(FreeSpaceCore.LEAST_CREDIT_BYTES, core.creditBytes());
        core.observed(0);
        assertEquals(FreeSpaceCore.LOW_PAUSE_MILLIS, core.pauseMillis());
    }

    @Test
    void noLimitIsNeverLow() throws IOException {
        try (FreeSpace space = FreeSpace.watch(() -> 0, 0, listener)) {
            assertFalse(space.look());
            assertTrue(heard.isEmpty());
        }
    }

    @Test
    void whatOthersTakeIsSeenAndSaidOnce() throws Exception {
        AtomicLong free = new AtomicLong(1000);
        try (FreeSpace space = FreeSpace.watch(free::get, 800, listener)) {
            assertFalse(space.isLow());
            free.set(10);
            assertEquals("low 10", heard.poll(20, TimeUnit.SECONDS));
            assertTrue(space.isLow());
            free.set(2000);
            assertEquals("ample 2000", heard.poll(20, TimeUnit.SECONDS));
            assertFalse(space.isLow());
            assertTrue(heard.isEmpty());
        }
    }

    @Test
    void aFileSystemThatDoesNotTellIsWhatItWas() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        FreeSpace.Probe once =
                () -> {
                    if (asked.getAndIncrement() > 0) {
                        throw new IOException("injected");
                    }
                    return 10;
                };
        try (FreeSpace space = FreeSpace.watch(once, 800, listener)) {
            assertTrue(space.look());
            assertEquals(10, space.freeBytes());
            assertEquals("low 10", heard.poll());
        }
    }

    @Test
    void aWriterLooksByItselfAfterSoManyBytes() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        FreeSpace.Probe ample =
                () -> {
                    asked.incrementAndGet();
                    return 100 * GIB;
                };
        // No limit, so that nobody else looks.
        try (FreeSpace space = FreeSpace.watch(ample, 0, listener)) {
            SpaceMeter meter = new SpaceMeter(space);
            int before = asked.get();
            for (int i = 0; i < 16; i++) {
                assertFalse(meter.isLow());
                meter.written(1 << 20);
            }
            assertFalse(meter.isLow());
            assertEquals(before, asked.get());
            meter.written(1);
            assertFalse(meter.isLow());
            assertEquals(before + 1, asked.get());
        }
    }
}
