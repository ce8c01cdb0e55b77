package io.chainring.host.registry;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who holds which device name, how many times each was given, and which is the lowest one to give. A name that was
 * never touched has no entry; there are never more entries than names. Everything is one hash look-up, and the search
 * for the lowest name is one over a bit a name, at most 1,024 words long.
 */
final class NameTable {
    private final RegistrySettings settings;
    private final Map<DeviceName, Entry> entries = new HashMap<>();
    private final Map<NameScheme, BitSet> blocked = new EnumMap<>(NameScheme.class);
    private final ArrayDeque<Resting> resting = new ArrayDeque<>();

    private static final class Entry {
        private int generation;
        private @Nullable UUID holder;

        /** The disk that is called like this name. */
        private @Nullable UUID namesake;

        private @Nullable UUID lastHolder;
        private long freedAtMillis;
        private int rememberedBy;
        private boolean rests;
    }

    /** What of a name is stored; the rest follows from the disks. */
    record Past(DeviceName name, int generation, UUID lastHolder, long freedAtMillis) {}

    private record Resting(DeviceName name, int generation, long untilMillis) {}

    NameTable(RegistrySettings settings) {
        this.settings = settings;
        for (NameScheme scheme : NameScheme.values()) {
            blocked.put(scheme, new BitSet());
        }
        for (DeviceName name : settings.reservedNames()) {
            bits(name.scheme()).set(name.value());
        }
    }

    int generation(DeviceName name) {
        Entry entry = entries.get(name);
        return entry == null ? 0 : entry.generation;
    }

    @Nullable UUID holder(DeviceName name) {
        Entry entry = entries.get(name);
        return entry == null ? null : entry.holder;
    }

    /** Another disk than this one that holds the name or is called like it; null when there is none. */
    @Nullable UUID otherOccupant(DeviceName name, UUID uuid) {
        Entry entry = entries.get(name);
        if (entry == null) {
            return null;
        }
        if (entry.holder != null && !entry.holder.equals(uuid)) {
            return entry.holder;
        }
        return entry.namesake != null && !entry.namesake.equals(uuid) ? entry.namesake : null;
    }

    /** Until when the name rests and may go only to the disk that held it, in ms since 1970; 0 when it does not. */
    long restsUntilMillis(DeviceName name) {
        Entry entry = entries.get(name);
        return entry == null || !entry.rests ? 0 : untilMillis(entry);
    }

    /** True when a name rests for this disk. */
    boolean restsFor(DeviceName name, UUID uuid) {
        Entry entry = entries.get(name);
        return entry != null && entry.rests && uuid.equals(entry.lastHolder);
    }

    /** The lowest name of a scheme that may be given by the policy; null when there is none. */
    @Nullable DeviceName lowestFree(NameScheme scheme) {
        int value = bits(scheme).nextClearBit(scheme.lowest());
        return value > scheme.largest() ? null : new DeviceName(scheme, value);
    }

    void give(DeviceName name, int generation, UUID uuid) {
        Entry entry = entry(name);
        if (entry.holder != null) {
            throw new CorruptRegistryException(
                    name + " for " + uuid + ", while " + entry.holder + " holds it");
        }
        if (generation != entry.generation + 1) {
            throw new CorruptRegistryException(
                    name + " with generation " + generation + " after " + entry.generation);
        }
        entry.generation = generation;
        entry.holder = uuid;
        entry.lastHolder = uuid;
        entry.freedAtMillis = 0;
        entry.rests = false;
        refresh(name, entry);
    }

    void free(DeviceName name, long nowMillis) {
        Entry entry = entry(name);
        entry.holder = null;
        entry.freedAtMillis = nowMillis;
        rest(name, entry);
        refresh(name, entry);
    }

    /** A disk that is away remembers the name. */
    void remember(DeviceName name) {
        Entry entry = entry(name);
        entry.rememberedBy++;
        refresh(name, entry);
    }

    void forget(DeviceName name) {
        Entry entry = entry(name);
        entry.rememberedBy--;
        refresh(name, entry);
    }

    /** A disk is called like a device name, if its name reads so. */
    void called(String diskName, @Nullable UUID uuid) {
        DeviceName name = DeviceName.tryParse(diskName);
        if (name != null) {
            Entry entry = entry(name);
            entry.namesake = uuid;
            refresh(name, entry);
        }
    }

    /** Ends the rest of names whose time has come. */
    void expire(long nowMillis) {
        for (Resting first = resting.peek();
                first != null && first.untilMillis <= nowMillis;
                first = resting.peek()) {
            resting.remove();
            Entry entry = entry(first.name);
            if (entry.rests && entry.generation == first.generation) {
                entry.rests = false;
                refresh(first.name, entry);
            }
        }
    }

    /** Every name that was given at least once, in order. */
    List<Past> past() {
        List<Past> past = new ArrayList<>();
        entries.forEach(
                (name, entry) -> {
                    if (entry.lastHolder != null) {
                        past.add(
                                new Past(
                                        name,
                                        entry.generation,
                                        entry.lastHolder,
                                        entry.freedAtMillis));
                    }
                });
        past.sort(Comparator.comparing(Past::name));
        return past;
    }

    /** Takes over stored names, before {@link #restoreHolder}. */
    void restore(List<Past> names) {
        names.stream()
                .sorted(Comparator.comparingLong(Past::freedAtMillis))
                .forEach(
                        past -> {
                            Entry entry = entry(past.name);
                            entry.generation = past.generation;
                            entry.lastHolder = past.lastHolder;
                            entry.freedAtMillis = past.freedAtMillis;
                            if (past.freedAtMillis > 0) {
                                rest(past.name, entry);
                            }
                            refresh(past.name, entry);
                        });
    }

    void restoreHolder(DeviceName name, int generation, UUID uuid) {
        Entry entry = entry(name);
        if (entry.holder != null
                || entry.generation != generation
                || !uuid.equals(entry.lastHolder)) {
            throw new CorruptRegistryException(
                    name + " of " + uuid + " contradicts the table of names");
        }
        entry.holder = uuid;
        refresh(name, entry);
    }

    private void rest(DeviceName name, Entry entry) {
        if (settings.policy() == ReusePolicy.QUARANTINE) {
            entry.rests = true;
            resting.add(new Resting(name, entry.generation, untilMillis(entry)));
        }
    }

    private long untilMillis(Entry entry) {
        return entry.freedAtMillis + settings.quarantine().toMillis();
    }

    private void refresh(DeviceName name, Entry entry) {
        boolean remembered = settings.policy() == ReusePolicy.STICKY && entry.rememberedBy > 0;
        bits(name.scheme())
                .set(
                        name.value(),
                        entry.holder != null
                                || entry.namesake != null
                                || entry.rests
                                || remembered
                                || entry.generation >= DriveLetterIdentifier.LARGEST_GENERATION
                                || settings.reservedNames().contains(name));
    }

    private Entry entry(DeviceName name) {
        return entries.computeIfAbsent(name, unused -> new Entry());
    }

    private BitSet bits(NameScheme scheme) {
        return blocked.computeIfAbsent(scheme, unused -> new BitSet());
    }
}
