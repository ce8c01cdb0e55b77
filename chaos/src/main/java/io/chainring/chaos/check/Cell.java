package io.chainring.chaos.check;

import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One cell as a register, and every order of what was done to it that is still possible.
 *
 * <p>A configuration is the cell's value together with which of the open operations have taken effect. An operation takes
 * effect as late as possible: when it returns, or when another one that returns needs it (just-in-time linearization). A
 * read takes effect as soon as the value is what it will return, since it changes nothing.
 *
 * <pre>
 *   {value 3, done {}}  --write 4 called--> the same --read 4 returns--> {value 4, done {write 4}} --write 4 returns--> {value 4, done {}}
 * </pre>
 *
 * Sources: J. Wing, C. Gong, <i>Testing and verifying concurrent objects</i>, 1993; G. Lowe, <i>Testing for
 * linearizability</i>, 2017, section 4 (just-in-time, with memoised configurations).
 */
final class Cell {
    /** Most operations that are open on one cell at once: one bit each. */
    static final int OPEN_MOST = 62;

    /** An operation that was called here and has not returned. */
    private record Open(long operation, Action action, long value, boolean forEver) {}

    /** @param done bit i: open operation i has taken effect */
    private record Configuration(long value, long done) {}

    /** A value that the cell had until something happened. */
    private record Past(long value, long untilSequence) {}

    private final List<@Nullable Open> open = new ArrayList<>(2);
    private final Story story = new Story();
    private final List<Past> past = new ArrayList<>(0);
    private final boolean keepsPast;
    private List<Configuration> possible = List.of(new Configuration(HistoryEvent.ZEROES, 0));
    private long durableSequence;
    private long seen = HistoryEvent.GARBAGE;
    private boolean mayBecomeZeroes;
    private boolean lostPower;

    /**
     * @param keepsPast whether values that gave way are remembered, for a loss of power
     */
    Cell(boolean keepsPast) {
        this.keepsPast = keepsPast;
    }

    /**
     * An operation begins here.
     *
     * @param value what it writes, or what it will read
     * @throws IllegalStateException when more than {@link #OPEN_MOST} are open
     */
    void call(long operation, Action action, long value) {
        story.add(operation, action, Story.CALLED, value);
        open(new Open(operation, action, value, false));
    }

    private void open(Open opened) {
        int bit = open.indexOf(null);
        if (bit < 0) {
            bit = open.size();
            open.add(null);
        }
        if (bit >= OPEN_MOST) {
            throw new IllegalStateException(
                    "more than " + OPEN_MOST + " operations are open on one cell");
        }
        open.set(bit, opened);
        if (opened.action == Action.READ) {
            List<Configuration> all = new ArrayList<>(possible.size());
            possible.forEach(each -> all.add(withReads(each)));
            possible = all;
        }
    }

    /** A write that may take effect at any time: it never returns, and somebody reads what it wrote. */
    void callForEver(long operation, Action action, long value) {
        story.add(operation, action, Story.CALLED_FOR_EVER, value);
        if (value == HistoryEvent.ZEROES) {
            mayBecomeZeroes = true;
        } else {
            open(new Open(operation, action, value, true));
        }
    }

    /**
     * An operation returns.
     *
     * @param sequence of this moment
     * @return whether it can have taken effect since it was called
     */
    boolean done(long operation, long sequence) {
        int bit = bitOf(operation);
        Open returned = open.get(bit);
        if (returned == null) {
            throw new IllegalStateException("operation " + operation + " is not open");
        }
        story.add(operation, returned.action, Story.RETURNED, returned.value);
        long mask = 1L << bit;
        List<Configuration> after = reaching(mask, sequence);
        boolean can = !after.isEmpty();
        open.set(bit, null);
        possible = without(can ? after : orElse(returned.value), mask);
        if (returned.action == Action.READ) {
            seen = returned.value;
        } else {
            lostPower = false;
        }
        if (returned.action == Action.WRITE_THROUGH) {
            durableSequence = sequence + 1;
            forgetPast(durableSequence);
            past(returned.value, durableSequence);
        }
        freeTaken();
        return can;
    }

    /** What was possible, or what was read: a mistake is told once, whichever of the two the disk goes on with. */
    private List<Configuration> orElse(long value) {
        List<Configuration> all = new ArrayList<>(possible);
        all.add(withReads(new Configuration(value, 0)));
        return all;
    }

    private int bitOf(long operation) {
        for (int i = 0; i < open.size(); i++) {
            Open each = open.get(i);
            if (each != null && each.operation == operation) {
                return i;
            }
        }
        throw new IllegalStateException("operation " + operation + " is not open");
    }

