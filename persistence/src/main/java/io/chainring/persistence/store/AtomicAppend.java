package io.chainring.persistence.store;

import io.chainring.persistence.format.EventRecord.Serialized;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Events of one persistence id that are stored all together or not at all. Everything that can be wrong with the
 * events themselves (serialization, size) has been settled before one of these exists.
 */
public final class AtomicAppend {
    private final String persistenceId;
    private final List<Event> events;
    private @Nullable RuntimeException refusal;

    /** Events in order of their sequence numbers, at least one. */
    public AtomicAppend(String persistenceId, List<Event> events) {
        this.persistenceId = persistenceId;
        this.events = events;
    }

    /** Whose events. */
    public String persistenceId() {
        return persistenceId;
    }

    /** The events, in order. */
    public List<Event> events() {
        return events;
    }

    /** Why the store did not write these although it wrote others of the same batch; null if it wrote them. */
    public @Nullable RuntimeException refusal() {
        return refusal;
    }

    void refuse(RuntimeException why) {
        refusal = why;
    }

    /** Bytes of all payloads. */
    public long payloadBytes() {
        long bytes = 0;
        for (Event event : events) {
            bytes += event.payload.bytes().length;
        }
        return bytes;
    }

    /**
     * One event, serialized.
     *
     * @param sequenceNr its number within the persistence id
     * @param payload serialized event
     * @param adapterManifest what the event adapter wants back, or empty
     * @param writerUuid names the incarnation of the writer
     * @param tags tags, usually none
     * @param metadata serialized metadata, or null
     */
    public record Event(
            long sequenceNr,
            Serialized payload,
            String adapterManifest,
            String writerUuid,
            Set<String> tags,
            @Nullable Serialized metadata) {}
}
