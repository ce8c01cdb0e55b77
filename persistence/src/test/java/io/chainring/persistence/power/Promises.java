package io.chainring.persistence.power;

import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import io.chainring.persistence.store.TagReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What was begun and what was acknowledged until a moment, and whether a journal has it. Knows nothing of files.
 *
 * <p>Each method that checks gives back what is wrong, in words; nothing is wrong where that is empty.
 */
final class Promises {
    private final boolean fsync;
    private final Map<String, Actor> actors = new TreeMap<>();

    /** Numbers of events in the order of their writing; of one writer. */
    private final List<String> order = new ArrayList<>();

    private static final class Actor {
        /** Last sequence numbers of groups that were begun. */
        final TreeSet<Long> begunEnds = new TreeSet<>();

        long written;
        long begunDeletion;
        long deleted;
        long begunForgetting;
        final TreeSet<Long> begunSnapshots = new TreeSet<>();
        final TreeSet<Long> snapshots = new TreeSet<>();
    }

    /** What must be left. */
    enum Left {
        /** Everything that was acknowledged, whether synced or not: the storage kept the order of writes. */
        ALL,
        /** With fsync on everything that was acknowledged; with fsync off a beginning of the whole. */
        BEGINNING,
        /** A beginning of each actor's: the rest is lost, and somebody said so. */
        BEGINNING_OF_EACH
    }

    Promises(boolean fsync) {
        this.fsync = fsync;
    }

    boolean fsync() {
        return fsync;
    }

    void note(String line) {
        String[] words = line.split(" ");
        boolean done = words[0].equals("done");
        Actor actor = actors.computeIfAbsent(words[2], id -> new Actor());
        long number = Long.parseLong(words[words.length - 1]);
        switch (words[1]) {
            case "events" -> {
                if (done) {
                    actor.written = number;
                } else {
                    actor.begunEnds.add(number);
                    order.add(words[2] + " " + number);
                }
            }
            case "snapshot" -> (done ? actor.snapshots : actor.begunSnapshots).add(number);
            case "delete" -> {
                if (done) {
                    actor.deleted = number;
                } else {
                    actor.begunDeletion = number;
                }
            }
            case "forget" -> {
                actor.begunForgetting = number;
                actor.snapshots.headSet(number, true).clear();
            }
            default -> throw new IllegalArgumentException(line);
        }
    }

    int acknowledged() {
        return actors.values().stream().mapToInt(each -> (int) each.written).sum();
    }

    /**
     * Everything that is wrong with a journal after a power loss at this moment.
     *
     * @param left what must be left of it
     */
    List<String> wrongWith(Store store, Left left) {
        List<String> wrong = new ArrayList<>();
        boolean all = fsync || left == Left.ALL;
        SnapshotArea snapshots = new SnapshotArea(store);
        actors.forEach(
                (id, actor) -> {
                    try {
                        check(id, actor, store, snapshots, all, wrong);
                    } catch (RuntimeException e) {
                        wrong.add(id + ": " + e);
                    }
                });
        if (!all && left == Left.BEGINNING) {
            checkPrefix(store, wrong);
        }
        try {
            checkTags(store, left, wrong);
            wrong.addAll(Stores.leftBehind(store));
            checkTags(store, left, wrong);
        } catch (RuntimeException e) {
            wrong.add("tags or leftovers: " + e);
        }
        return wrong;
    }

