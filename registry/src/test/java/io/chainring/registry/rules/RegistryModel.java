package io.chainring.registry.rules;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.registry.name.DeviceName;
import io.chainring.registry.rules.RegistryEvent.DiskForgotten;
import io.chainring.registry.rules.RegistryEvent.DiskSet;
import io.chainring.registry.rules.RegistryEvent.RequestMark;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What must be true of a journal and of the answers, whatever the registry does: it reads the journaled events one by
 * one, and looks through all disks each time.
 */
public final class RegistryModel {
    private final Map<UUID, RegisteredDisk> disks = new HashMap<>();
    private final Map<DeviceName, Integer> generations = new HashMap<>();
    private final Map<DeviceName, UUID> lingering = new HashMap<>();
    int givenUp;
    private final Map<String, UUID> identifiers = new HashMap<>();
    private final Set<Long> insertions = new HashSet<>();
    private final Map<String, RegistryAnswer> decided = new HashMap<>();
    private final Map<String, RegistryAnswer> delivered = new HashMap<>();

    public Map<UUID, RegisteredDisk> disks() {
        return disks;
    }

    public boolean isAnswered(String requestId) {
        return delivered.containsKey(requestId);
    }

    /** A word of a server about an insertion that is over changes nothing. */
    public void decided(RegistryRequest request, @Nullable RegistryEvent event) {
        Long insertion =
                request instanceof RegistryRequest.Attached attached
                        ? Long.valueOf(attached.insertion())
                        : request instanceof RegistryRequest.Detached detached
                                ? Long.valueOf(detached.insertion())
                                : null;
        RegisteredDisk disk = disks.get(request.uuid());
        if (insertion != null && (disk == null || disk.insertion() != insertion)) {
            assertNull(event, () -> request + " about " + disk);
        }
    }

    /** An event that reached the journal. */
    public void journaled(RegistryEvent event) {
        RequestMark mark = event.request();
        if (mark != null) {
            assertNull(
                    decided.put(mark.requestId(), event.answer()),
                    () -> "a second event of " + mark.requestId());
        }
        if (event instanceof DiskForgotten forgotten) {
            RegisteredDisk known = disks.remove(forgotten.disk().uuid());
            assertEquals(forgotten.disk(), known);
            forgotten(forgotten.disk());
        } else if (event instanceof DiskSet set) {
            RegisteredDisk before = disks.put(set.disk().uuid(), set.disk());
            if (!set.disk().equals(before)) {
                checkChange(before, set.disk());
            }
        }
    }

    /** Of one that was never made nobody has read an identifier: its generation is given again. */
    private void forgotten(RegisteredDisk disk) {
        if (disk.state() == DiskState.FREE) {
            return;
        }
        assertEquals(DiskState.RESERVED, disk.state());
        assertFalse(disk.isMade());
        generations.put(disk.deviceName(), disk.generation() - 1);
        lingering.values().removeIf(disk.uuid()::equals);
        identifiers.remove(disk.identifier().toString());
        givenUp++;
    }

    private void checkChange(@Nullable RegisteredDisk before, RegisteredDisk disk) {
        boolean held = before != null && before.state().holdsName();
        boolean holds = disk.state().holdsName();
        boolean given = holds && (!held || !disk.deviceName().equals(before.deviceName()));
        if (given) {
            UUID former = lingering.remove(disk.deviceName());
            assertTrue(
                    former == null || former.equals(disk.uuid()),
                    () -> disk + " has the name that " + former + " was renamed from");
            if (held) {
                lingering.put(before.deviceName(), disk.uuid());
            }
        } else if (held && !holds) {
            lingering.values().removeIf(disk.uuid()::equals);
        }
        if (given) {
            int last = generations.getOrDefault(disk.deviceName(), 0);
            assertEquals(
                    last + 1,
                    disk.generation(),
                    () -> disk + " after generation " + last + " of its name");
            generations.put(disk.deviceName(), disk.generation());
            UUID same = identifiers.put(disk.identifier().toString(), disk.uuid());
            assertNull(same, () -> disk.identifier() + " was given before");
        }
        if (before != null && held && holds) {
            assertEquals(before.insertion(), disk.insertion());
        } else if (holds) {
            assertTrue(insertions.add(disk.insertion()), () -> "insertion of " + disk);
        }
        for (RegisteredDisk other : disks.values()) {
            if (!other.uuid().equals(disk.uuid())) {
                assertNotEquals(other.diskName(), disk.diskName());
                assertTrue(
                        !(holds
                                && other.state().holdsName()
                                && other.deviceName().equals(disk.deviceName())),
                        () -> "two disks with one name: " + other + " and " + disk);
                assertTrue(
                        !(holds && other.diskName().equals(disk.deviceName().toString())),
                        () -> "one text for two disks: " + other + " and " + disk);
                assertTrue(
                        !(other.state().holdsName()
                                && disk.diskName().equals(other.deviceName().toString())),
                        () -> "one text for two disks: " + other + " and " + disk);
            }
        }
    }

    /** An answer that reached a client. */
    public void answered(RegistryRequest.Repeatable request, RegistryAnswer answer) {
        String requestId = request.requestId();
        RegistryAnswer earlier = delivered.putIfAbsent(requestId, answer);
        if (earlier != null) {
            assertEquals(earlier, answer, () -> "another answer to " + request);
        }
        assertEquals(
                decided.get(requestId),
                answer,
                () -> "answered before it was journaled: " + request);
        if (request instanceof RegistryRequest.Insert insert
                && insert.requestedName() != null
                && answer instanceof RegistryAnswer.Accepted accepted) {
            assertEquals(insert.requestedName(), accepted.disk().deviceName().toString());
        }
    }

    /** What a look-up by the device name must find. */
    public void checkFound(DeviceName name, LookupAnswer answer) {
        RegisteredDisk holder = null;
        for (RegisteredDisk disk : disks.values()) {
            if (disk.state().holdsName() && disk.deviceName().equals(name)) {
                holder = disk;
            }
        }
        RegisteredDisk found = answer instanceof LookupAnswer.Found is ? is.disk() : null;
        assertEquals(holder, found, () -> "look-up of " + name);
    }
}
