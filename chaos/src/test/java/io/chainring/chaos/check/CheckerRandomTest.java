package io.chainring.chaos.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The checker against every order of a few operations, and on long histories of a disk that keeps its promises. */
final class CheckerRandomTest {
    private static final int SMALL_HISTORIES = 4000;
    private static final int SMALL_OPERATIONS = 6;
    private static final int OPERATIONS = 100_000;
    private static final int CLIENTS = 16;
    private static final int CELLS = 64;

    private final SplittableRandom random = Seed.random(getClass());

    private record Small(
            long operation, Action action, long value, int calledAt, int endAt, boolean answered) {}

    @Test
    void theVerdictIsThatOfTryingAllOrders() {
        int good = 0;
        for (int i = 0; i < SMALL_HISTORIES; i++) {
            List<Small> operations = new ArrayList<>();
            Told history = small(operations);
            boolean expected = someOrder(operations, HistoryEvent.ZEROES, 0);
            assertEquals(expected, history.verdict().isGood(), history.events::toString);
            good += expected ? 1 : 0;
        }
        assertTrue(good > SMALL_HISTORIES / 20, good + " are good");
        assertTrue(good < SMALL_HISTORIES * 19 / 20, good + " are good");
    }

    /** A few operations on one cell, with values that may or may not be right. */
    private Told small(List<Small> operations) {
        Told history = new Told();
        Map<Long, Action> open = new HashMap<>();
        Map<Long, Integer> calledAt = new HashMap<>();
        long next = 1;
        int moment = 0;
        while (next <= SMALL_OPERATIONS || !open.isEmpty()) {
            moment++;
            boolean calls = next <= SMALL_OPERATIONS && random.nextInt(5) < 3;
            if (calls || open.isEmpty()) {
                if (next > SMALL_OPERATIONS) {
                    break;
                }
                Action action = random.nextBoolean() ? Action.READ : Action.WRITE;
                if (random.nextInt(8) == 0) {
                    action = random.nextBoolean() ? Action.TRIM : Action.ZERO;
                }
                history.call(next, action, 0, 1, action == Action.WRITE ? next : 0);
                open.put(next, action);
                calledAt.put(next, moment);
                next++;
                continue;
            }
            List<Long> all = new ArrayList<>(open.keySet());
            long operation = all.get(random.nextInt(all.size()));
            Action action = open.remove(operation);
            long value = action == Action.WRITE ? operation : 0;
            // Zeroes of unknown outcome may come twice for the checker, which is no mistake of a
            // disk that it would miss often.
            boolean answered = action != Action.WRITE || random.nextInt(6) != 0;
            if (action == Action.READ) {
                value = random.nextInt((int) next);
                history.found(operation, value);
            } else if (answered) {
                history.done(operation);
            } else {
                history.unknown(operation);
            }
            operations.add(
                    new Small(
                            operation,
                            action,
                            value,
                            calledAt.get(operation),
                            answered ? moment : Integer.MAX_VALUE,
                            answered));
        }
        return history;
    }

    /** Whether those that are left can follow each other, none before one that had ended when it was called. */
    private static boolean someOrder(List<Small> left, long value, int depth) {
        if (left.stream().noneMatch(Small::answered)) {
            return true;
        }
        for (Small each : left) {
            boolean first = left.stream().noneMatch(other -> other.endAt < each.calledAt);
            if (!first) {
                continue;
            }
            List<Small> rest = new ArrayList<>(left);
            rest.remove(each);
            boolean fits = each.action != Action.READ || each.value == value;
            long after = each.action == Action.READ ? value : each.value;
            if (fits && someOrder(rest, after, depth + 1)) {
                return true;
            }
            if (each.action == Action.TRIM && someOrder(rest, value, depth + 1)) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aDiskThatKeepsItsPromisesIsBelieved() {
        Verdict verdict =
                Checker.check(new KeptPromises(random, CLIENTS, CELLS).history(OPERATIONS));
        assertEquals(List.of(), verdict.violations());
        assertEquals(OPERATIONS, verdict.operations());
        assertEquals(CELLS, verdict.cells());
    }

    @Test
    void oneOldValueAmongManyIsFound() {
        List<HistoryEvent> events =
                new KeptPromises(random, CLIENTS, CELLS).history(OPERATIONS / 10);
        List<Integer> reads = new ArrayList<>();
        for (int i = events.size() / 2; i < events.size(); i++) {
            if (events.get(i) instanceof HistoryEvent.Done done && done.values() != null) {
                reads.add(i);
            }
        }
        int at = reads.get(random.nextInt(reads.size()));
        HistoryEvent.Done done = (HistoryEvent.Done) events.get(at);
        long[] values = done.values().clone();
        Set<Long> answered = new HashSet<>();
        for (HistoryEvent event : events) {
            if (event instanceof HistoryEvent.Done each) {
                answered.add(each.operation());
            }
        }
        // A value of the beginning, which all cells have left long ago.
        HistoryEvent.Call old =
                events.stream()
                        .filter(HistoryEvent.Call.class::isInstance)
                        .map(HistoryEvent.Call.class::cast)
                        .filter(each -> each.action() == Action.WRITE)
                        .filter(each -> answered.contains(each.operation()))
                        .findFirst()
                        .orElseThrow();
        values[0] = old.value();
        events.set(at, new HistoryEvent.Done(done.atNanos(), done.operation(), values));
        Verdict verdict = Checker.check(events);
        assertEquals(1, verdict.violations().size(), verdict::toString);
        assertEquals(done.operation(), verdict.violations().get(0).operation());
    }
}
