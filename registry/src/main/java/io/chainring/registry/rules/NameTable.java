package io.chainring.registry.rules;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.DriveLetterIdentifier;
import io.chainring.registry.name.NameScheme;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who holds which device name, how many times each was given, and which is the lowest one to give. A name that was
 * never touched has no entry; there are never more entries than names. Everything is one hash look-up, and the search
 * for the lowest name is one over a bit a name, at most 1,024 words long.
 *
 * <p>The name that a disk was renamed from <i>lingers</i>: who opened the disk under it may have it so still, since a
 * virtual machine's monitor reads a serial once and keeps it until the device is taken out. It is given to no other disk,
 * and counts as freed only when the disk that held it has gone.
 */
public final class NameTable {
    private final RegistrySettings settings;
    private final Map<DeviceName, Entry> entries = new HashMap<>();
    private final Map<NameScheme, BitSet> blocked = new EnumMap<>(NameScheme.class);
    private final ArrayDeque<Resting> resting = new ArrayDeque<>();

    /** The names that linger, by the disk that was renamed from them. */
    private final Map<UUID, Set<DeviceName>> lingering = new HashMap<>();

    /** When a name was freed that no guest can know: long enough ago for every quarantine. */
    private static final long LONG_AGO_MILLIS = 1;

    private static final class Entry {
        private int generation;

        /**
         * Generations that were given back: journals of before this was done go on with the next one all the same. Of
         * events since the last snapshot, as those are.
         */
        private int givenBack;

        private @Nullable UUID holder;

        /** The disk that is called like this name. */
        private @Nullable UUID namesake;

        private @Nullable UUID lastHolder;
        private long freedAtMillis;
        private int rememberedBy;
        private boolean rests;
    }

    /** What of a name is stored; the rest follows from the disks. */
    public record Past(DeviceName name, int generation, UUID lastHolder, long freedAtMillis) {}

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

    /** Another disk than this one that holds the name, was renamed from it, or is called like it; null when none is. */
    @Nullable UUID otherOccupant(DeviceName name, UUID uuid) {
        Entry entry = entries.get(name);
        if (entry == null) {
            return null;
        }
        if (entry.holder != null && !entry.holder.equals(uuid)) {
            return entry.holder;
        }
        if (lingers(name, entry) && !uuid.equals(entry.lastHolder)) {
            return entry.lastHolder;
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
        if (generation <= entry.generation || generation > entry.generation + 1 + entry.givenBack) {
            throw new CorruptRegistryException(
                    name + " with generation " + generation + " after " + entry.generation);
        }
        linger(name, entry, false);
        entry.generation = generation;
        entry.givenBack = 0;
        entry.holder = uuid;
        entry.lastHolder = uuid;
        entry.freedAtMillis = 0;
        entry.rests = false;
        refresh(name, entry);
    }

    /** Its disk is renamed. */
    void leave(DeviceName name) {
        Entry entry = entry(name);
        entry.holder = null;
        linger(name, entry, true);
        refresh(name, entry);
    }

    /** Its disk has gone, and with it whatever it was called before. */
    void free(DeviceName name, long nowMillis) {
        Entry entry = entry(name);
        UUID uuid = entry.lastHolder;
        entry.holder = null;
        freed(name, entry, nowMillis);
        for (DeviceName each : lingeringOf(uuid)) {
            freed(each, entry(each), nowMillis);
        }
    }

    private void freed(DeviceName name, Entry entry, long nowMillis) {
        linger(name, entry, false);
        entry.freedAtMillis = nowMillis;
        rest(name, entry);
        refresh(name, entry);
    }

    /**
     * The disk that held the name was never made: no guest has read an identifier of it, so its generation is the next
     * one's. The name does not rest either.
     */
    void giveBack(DeviceName name) {
        Entry entry = entry(name);
        for (DeviceName each : lingeringOf(entry.holder)) {
            Entry former = entry(each);
            linger(each, former, false);
            former.freedAtMillis = LONG_AGO_MILLIS;
            refresh(each, former);
        }
        entry.holder = null;
        entry.freedAtMillis = LONG_AGO_MILLIS;
        entry.generation--;
        entry.givenBack++;
        if (entry.generation == 0) {
            entry.lastHolder = null;
        }
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
    public List<Past> past() {
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
                            } else {
                                linger(past.name, entry, true); // or is held: restoreHolder
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
        linger(name, entry, false);
        refresh(name, entry);
    }

    private boolean lingers(DeviceName name, Entry entry) {
        return lingeringOf(entry.lastHolder).contains(name);
    }

    private Set<DeviceName> lingeringOf(@Nullable UUID uuid) {
        Set<DeviceName> names = uuid == null ? null : lingering.get(uuid);
        return names == null ? Set.of() : Set.copyOf(names);
    }

    private void linger(DeviceName name, Entry entry, boolean lingers) {
        if (entry.lastHolder == null) {
            return;
        }
        Set<DeviceName> names =
                lingering.computeIfAbsent(entry.lastHolder, unused -> new HashSet<>());
        if (lingers) {
            names.add(name);
        } else {
            names.remove(name);
        }
        if (names.isEmpty()) {
            lingering.remove(entry.lastHolder);
        }
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
                                || lingers(name, entry)
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
