package io.chainring.ring.supervise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.chainring.base.log.RateLimitedLog;
import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.backend.RingListener;
import io.chainring.ring.signal.KilledException;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.turn.RingStatistics;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a death and a recovery are said to be, in one line each, and how few lines a storm of them is. */
class DeathLogTest {
    private static final long MILLISECOND = 1_000_000;

    private final Logger logger = (Logger) LoggerFactory.getLogger(DeathLog.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Queue<Runnable> minutes = new ArrayDeque<>();
    private final NotingEffects effects = new NotingEffects();
    private final RingStatistics statistics = new RingStatistics();
    private long now;
    private long epoch = 6;
    private final SupervisorCore core =
            new SupervisorCore(
                    new SupervisorCore.Policy(
                            "vda", 2, Duration.ofMillis(50), Duration.ofSeconds(5), null),
                    effects,
                    statistics,
                    RingListener.NONE,
                    new DeathLog(new RateLimitedLog(logger, 16, minutes::add)),
                    now);

    @BeforeEach
    void listen() {
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
        hear(SupervisorInput.Order.START);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private void hear(SupervisorInput input) {
        core.apply(input, now);
    }

    private List<String> lines() {
        List<String> lines =
                log.list.stream()
                        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
                        .toList();
        log.list.clear();
        return lines;
    }

    private void serve(long incarnation) {
        statistics.epoch.set(++epoch);
        hear(new SupervisorInput.Noticed(new BackendNotice.RingsWanted(incarnation, epoch)));
        hear(new SupervisorInput.Noticed(new BackendNotice.Serving(epoch)));
    }

    private void dies(Target child, long incarnation, String cause) {
        hear(new SupervisorInput.Died(child, incarnation, new KilledException(cause)));
    }

    @Test
    void aDeathIsOneLineAndARecoveryIsOne() {
        serve(1);
        assertEquals(List.of(), lines(), "nobody died");
        statistics.inFlightChains.set(16);
        dies(Target.BACKEND, 1, "killed by signal INTERRUPT");
        assertEquals(
                List.of(
                        "WARN Disk vda: backend of epoch 7 died (killed by signal INTERRUPT), 16 chains in flight;"
                                + " the next one starts at once"),
                lines());
        now += 6 * MILLISECOND;
        statistics.resumedChains.addAndGet(15);
        serve(2);
        assertEquals(
                List.of(
                        "INFO Disk vda: backend of epoch 8 serves 6.0 ms after a death (killed by signal"
                                + " INTERRUPT): 15 chains resumed, waited 0.0 ms"),
                lines());
    }

    @Test
    void aCrashLoopTellsItsWaitAndHowLongAllOfItTook() {
        serve(1);
        hear(new SupervisorInput.Died(Target.BACKEND, 1));
        now += 2 * MILLISECOND;
        Throwable broken = new IllegalStateException("no such record");
        hear(new SupervisorInput.Died(Target.BACKEND, 2, broken));
        assertEquals(broken.getMessage(), log.list.get(1).getThrowableProxy().getMessage());
        assertNull(log.list.get(0).getThrowableProxy());
        assertEquals(
                List.of(
                        "WARN Disk vda: backend of epoch 7 died (it was stopped), 0 chains in flight;"
                                + " the next one starts at once",
                        "ERROR Disk vda: backend of no epoch yet (the last is 7) died of an error (no such record),"
                                + " 0 chains in flight; the next one starts in 50.0 ms"),
                lines());
        now += 50 * MILLISECOND;
        hear(new SupervisorInput.StartNext(Target.BACKEND));
        now += 3 * MILLISECOND;
        statistics.resumedChains.addAndGet(2);
        serve(3);
        assertEquals(
                List.of(
                        "INFO Disk vda: backend of epoch 8 serves 55.0 ms after a death (no such record):"
                                + " 2 chains resumed, waited 50.0 ms"),
                lines());
    }

    @Test
    void whoHasBegunNoEpochIsSaidToHaveNone() {
        dies(Target.BACKEND, 1, "killed by signal INTERRUPT");
        assertEquals(
                List.of(
                        "WARN Disk vda: backend of no epoch yet died (killed by signal INTERRUPT),"
                                + " 0 chains in flight; the next one starts at once"),
                lines());
    }

    @Test
    void whileTheJournalTakesNoWritesNobodyStarts() {
        serve(1);
        effects.journalTakesWrites = false;
        dies(Target.BACKEND, 1, "full");
        assertEquals(
                List.of(
                        "WARN Disk vda: backend of epoch 7 died (full), 0 chains in flight;"
                                + " the next one starts when its journal takes writes"),
                lines());
        effects.journalTakesWrites = true;
        hear(new SupervisorInput.StartNext(Target.BACKEND));
        now += 3 * MILLISECOND;
        serve(2);
        assertEquals(
                List.of(
                        "INFO Disk vda: backend of epoch 8 serves 3.0 ms after a death (full):"
                                + " 0 chains resumed, waited for its journal"),
                lines());
    }

    @Test
    void aHostIsToldOfLikewise() {
        serve(1);
        statistics.inFlightChains.set(3);
        dies(Target.HOST, 1, "killed: ERROR");
        now += 4 * MILLISECOND;
        statistics.reexecutedChains.addAndGet(3);
        hear(new SupervisorInput.Noticed(new BackendNotice.Serving(epoch)));
        hear(new SupervisorInput.Noticed(new BackendNotice.Serving(epoch)));
        assertEquals(
                List.of(
                        "WARN Disk vda: host 1 in epoch 7 died (killed: ERROR), 3 chains in flight;"
                                + " the next one starts at once",
                        "INFO Disk vda: host 2 in epoch 7 serves 4.0 ms after a death (killed: ERROR):"
                                + " 3 chains resumed, waited 0.0 ms"),
                lines());
    }

    @Test
    void aStormIsAFewLinesAndANumber() {
        serve(1);
        for (int incarnation = 1; incarnation <= 500; incarnation++) {
            statistics.usefulBackends.incrementAndGet();
            dies(Target.BACKEND, incarnation, "killed by signal TERMINATE");
            serve(incarnation + 1);
        }
        assertEquals(2 * RateLimitedLog.LINES_MOST, lines().size());
        dies(Target.HOST, 1, "killed: ERROR");
        assertEquals(1, lines().size(), "the host has lines of its own");
        Runnable minute = minutes.poll();
        assertNotNull(minute, "nobody says how many more there were");
        minute.run();
        List<String> rest = lines().stream().sorted().toList();
        assertEquals(2, rest.size(), rest::toString);
        String more = " ... and 497 more in the last minute from the backend of disk vda: ";
        assertEquals("INFO" + more, rest.get(0).substring(0, 4 + more.length()));
        assertEquals("WARN" + more, rest.get(1).substring(0, 4 + more.length()));
    }
}
