package io.chainring.gateway.nbd.tls;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** Whose handshake is computed next. */
class TurnQueueTest {
    @Test
    void sourcesTakeTurnsAndKeepTheirOrder() {
        TurnQueue<String, String> queue = new TurnQueue<>();
        for (int i = 0; i < 1000; i++) {
            queue.add("flood", "f" + i);
        }
        queue.add("a", "a0");
        queue.add("a", "a1");
        queue.add("b", "b0");
        List<String> order = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            order.add(String.valueOf(queue.next()));
        }
        assertEquals(List.of("f0", "a0", "b0", "f1", "a1", "f2", "f3"), order);
        assertEquals(996, queue.size());
    }

    @Test
    void whatIsTakenBackHasNoTurn() {
        TurnQueue<String, String> queue = new TurnQueue<>();
        queue.add("a", "a0");
        queue.add("b", "b0");
        queue.add("b", "b1");
        queue.remove("a", "a0");
        queue.remove("a", "a0");
        queue.remove("b", "b0");
        queue.remove("c", "c0");
        assertEquals(1, queue.size());
        assertEquals("b1", queue.next());
        assertNull(queue.next());
    }

    @Test
    void closedConnectionsLeaveNothingBehindAndOthersGoOn() throws Exception {
        CountDownLatch stuck = new CountDownLatch(1);
        List<String> done = new CopyOnWriteArrayList<>();
        try (HandshakeThreads threads = new HandshakeThreads(1)) {
            HandshakeThreads.Turn first = threads.turn("a");
            first.execute(
                    () -> {
                        try {
                            stuck.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    });
            await().atMost(Duration.ofSeconds(120)).until(() -> threads.waiting() == 0);
            for (int i = 0; i < 1000; i++) {
                HandshakeThreads.Turn flood = threads.turn("a");
                flood.execute(() -> done.add("closed"));
                flood.leave();
                assertThrows(
                        RejectedExecutionException.class,
                        () -> flood.execute(() -> done.add("late")));
            }
            assertEquals(0, threads.waiting());
            threads.turn("b").execute(() -> done.add("b"));
            stuck.countDown();
            await().atMost(Duration.ofSeconds(120)).until(() -> done.equals(List.of("b")));
        }
    }
}
