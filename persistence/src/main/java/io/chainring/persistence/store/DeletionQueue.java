package io.chainring.persistence.store;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Persistence ids whose deleted events are still on disk, each once, in the order of their deletion, with how many keys of
 * each are to be removed. Every step takes the same time, however many there are. Under the store's lock.
 */
final class DeletionQueue {
    /** What their removal takes. */
    enum Part {
        /** Nothing has to be read. */
        READY,

        /** They have tags, or are no longer remembered; what must be read was in use a while ago. */
        UNREAD,

        /** They were left when the database was closed. Their number does not grow. */
        OLD
    }

    private final EnumMap<Part, LinkedHashMap<String, Long>> parts = new EnumMap<>(Part.class);
    private final long[] keys = new long[Part.values().length];

    DeletionQueue() {
        for (Part part : Part.values()) {
            parts.put(part, new LinkedHashMap<>());
        }
    }

    private LinkedHashMap<String, Long> ids(Part part) {
        LinkedHashMap<String, Long> ids = parts.get(part);
        if (ids == null) {
            throw new IllegalStateException("no part " + part);
        }
        return ids;
    }

    /** Keys of all. */
    long keys() {
        return keys[0] + keys[1] + keys[2];
    }

    /** Keys of one part. */
    long keys(Part part) {
        return keys[part.ordinal()];
    }

    boolean isEmpty() {
        return parts.values().stream().allMatch(Map::isEmpty);
    }

    boolean contains(String persistenceId) {
        return partOf(persistenceId) != null;
    }

    private @Nullable Part partOf(String persistenceId) {
        for (Part part : Part.values()) {
            if (ids(part).containsKey(persistenceId)) {
                return part;
            }
        }
        return null;
    }

    /**
     * Enters one, or sets how many keys of it are to be removed.
     *
     * @param part where it is entered; one that is there already stays where it is
     */
    void put(String persistenceId, long keysOfIt, Part part) {
        Part present = partOf(persistenceId);
        Part into = present == null ? part : present;
        Long before = ids(into).put(persistenceId, keysOfIt);
        keys[into.ordinal()] += keysOfIt - (before == null ? 0 : before);
    }

    /** Of one that was ready, something must be read now. */
    void mustBeRead(String persistenceId) {
        Long keysOfIt = ids(Part.READY).remove(persistenceId);
        if (keysOfIt != null) {
            keys[Part.READY.ordinal()] -= keysOfIt;
            put(persistenceId, keysOfIt, Part.UNREAD);
        }
    }

    /** Takes one out; returns whether it was there. */
    boolean remove(String persistenceId) {
        Part part = partOf(persistenceId);
        Long keysOfIt = part == null ? null : ids(part).remove(persistenceId);
        if (part == null || keysOfIt == null) {
            return false;
        }
        keys[part.ordinal()] -= keysOfIt;
        return true;
    }

    /** The first of a part, or null. */
    @Nullable String peek(Part part) {
        Iterator<String> all = ids(part).keySet().iterator();
        return all.hasNext() ? all.next() : null;
    }

    /** Collects the first of those that must be read, until they have so many keys. */
    void firstUnread(long atLeastKeys, List<String> found) {
        long left = atLeastKeys;
        for (Part part : List.of(Part.UNREAD, Part.OLD)) {
            Iterator<Map.Entry<String, Long>> entries = ids(part).entrySet().iterator();
            while (left > 0 && entries.hasNext()) {
                Map.Entry<String, Long> entry = entries.next();
                found.add(entry.getKey());
                left -= entry.getValue();
            }
        }
    }

    void clear() {
        parts.values().forEach(Map::clear);
        Arrays.fill(keys, 0);
    }
}
