package io.chainring.chaos.work;

import io.chainring.chaos.history.Action;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** What was counted and timed. Thread-safe. */
public final class Tally {
    private static final int REASONS_MOST = 20;
    private static final int CHARACTERS_MOST = 160;

    private final long beganNanos = System.nanoTime();
    private final AtomicLong[] done = new AtomicLong[Action.values().length];
    private final AtomicLong resent = new AtomicLong();
    private final AtomicLong left = new AtomicLong();
    private final AtomicLong connected = new AtomicLong();
    private final Map<String, Long> errors = new TreeMap<>();
    private final Map<String, Long> losses = new TreeMap<>();
    private final List<String> breaches = new ArrayList<>();
    private final List<String> hangs = new ArrayList<>();
    private final Timeline timeline = new Timeline(beganNanos);
    private final Pauses pauses;

    Tally(int disks) {
        pauses = new Pauses(disks, beganNanos);
        for (int i = 0; i < done.length; i++) {
            done[i] = new AtomicLong();
        }
    }

    void done(Action action, int disk, long calledNanos) {
        long now = System.nanoTime();
        done[action.ordinal()].incrementAndGet();
        timeline.ended(action, now, now - calledNanos);
        pauses.answered(disk, now);
    }

    void resent() {
        resent.incrementAndGet();
    }

    void left() {
        left.incrementAndGet();
    }

    void connected() {
        connected.incrementAndGet();
    }

    synchronized void error(String why) {
        count(errors, why);
    }

    synchronized void lost(String why) {
        count(losses, why);
    }

    synchronized void breach(String what) {
        keep(breaches, what);
    }

    synchronized void hang(String what) {
        keep(hangs, what);
    }

    private static void keep(List<String> all, String one) {
        if (all.size() < REASONS_MOST) {
            all.add(one);
        }
    }

    private static void count(Map<String, Long> all, String reason) {
        String brief =
                reason.length() > CHARACTERS_MOST ? reason.substring(0, CHARACTERS_MOST) : reason;
        String key = all.containsKey(brief) || all.size() < REASONS_MOST ? brief : "other reasons";
        all.merge(key, 1L, Long::sum);
    }

    /** When the run began, as System.nanoTime has it. */
    public long beganNanos() {
        return beganNanos;
    }

    /** Operations done, by what they were. */
    public Map<Action, Long> doneByAction() {
        Map<Action, Long> all = new EnumMap<>(Action.class);
        for (Action action : Action.values()) {
            all.put(action, done[action.ordinal()].get());
        }
        return all;
    }

    /** Operations done. */
    public long done() {
        return doneByAction().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Requests that were sent again on a later connection. */
    public long resentCount() {
        return resent.get();
    }

    /** Changes whose outcome nobody knows. */
    public long leftCount() {
        return left.get();
    }

    /** Connections that were made. */
    public long connections() {
        return connected.get();
    }

    /** Operations that were answered with an error, by its text. */
    public synchronized Map<String, Long> errors() {
        return new TreeMap<>(errors);
    }

    /** Connections that were lost, by the reason. */
    public synchronized Map<String, Long> losses() {
        return new TreeMap<>(losses);
    }

    /** What a server said that no server may say. */
    public synchronized List<String> breaches() {
        return List.copyOf(breaches);
    }

    /** Who had no answer within the limit. */
    public synchronized List<String> hangs() {
        return List.copyOf(hangs);
    }

    public Timeline timeline() {
        return timeline;
    }

    public Pauses pauses() {
        return pauses;
    }
}
