package io.chainring.persistence.query;

import io.chainring.persistence.journal.EventSerializer;
import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.Store;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.persistence.query.EventEnvelope;
import org.apache.pekko.persistence.query.Offset;

/** Events of one persistence id, in order. */
final class EventsById implements PageReader<EventEnvelope> {
    private final Store store;
    private final EventSerializer serializer;
    private final String persistenceId;
    private final long last;
    private long next;

    EventsById(
            Store store, EventSerializer serializer, String persistenceId, long first, long last) {
        this.store = store;
        this.serializer = serializer;
        this.persistenceId = persistenceId;
        this.next = Math.max(1, first);
        this.last = last;
    }

    @Override
    public List<EventEnvelope> next(int limit) {
        List<EventEnvelope> page = new ArrayList<>();
        int[] left = {limit};
        store.readEvents(
                persistenceId,
                next,
                last,
                (sequenceNr, event) -> {
                    serializer.deserialize(
                            persistenceId,
                            sequenceNr,
                            event,
                            repr ->
                                    page.add(
                                            new EventEnvelope(
                                                    Offset.sequence(sequenceNr),
                                                    persistenceId,
                                                    sequenceNr,
                                                    repr.payload(),
                                                    event.timestampMillis())));
                    next = sequenceNr + 1;
                    return --left[0] > 0;
                });
        return page;
    }

    @Override
    public boolean isFinished() {
        return next > last;
    }

    @Override
    public boolean concerns(AtomicAppend append) {
        return append.persistenceId().equals(persistenceId);
    }
}
