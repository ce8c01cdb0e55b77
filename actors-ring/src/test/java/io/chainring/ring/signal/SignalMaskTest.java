package io.chainring.ring.signal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** I7 and the rows S1 to S3, as far as the mask alone can hold them. */
class SignalMaskTest {
    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final SignalMask mask = new SignalMask("vda", clock::get);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(SignalMask.class);

    @BeforeEach
    void listen() {
        log.start();
        logger.setLevel(Level.DEBUG);
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private List<String> lines() {
        return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void letsSignalsThroughOutsideOfTheSection() {
        assertFalse(mask.raise(Signal.INTERRUPT));
        mask.mask();
        assertNull(mask.unmask());
        assertFalse(mask.raise(Signal.TERMINATE));
        assertEquals(0, mask.deferredSignals());
        assertEquals(List.of(), lines());
    }

    /** S1. */
    @Test
    void defersASignalToTheEndOfTheSectionAndTellsHowLong() {
        mask.mask();
        clock.addAndGet(500_000);
        assertTrue(mask.raise(Signal.INTERRUPT));
        clock.addAndGet(2_345_000);
        assertEquals(Signal.INTERRUPT, mask.unmask());
        assertEquals(1, mask.deferredSignals());
        assertEquals(2_345_000, mask.longestDelayNanos());
        assertEquals(
                List.of(
                        "disk vda: deferred in the completion section: interrupt for 2345 us;"
                                + " interrupt acts now"),
                lines());
        mask.mask();
        assertNull(mask.unmask(), "it acts once");
    }

    /** S2. */
    @Test
    void terminateWinsWhateverCameFirst() {
        mask.mask();
        assertTrue(mask.raise(Signal.TERMINATE));
        clock.addAndGet(1_000_000);
        assertTrue(mask.raise(Signal.INTERRUPT));
        assertEquals(Signal.TERMINATE, mask.unmask());
        mask.mask();
        assertTrue(mask.raise(Signal.INTERRUPT));
        assertTrue(mask.raise(Signal.TERMINATE));
        assertEquals(Signal.TERMINATE, mask.unmask());
        assertEquals(4, mask.deferredSignals());
        assertTrue(lines().get(0).contains("terminate for 1000 us, interrupt for 0 us; terminate"));
        assertTrue(lines().get(1).contains("interrupt for 0 us, terminate for 0 us; terminate"));
    }

    @Test
    void aDeathInTheSectionVoidsWhatWaited() {
        mask.mask();
        assertTrue(mask.raise(Signal.TERMINATE));
        mask.reset();
        assertTrue(lines().get(0).endsWith("void, the backend died"));
        assertFalse(mask.raise(Signal.INTERRUPT), "the mask is open again");
        mask.reset();
        mask.mask();
        assertNull(mask.unmask());
        assertEquals(1, mask.deferredSignals());
        assertEquals(1, lines().size());
    }

    @Test
    void isNotNested() {
        assertThrows(IllegalStateException.class, mask::unmask);
        mask.mask();
        assertThrows(IllegalStateException.class, mask::mask);
        assertNull(mask.unmask());
    }

    /** S3, and that a flood costs no memory. */
    @Test
    void aFloodIsCountedAndNotTaken() {
        for (int section = 0; section < 10; section++) {
            mask.mask();
            for (int i = 0; i < 1000; i++) {
                assertTrue(mask.raise(Signal.INTERRUPT));
            }
            assertEquals(Signal.INTERRUPT, mask.unmask());
        }
        assertEquals(10_000, mask.deferredSignals());
        assertTrue(lines().get(9).contains("and 992 more"), lines().get(9));
    }

    /**
     * I7: whatever many threads raise while sections come and go, each signal either acts at once, and
     * then no section was open, or comes out of the section that it was raised in.
     */
    @Test
    void noSignalIsLostOrActsInsideOfASection() throws Exception {
        SignalMask shared = new SignalMask("vda");
        logger.detachAppender(log);
        logger.setLevel(Level.WARN);
        int raisers = 3;
        int sections = 5_000;
        AtomicBoolean stop = new AtomicBoolean();
        AtomicLong raised = new AtomicLong();
        AtomicLong atOnce = new AtomicLong();
        CountDownLatch running = new CountDownLatch(raisers);
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < raisers; i++) {
            Signal signal = Signal.values()[i % 2];
            Thread thread =
                    new Thread(
                            () -> {
                                running.countDown();
                                while (!stop.get()) {
                                    raised.incrementAndGet();
                                    if (!shared.raise(signal)) {
                                        atOnce.incrementAndGet();
                                    }
                                }
                            });
            thread.start();
            threads.add(thread);
        }
        running.await();
        long sectionsWithSignals = 0;
        for (int i = 0; i < sections; i++) {
            shared.mask();
            long before = shared.deferredSignals();
            while (i % 100 == 0 && shared.deferredSignals() == before) {
                Thread.onSpinWait();
            }
            long after = shared.deferredSignals();
            Signal acted = shared.unmask();
            if (acted != null) {
                sectionsWithSignals++;
            }
            assertTrue(acted != null || after == before, "a deferred signal got lost");
        }
        stop.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        assertTrue(sectionsWithSignals >= sections / 100);
        assertEquals(raised.get(), atOnce.get() + shared.deferredSignals());
    }
}
