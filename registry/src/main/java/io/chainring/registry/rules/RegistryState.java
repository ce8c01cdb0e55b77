package io.chainring.registry.rules;

import io.chainring.registry.rules.RegistryEvent.DiskForgotten;
import io.chainring.registry.rules.RegistryEvent.DiskSet;
import io.chainring.registry.rules.RegistryEvent.RequestMark;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the registry knows: disks, names, answered requests. It changes by events alone, and checks each against what it
 * knows, so that a journal that contradicts itself stops the registry instead of making two disks one.
 */
public final class RegistryState {
    private final Map<UUID, RegisteredDisk> disks = new HashMap<>();
    private final SortedMap<String, UUID> diskNames = new TreeMap<>();
    private final NameTable names;
    private final AnsweredRequests answered;
    private long nextInsertion = 1;
    private long latestMillis;

    /** An empty registry. */
    public RegistryState(RegistrySettings settings) {
        names = new NameTable(settings);
        answered = new AnsweredRequests(settings.requestIdLimit());
    }

    public @Nullable RegisteredDisk disk(UUID uuid) {
        return disks.get(uuid);
    }

    @Nullable UUID called(String diskName) {
        return diskNames.get(diskName);
    }

    /** Every disk, by disk name. */
    public List<RegisteredDisk> inOrder() {
        return diskNames.values().stream().map(this::known).toList();
    }

    private RegisteredDisk known(UUID uuid) {
        RegisteredDisk disk = disks.get(uuid);
        if (disk == null) {
            throw new CorruptRegistryException("a name leads to " + uuid + ", which is unknown");
        }
        return disk;
    }

    /** Disks, those that are away included. */
    public int diskCount() {
        return disks.size();
    }

    public NameTable names() {
        return names;
    }

    public AnsweredRequests answered() {
        return answered;
    }

    public long nextInsertion() {
        return nextInsertion;
    }

    /** The latest time that an event has, in ms since 1970. */
    public long latestMillis() {
        return latestMillis;
    }

    /**
     * Takes an event over.
     *
     * @return this
     * @throws CorruptRegistryException when it contradicts what is known
     */
    public RegistryState apply(RegistryEvent event) {
        if (event instanceof DiskSet set) {
            set(set.disk());
        } else if (event instanceof DiskForgotten forgotten) {
            forget(forgotten.disk());
        }
        RequestMark request = event.request();
        if (request != null) {
            answered.remember(request, event.answer());
        }
        return this;
    }

    private void set(RegisteredDisk disk) {
        RegisteredDisk old = disks.get(disk.uuid());
        if (disk.equals(old)) {
            return;
        }
        checkTransition(old, disk);
        call(old, disk);
        moveName(old, disk);
        disks.put(disk.uuid(), disk);
        latestMillis = Math.max(latestMillis, disk.changedAtMillis());
    }

    private void checkTransition(@Nullable RegisteredDisk old, RegisteredDisk disk) {
        boolean legal =
                old == null
                        ? disk.state() == DiskState.RESERVED
                        : old.state().mayBecome(disk.state());
        if (!legal) {
            throw new CorruptRegistryException(
                    "disk %s from %s to %s"
                            .formatted(
                                    disk.uuid(),
                                    old == null ? "nothing" : old.state(),
                                    disk.state()));
        }
        boolean begins = old == null || (!old.state().holdsName() && disk.state().holdsName());
        long expected = begins || old == null ? nextInsertion : old.insertion();
        if (disk.insertion() != expected) {
            throw new CorruptRegistryException(
                    "insertion %s of disk %s, not %s"
                            .formatted(disk.insertion(), disk.uuid(), expected));
        }
        nextInsertion = Math.max(nextInsertion, expected + 1);
    }

    private void call(@Nullable RegisteredDisk old, RegisteredDisk disk) {
        if (old != null && old.diskName().equals(disk.diskName())) {
            return;
        }
        UUID other = diskNames.get(disk.diskName());
        if (other != null) {
            throw new CorruptRegistryException(
                    "disk name " + disk.diskName() + " of " + other + " for " + disk.uuid());
        }
        if (old != null) {
            diskNames.remove(old.diskName());
            names.called(old.diskName(), null);
        }
        diskNames.put(disk.diskName(), disk.uuid());
        names.called(disk.diskName(), disk.uuid());
    }

    private void moveName(@Nullable RegisteredDisk old, RegisteredDisk disk) {
        boolean held = old != null && old.state().holdsName();
        boolean same =
                old != null
                        && old.deviceName().equals(disk.deviceName())
                        && old.generation() == disk.generation();
        boolean holds = disk.state().holdsName();
        if (held && holds && same) {
            return;
        }
        if (!holds && !same) {
            throw new CorruptRegistryException(
                    "disk " + disk.uuid() + " leaves with another name than it had");
        }
        if (old != null && held && holds) {
            names.leave(old.deviceName());
        } else if (old != null && held) {
            names.free(old.deviceName(), disk.changedAtMillis());
        } else if (old != null && holds) {
            names.forget(old.deviceName());
        }
        if (holds) {
            names.give(disk.deviceName(), disk.generation(), disk.uuid());
        } else if (held) {
            names.remember(disk.deviceName());
        }
    }

    private void forget(RegisteredDisk disk) {
        boolean undone = disk.state() == DiskState.RESERVED && !disk.isMade();
        if (!disk.equals(disks.get(disk.uuid())) || (disk.state().holdsName() && !undone)) {
            throw new CorruptRegistryException("disk " + disk.uuid() + " cannot be forgotten");
        }
        disks.remove(disk.uuid());
        diskNames.remove(disk.diskName());
        names.called(disk.diskName(), null);
        if (undone) {
            names.giveBack(disk.deviceName());
        } else {
            names.forget(disk.deviceName());
        }
    }

    /** Takes over what was stored; for an empty state only. */
    public void restore(
            long insertion,
            long millis,
            List<NameTable.Past> past,
            Collection<RegisteredDisk> all) {
        nextInsertion = insertion;
        latestMillis = millis;
        names.restore(past);
        for (RegisteredDisk disk : all) {
            call(null, disk);
            if (disk.state().holdsName()) {
                names.restoreHolder(disk.deviceName(), disk.generation(), disk.uuid());
            } else {
                names.remember(disk.deviceName());
            }
            if (disk.insertion() >= insertion || disks.put(disk.uuid(), disk) != null) {
                throw new CorruptRegistryException("disk " + disk.uuid() + " stands there wrongly");
            }
        }
    }
}
