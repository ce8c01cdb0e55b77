package io.chainring.persistence.tool;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.EventRecord.Serialized;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Instant;

/**
 * Writes events as JSON lines, one event a line, ordered by persistence id and sequence number.
 *
 * <pre>
 *  {"persistenceId": "...", "sequenceNr": 1, "time": "2026-01-01T00:00:00.123Z", "serializerId": 33, "manifest": "...",
 *   "adapterManifest": "...", "writerUuid": "...", "tags": [], "payload": "base64"}
 * </pre>
 */
public final class JsonExport {
    private static final JsonFactory JSON = new JsonFactory();

    private JsonExport() {}

    /** Exports all events; returns how many. */
    public static long all(JournalDirectory journal, OutputStream to) throws IOException {
        long[] count = {0};
        try (JsonGenerator json = generator(to)) {
            journal.forEachId(id -> count[0] += one(journal, id, 1, Long.MAX_VALUE, json));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return count[0];
    }

    /** Exports the events of one persistence id between two sequence numbers, inclusive; returns how many. */
    public static long one(
            JournalDirectory journal,
            String persistenceId,
            long fromSequenceNr,
            long toSequenceNr,
            OutputStream to)
            throws IOException {
        try (JsonGenerator json = generator(to)) {
            return one(journal, persistenceId, fromSequenceNr, toSequenceNr, json);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static long one(
            JournalDirectory journal, String id, long from, long to, JsonGenerator json) {
        long[] count = {0};
        journal.events(
                id,
                from,
                to,
                (sequenceNr, event) -> {
                    write(json, id, sequenceNr, event);
                    count[0]++;
                    return true;
                });
        return count[0];
    }

    private static JsonGenerator generator(OutputStream to) throws IOException {
        JsonGenerator json = JSON.createGenerator(to);
        json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        json.setRootValueSeparator(new com.fasterxml.jackson.core.io.SerializedString("\n"));
        return json;
    }

    private static void write(JsonGenerator json, String id, long sequenceNr, EventRecord event) {
        try {
            Serialized payload = event.payload();
            json.writeStartObject();
            json.writeStringField("persistenceId", id);
            json.writeNumberField("sequenceNr", sequenceNr);
            json.writeStringField("time", Instant.ofEpochMilli(event.timestampMillis()).toString());
            json.writeNumberField("serializerId", payload.serializerId());
            json.writeStringField("manifest", payload.manifest());
            json.writeStringField("adapterManifest", event.adapterManifest());
            json.writeStringField("writerUuid", event.writerUuid());
            json.writeArrayFieldStart("tags");
            for (EventRecord.TagPlace place : event.tags()) {
                json.writeString(place.tag());
            }
            json.writeEndArray();
            json.writeBinaryField("payload", payload.bytes());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
