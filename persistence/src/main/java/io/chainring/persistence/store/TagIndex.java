package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.EventRecord.TagPlace;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Numbers of tags, and the next offset of each. All methods are called under the store's lock. */
final class TagIndex {
    private final Store store;
    private final RecordWriter writer;
    private final Map<String, Tag> tags = new HashMap<>();

    // What the append that is being prepared has taken and numbered.
    private final List<Tag> taken = new ArrayList<>();
    private final List<String> numbered = new ArrayList<>();

    private static final class Tag {
        final long number;
        long lastOffset;

        Tag(long number, long lastOffset) {
            this.number = number;
            this.lastOffset = lastOffset;
        }
    }

    TagIndex(Store store, RecordWriter writer) {
        this.store = store;
        this.writer = writer;
    }

    void forgetAll() {
        tags.clear();
    }

    /** Another append begins. */
    void begin() {
        taken.clear();
        numbered.clear();
    }

    /** The append that is being prepared is not stored after all; what others of its batch have taken stays theirs. */
    void takeBack() {
        taken.forEach(tag -> tag.lastOffset--);
        numbered.forEach(tags::remove);
        begin();
    }

    /** Takes the next place of each tag for one event, with the changes that store them. */
    List<TagPlace> places(
            Set<String> names,
            PersistenceIdState state,
            long sequenceNr,
            List<Engine.Change> changes) {
        List<TagPlace> places = new ArrayList<>(names.size());
        for (String name : names) {
            Tag tag = tag(name, changes);
            long offset = ++tag.lastOffset;
            taken.add(tag);
            places.add(new TagPlace(name, tag.number, offset));
            byte[] key = Keys.tag(tag.number, offset);
            changes.add(
                    Engine.Change.put(
                            key,
                            Records.reference(
                                    writer, key, state.number, sequenceNr, state.persistenceId)));
            byte[] last = Keys.counter(tag.number);
            changes.add(Engine.Change.put(last, Records.meta(writer, last, offset)));
        }
        return places;
    }

    private Tag tag(String name, List<Engine.Change> changes) {
        Tag known = tags.get(name);
        if (known != null) {
            return known;
        }
        EngineView engine = store.engine();
        byte[] nameKey = Keys.tagName(name);
        byte[] stored = engine.get(nameKey);
        Tag tag;
        if (stored == null) {
            tag = new Tag(store.persistenceIds().nextNumber(changes), 0);
            changes.add(Engine.Change.put(nameKey, Records.name(writer, nameKey, tag.number)));
            numbered.add(name);
        } else {
            long number = Records.number(nameKey, stored);
            byte[] lastKey = Keys.counter(number);
            byte[] last = engine.get(lastKey);
            tag = new Tag(number, last == null ? 0 : Records.value(lastKey, last));
        }
        tags.put(name, tag);
        return tag;
    }
}
