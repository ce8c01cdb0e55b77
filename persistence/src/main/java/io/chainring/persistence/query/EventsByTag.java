package io.chainring.persistence.query;

import io.chainring.persistence.journal.EventSerializer;
import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.TagReader;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;

/** Events with one tag, in the order in which they were written. */
final class EventsByTag implements PageReader<EventEnvelope> {
    private final TagReader tags;
    private final EventSerializer serializer;
    private final String tag;
    private final long end;
    private long lastOffset;

    /**
     * @param live false: ends with what is there now
     */
    EventsByTag(
            Store store, EventSerializer serializer, String tag, long afterOffset, boolean live) {
        this.tags = new TagReader(store);
        this.serializer = serializer;
        this.tag = tag;
        this.lastOffset = afterOffset;
        this.end = live ? Long.MAX_VALUE : tags.lastOffset(tag);
    }

    @Override
    public List<EventEnvelope> next(int limit) {
        List<EventEnvelope> page = new ArrayList<>();
        lastOffset =
                tags.read(
                        tag,
                        lastOffset,
                        end,
                        limit,
                        (offset, persistenceId, sequenceNr, event) ->
                                serializer.deserialize(
                                        persistenceId,
                                        sequenceNr,
                                        event,
                                        repr ->
                                                page.add(
                                                        new EventEnvelope(
                                                                Offset.sequence(offset),
                                                                persistenceId,
                                                                sequenceNr,
                                                                repr.payload(),
                                                                event.timestampMillis()))));
        return page;
    }

    @Override
    public boolean isFinished() {
        return lastOffset >= end;
    }

    @Override
    public boolean concerns(AtomicAppend append) {
        for (AtomicAppend.Event event : append.events()) {
            if (event.tags().contains(tag)) {
                return true;
            }
        }
        return false;
    }
}
