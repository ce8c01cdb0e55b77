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
    private long lastOffset;

    EventsByTag(Store store, EventSerializer serializer, String tag, long afterOffset) {
        this.tags = new TagReader(store);
        this.serializer = serializer;
        this.tag = tag;
        this.lastOffset = afterOffset;
    }

    @Override
    public List<EventEnvelope> next(int limit) {
        List<EventEnvelope> page = new ArrayList<>();
        lastOffset =
                tags.read(
                        tag,
                        lastOffset,
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
        return false;
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
