package io.chainring.persistence.mend;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordReader;
import io.chainring.persistence.format.Records;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The index of tags, made again from the events that are kept: each knows its places. A tag's counter must be above every
 * place that was ever given, or a later event would take the place of an earlier one.
 */
final class MendedTags {
    private final Mending mending;
    private final Map<Long, Long> lastOffsets = new HashMap<>();
    private final Map<Long, String> names = new HashMap<>();

    MendedTags(Mending mending) {
        this.mending = mending;
    }

    void kept(String persistenceId, long number, long sequenceNr, EventRecord event) {
        for (EventRecord.TagPlace place : event.tags()) {
            names.put(place.tagNumber(), place.tag());
            lastOffsets.merge(place.tagNumber(), place.offset(), Math::max);
            byte[] key = Keys.tag(place.tagNumber(), place.offset());
            mending.change(
                    Engine.Change.put(
                            key,
                            Records.reference(
                                    mending.writer(), key, number, sequenceNr, persistenceId)));
        }
    }

    void mend(Map<Long, Mending.Kept> kept) {
        EngineView engine = mending.engine();
        engine.scan(
                Keys.first(Keys.TAG),
                Keys.above(Keys.TAG),
                (key, value) -> {
                    lastOffsets.merge(Keys.longAt(key, 1), Keys.positionAt(key, 9), Math::max);
                    if (!leadsToAnEvent(key, value, kept)) {
                        mending.change(Engine.Change.delete(key));
                    }
                    return true;
                });
        names.forEach(
                (number, name) -> {
                    byte[] key = Keys.tagName(name);
                    mending.change(
                            Engine.Change.put(key, Records.name(mending.writer(), key, number)));
                });
        lastOffsets.forEach(
                (number, offset) -> {
                    byte[] key = Keys.counter(number);
                    long last = Math.max(offset, stored(engine.get(key), key));
                    mending.change(
                            Engine.Change.put(key, Records.meta(mending.writer(), key, last)));
                });
    }

    private static boolean leadsToAnEvent(byte[] key, byte[] value, Map<Long, Mending.Kept> kept) {
        try {
            RecordReader reader = new RecordReader(key, value);
            Mending.Kept those = kept.get(reader.i64());
            long sequenceNr = reader.i64();
            return those != null && sequenceNr > those.deletedTo() && sequenceNr <= those.highest();
        } catch (FormatException e) {
            return false;
        }
    }

    private static long stored(byte @Nullable [] value, byte[] key) {
        try {
            return value == null ? 0 : Records.value(key, value);
        } catch (FormatException e) {
            return 0;
        }
    }
}
