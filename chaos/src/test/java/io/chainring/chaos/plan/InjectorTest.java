package io.chainring.chaos.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class InjectorTest {
    @Test
    void faultsAreCarriedOutUntilItIsStoppedAndWhatFailsIsKept() throws Exception {
        Schedule schedule =
                new Schedule(
                        Seed.of(InjectorTest.class),
                        List.of(FaultChoice.of("good"), FaultChoice.of("bad")),
                        1,
                        1);
        FaultLog log = new FaultLog();
        FaultDriver bad =
                fault -> {
                    throw new IOException("no");
                };
        Injector injector =
                new Injector(
                        schedule,
                        Map.of("good", fault -> new FaultDriver.Outcome(true, "yes"), "bad", bad),
                        log);
        Thread thread = new Thread(injector);
        thread.start();
        Awaitility.await().until(() -> log.injected() > 3 && log.refusals().size() > 2);
        injector.stop();
        thread.join();
        assertEquals(List.of("good"), List.copyOf(log.byName().keySet()));
        assertEquals(log.injected(), log.byName().get("good"));
        assertTrue(log.asked().get("bad") >= log.refusals().size());
        assertEquals("bad: no", log.refusals().get(0));
        assertEquals("yes", log.entries().get(0).what());
    }
}
