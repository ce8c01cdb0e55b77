package io.chainring.host.store;

import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A thread that does I/O on a store while it is interrupted again and again. */
final class InterruptedIo {
    private InterruptedIo() {}

    /**
     * Interrupts a reading and writing thread that often.
     *
     * @return how often the thread found its flag set after a call, at least once per interrupt it saw
     */
    static int interruptDuringReads(BlockStore store, int interrupts) throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger seen = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        CountDownLatch started = new CountDownLatch(1);
        Thread thread =
                new Thread(
                        () -> {
                            ByteBuffer[] large = {ByteBuffer.allocateDirect(512 * 1024)};
                            try {
                                while (!stop.get()) {
                                    store.write(0, large);
                                    store.read(0, large);
                                    started.countDown();
                                    if (Thread.interrupted()) {
                                        seen.incrementAndGet();
                                    }
                                }
                            } catch (Throwable e) {
                                failure.set(e);
                            } finally {
                                started.countDown();
                            }
                        });
        thread.start();
        if (!started.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("the thread did not start");
        }
        for (int i = 0; i < interrupts && thread.isAlive(); i++) {
            int before = seen.get();
            thread.interrupt();
            while (seen.get() == before && thread.isAlive()) {
                Thread.onSpinWait();
            }
        }
        stop.set(true);
        thread.join();
        if (failure.get() != null) {
            throw new AssertionError("an interrupted call failed", failure.get());
        }
        return seen.get();
    }
}