    private void check(
            String id,
            Actor actor,
            Store store,
            SnapshotArea snapshots,
            boolean all,
            List<String> wrong) {
        long highest = store.highestSequenceNr(id);
        boolean mayBeForgotten =
                actor.begunSnapshots.isEmpty()
                        && actor.begunDeletion > 0
                        && actor.begunDeletion == actor.begunEnds.last();
        if (highest == 0 && mayBeForgotten) {
            return;
        }
        if (all && highest < actor.written) {
            wrong.add(id + ": highest " + highest + ", acknowledged " + actor.written);
        }
        if (highest > 0 && !actor.begunEnds.contains(highest)) {
            wrong.add(id + ": highest " + highest + " is in the middle of a group");
        }
        List<Long> found = new ArrayList<>();
        store.readEvents(
                id,
                1,
                Long.MAX_VALUE,
                (sequenceNr, event) -> {
                    String text = new String(event.payload().bytes(), StandardCharsets.UTF_8);
                    if (!text.equals(PowerChild.text(id, sequenceNr))) {
                        wrong.add(id + ": event " + sequenceNr + " reads " + text);
                    }
                    return found.add(sequenceNr);
                });
        long first = found.isEmpty() ? highest + 1 : found.get(0);
        for (int i = 0; i < found.size(); i++) {
            if (found.get(i) != first + i) {
                wrong.add(id + ": event " + (first + i) + " is missing, " + found);
                break;
            }
        }
        if (!found.isEmpty() && found.get(found.size() - 1) != highest) {
            wrong.add(id + ": events end at " + found + ", highest " + highest);
        }
        if (first - 1 > actor.begunDeletion) {
            wrong.add(
                    id + ": begins at " + first + ", nobody deleted beyond " + actor.begunDeletion);
        }
        if (all && first - 1 < Math.min(actor.deleted, highest)) {
            wrong.add(id + ": begins at " + first + ", deleted to " + actor.deleted);
        }
        checkSnapshots(id, actor, first - 1, snapshots, all, wrong);
    }

    private void checkSnapshots(
            String id,
            Actor actor,
            long deleted,
            SnapshotArea snapshots,
            boolean all,
            List<String> wrong) {
        SnapshotArea.Stored youngest = snapshots.loadYoungest(id, (sequenceNr, time) -> true);
        long at = youngest == null ? 0 : youngest.id().sequenceNr();
        if (youngest != null
                && !Arrays.equals(youngest.payload().bytes(), PowerChild.snapshot(id, at))) {
            wrong.add(id + ": snapshot " + at + " has another content");
        }
        if (all && !actor.snapshots.isEmpty() && at < actor.snapshots.last()) {
            wrong.add(
                    id + ": youngest snapshot " + at + ", acknowledged " + actor.snapshots.last());
        }
        if (!actor.begunSnapshots.isEmpty() && at < deleted) {
            wrong.add(id + ": events deleted to " + deleted + ", youngest snapshot " + at);
        }
    }

    /** What is found by tag is what is there and has it, each once. */
    private void checkTags(Store store, Left left, List<String> wrong) {
        List<String> byTag = new ArrayList<>();
        long[] last = {0};
        new TagReader(store)
                .read(
                        "tag",
                        0,
                        Integer.MAX_VALUE,
                        (offset, id, sequenceNr, event) -> {
                            byTag.add(id + " " + sequenceNr);
                            if (offset <= last[0]) {
                                wrong.add("offset " + offset + " of tag after " + last[0]);
                            }
                            last[0] = offset;
                        });
        List<String> there = new ArrayList<>();
        for (String id : actors.keySet()) {
            store.readEvents(
                    id,
                    1,
                    Long.MAX_VALUE,
                    (sequenceNr, event) ->
                            event.tags().isEmpty() || there.add(id + " " + sequenceNr));
        }
        byTag.sort(null);
        there.sort(null);
        // A repair keeps an event also where its reference is lost.
        boolean right =
                left == Left.BEGINNING_OF_EACH ? there.containsAll(byTag) : there.equals(byTag);
        if (!right) {
            wrong.add("by tag " + byTag + ", there are " + there);
        }
    }

    /** Of one log with one writer: where a later event is, all earlier ones are. */
    private void checkPrefix(Store store, List<String> wrong) {
        String missing = null;
        for (String each : order) {
            String[] words = each.split(" ");
            Actor actor = actors.get(words[0]);
            if (actor == null || words[0].startsWith("once")) {
                continue;
            }
            boolean there = store.highestSequenceNr(words[0]) >= Long.parseLong(words[1]);
            if (there && missing != null) {
                wrong.add(each + " is there, " + missing + ", which was written before, is not");
                return;
            }
            if (!there && missing == null) {
                missing = each;
            }
        }
    }
}
