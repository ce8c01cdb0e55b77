package io.chainring.base;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Whoever waits without naming a limit has the patience of this jar. */
final class PatienceTest {
    @Test
    void isTheDefault() {
        AtomicLong limitMillis = new AtomicLong();
        AtomicInteger looks = new AtomicInteger();
        await().conditionEvaluationListener(
                        condition ->
                                limitMillis.set(
                                        condition.getElapsedTimeInMS()
                                                + condition.getRemainingTimeInMS()))
                .until(() -> looks.incrementAndGet() > 1);
        assertTrue(limitMillis.get() >= Patience.LIMIT.toMillis() - 1, limitMillis + " ms");
    }
}