    /** The configurations in which it has taken effect; all ways to them through what is open. */
    private List<Configuration> reaching(long mask, long sequence) {
        if (possible.size() == 1 && (possible.get(0).done & mask) != 0) {
            return possible;
        }
        Set<Configuration> reached = new HashSet<>();
        Set<Configuration> met = new HashSet<>(possible);
        ArrayDeque<Configuration> toDo = new ArrayDeque<>(possible);
        while (!toDo.isEmpty()) {
            Configuration each = toDo.remove();
            if ((each.done & mask) != 0) {
                reached.add(each);
                continue;
            }
            for (Configuration next : next(each, sequence)) {
                if (met.add(next)) {
                    toDo.add(next);
                }
            }
        }
        return List.copyOf(reached);
    }

    private Collection<Configuration> next(Configuration from, long sequence) {
        List<Configuration> all = new ArrayList<>();
        for (int i = 0; i < open.size(); i++) {
            Open each = open.get(i);
            if (each == null || !each.action.changes() || (from.done & 1L << i) != 0) {
                continue;
            }
            all.add(withReads(new Configuration(each.value, from.done | 1L << i)));
            if (each.action == Action.TRIM) {
                all.add(new Configuration(from.value, from.done | 1L << i));
            }
        }
        if (mayBecomeZeroes && somebodyReadsZeroes(from)) {
            all.add(withReads(new Configuration(HistoryEvent.ZEROES, from.done)));
        }
        if (!all.isEmpty()) {
            past(from.value, sequence);
        }
        return all;
    }

    /** Zeroes of unknown outcome matter only to reads that are open and find them, whoever returns. */
    private boolean somebodyReadsZeroes(Configuration from) {
        for (int i = 0; i < open.size(); i++) {
            Open each = open.get(i);
            if (each != null
                    && each.action == Action.READ
                    && each.value == HistoryEvent.ZEROES
                    && (from.done & 1L << i) == 0) {
                return true;
            }
        }
        return false;
    }

    private Configuration withReads(Configuration from) {
        long done = from.done;
        for (int i = 0; i < open.size(); i++) {
            Open each = open.get(i);
            if (each != null && each.action == Action.READ && each.value == from.value) {
                done |= 1L << i;
            }
        }
        return done == from.done ? from : new Configuration(from.value, done);
    }

    private static List<Configuration> without(List<Configuration> from, long mask) {
        if (from.size() == 1) {
            return List.of(new Configuration(from.get(0).value, from.get(0).done & ~mask));
        }
        Set<Configuration> all = new HashSet<>();
        from.forEach(each -> all.add(new Configuration(each.value, each.done & ~mask)));
        return List.copyOf(all);
    }

    /** What never returns needs its bit no more when it has taken effect in all that is possible. */
    private void freeTaken() {
        long taken = -1;
        for (Configuration each : possible) {
            taken &= each.done;
        }
        for (int i = 0; taken != 0 && i < open.size(); i++) {
            Open each = open.get(i);
            if (each != null && (taken & 1L << i) != 0 && each.forEver) {
                open.set(i, null);
                possible = without(possible, 1L << i);
            }
        }
    }

    private void past(long value, long untilSequence) {
        if (keepsPast) {
            past.removeIf(each -> each.value == value);
            past.add(new Past(value, untilSequence));
        }
    }

    private void forgetPast(long beforeSequence) {
        past.removeIf(each -> each.untilSequence < beforeSequence);
    }

    /**
     * Power is lost.
     *
     * @param flushedSequence what had given way before this moment is gone for good
     */
    void losePower(long flushedSequence) {
        story.add(0, null, Story.POWER_LOST, 0);
        forgetPast(Math.max(flushedSequence, durableSequence));
        Set<Configuration> all = new HashSet<>();
        possible.forEach(each -> all.add(withReads(new Configuration(each.value, 0))));
        past.forEach(each -> all.add(withReads(new Configuration(each.value, 0))));
        past.clear();
        possible = List.copyOf(all);
        lostPower = true;
    }

    /** Whether somebody has read what stands in the cell now, as far as that is certain. */
    boolean isSeen() {
        return possible.stream().allMatch(each -> each.value == seen);
    }

    /** Whether power was lost after the last write that returned. */
    boolean hasLostPower() {
        return lostPower;
    }

    /** The values that the cell may have now. */
    List<Long> values() {
        return possible.stream().map(Configuration::value).distinct().sorted().toList();
    }

    /** The last things that happened here. */
    List<String> story() {
        return story.lines();
    }
}
