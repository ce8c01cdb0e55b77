package io.chainring.chaos.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What became of faults. All are counted, the first of them kept. Thread-safe. */
public final class FaultLog {
    private static final int KEPT = 4000;
    private static final int REFUSALS_KEPT = 20;

    private final Map<String, Long> injectedByLabel = new TreeMap<>();
    private final Map<String, Long> injectedByPlace = new TreeMap<>();
    private final Map<String, Long> injectedByName = new TreeMap<>();
    private final Map<String, Long> askedByName = new TreeMap<>();
    private final List<Entry> entries = new ArrayList<>();
    private final List<String> refusals = new ArrayList<>();
    private long injected;

    /**
     * One fault.
     *
     * @param fromNanos when it was asked for, as System.nanoTime has it
     * @param toNanos when the driver returned
     */
    public record Entry(Fault fault, long fromNanos, long toNanos, String what) {}

    synchronized void add(
            Fault fault, long fromNanos, long toNanos, FaultDriver.@Nullable Outcome outcome) {
        askedByName.merge(fault.name(), 1L, Long::sum);
        if (outcome == null || !outcome.injected()) {
            return;
        }
        injected++;
        injectedByLabel.merge(fault.label(), 1L, Long::sum);
        injectedByPlace.merge(fault.place(), 1L, Long::sum);
        injectedByName.merge(fault.name(), 1L, Long::sum);
        if (entries.size() < KEPT) {
            entries.add(new Entry(fault, fromNanos, toNanos, outcome.what()));
        }
    }

    synchronized void refused(Fault fault, String why) {
        if (refusals.size() < REFUSALS_KEPT) {
            refusals.add(fault.label() + ": " + why);
        }
    }

    /** How many took place. */
    public synchronized long injected() {
        return injected;
    }

    /** How many took place, by name, way and point. */
    public synchronized Map<String, Long> byLabel() {
        return new TreeMap<>(injectedByLabel);
    }

    /** How many took place, by name and point. */
    public synchronized Map<String, Long> byPlace() {
        return new TreeMap<>(injectedByPlace);
    }

    /** How many took place, by name. */
    public synchronized Map<String, Long> byName() {
        return new TreeMap<>(injectedByName);
    }

    /** How many were asked for, by name. */
    public synchronized Map<String, Long> asked() {
        return new TreeMap<>(askedByName);
    }

    /** The first that took place. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** Why some could not be carried out; the first of them. */
    public synchronized List<String> refusals() {
        return List.copyOf(refusals);
    }
}
