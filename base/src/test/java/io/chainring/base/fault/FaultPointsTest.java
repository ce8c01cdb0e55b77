package io.chainring.base.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class FaultPointsTest {
    private enum Point {
        HERE,
        THERE
    }

    private final FaultPoints<Point, String> points = new FaultPoints<>(Point.class);

    @Test
    void unwatchedItCountsNothing() {
        assertNull(points.pass(Point.HERE));
        assertEquals(new FaultPoints.Count<>(Point.HERE, 0, 0), points.counts().get(0));
        assertEquals(0, points.armed());
    }

    @Test
    void watchedItCountsEachPointForItself() {
        points.count();
        points.pass(Point.HERE);
        points.pass(Point.HERE);
        points.pass(Point.THERE);
        assertEquals(
                List.of(
                        new FaultPoints.Count<>(Point.HERE, 2, 0),
                        new FaultPoints.Count<>(Point.THERE, 1, 0)),
                points.counts());
    }

    @Test
    void whatIsArmedHappensSoOftenAfterSoManyPassesAndInItsOrder() {
        points.arm(Point.HERE, "first", 1, 2);
        points.arm(Point.HERE, "second", 1, 1);
        assertNull(points.pass(Point.THERE));
        List<String> met = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            met.add(String.valueOf(points.pass(Point.HERE)));
        }
        assertEquals(List.of("null", "first", "first", "null", "second", "null"), met);
        assertEquals(new FaultPoints.Count<>(Point.HERE, 6, 3), points.counts().get(0));
        assertEquals(0, points.armed());
    }

    @Test
    void disarmedItCountsOn() {
        points.arm(Point.HERE, "never", 0, 5);
        assertEquals(5, points.armed());
        points.disarm();
        assertNull(points.pass(Point.HERE));
        assertEquals(new FaultPoints.Count<>(Point.HERE, 1, 0), points.counts().get(0));
    }

    @Test
    void whatWasArmedCanBeTakenBackAlone() {
        Runnable takeBack = points.arm(Point.HERE, "first", 0, 3);
        points.arm(Point.HERE, "second", 0, 1);
        assertEquals("first", points.pass(Point.HERE));
        takeBack.run();
        assertEquals(1, points.armed());
        assertEquals("second", points.pass(Point.HERE));
        takeBack.run();
        assertNull(points.pass(Point.HERE));
        assertEquals(0, points.armed());
    }

    @Test
    void eachActOfManyThreadsHappensOnce() throws InterruptedException {
        var unused = points.arm(Point.HERE, "x", 10, 100);
        AtomicInteger acts = new AtomicInteger();
        CountDownLatch together = new CountDownLatch(4);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            Thread thread =
                    new Thread(
                            () -> {
                                together.countDown();
                                for (int i = 0; i < 100; i++) {
                                    if (points.pass(Point.HERE) != null) {
                                        acts.incrementAndGet();
                                    }
                                }
                            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(100, acts.get());
        assertEquals(new FaultPoints.Count<>(Point.HERE, 400, 100), points.counts().get(0));
    }

    @Test
    void nothingIsArmedForNoTime() {
        assertThrows(IllegalArgumentException.class, () -> points.arm(Point.HERE, "never", 0, 0));
        assertThrows(IllegalArgumentException.class, () -> points.arm(Point.HERE, "never", -1, 1));
    }
}
