package io.chainring.persistence.format;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One event.
 *
 * <pre>
 *  header (flags: 0x01 tags follow, 0x02 metadata follows, 0x04 the number before is not used)
 *  6   u64   time of writing, ms since 1970
 *  14  i32   serializer id
 *  18  text  serializer manifest          text = u16 length in bytes, UTF-8
 *      text  manifest of the event adapter
 *      text  writer uuid
 *     [u16   number of tags, then for each: u64 tag number | u64 offset | text tag]
 *     [i32   serializer id | text manifest | u32 length | bytes     of the metadata]
 *      ...   payload, to the end
 * </pre>
 *
 * @param timestampMillis time of writing
 * @param payload the serialized event
 * @param adapterManifest what the event adapter wants back, or empty
 * @param writerUuid names the incarnation of the actor that wrote it
 * @param tags the event's places in the tag index
 * @param metadata serialized metadata, or null
 * @param afterGap whether the event with the number before this one never existed; without this mark a missing number means
 *     a lost event
 */
public record EventRecord(
        long timestampMillis,
        Serialized payload,
        String adapterManifest,
        String writerUuid,
        List<TagPlace> tags,
        @Nullable Serialized metadata,
        boolean afterGap) {

    private static final int TAGGED = 0x01;
    private static final int METADATA = 0x02;
    private static final int AFTER_GAP = 0x04;

    /**
     * Bytes with what is needed to read them.
     *
     * @param serializerId Pekko's number of the serializer
     * @param manifest the serializer's own type hint, or empty
     * @param bytes what the serializer made
     */
    public record Serialized(int serializerId, String manifest, byte[] bytes) {}

    /**
     * A place in the tag index.
     *
     * @param tag the tag
     * @param tagNumber the tag's number
     * @param offset position among the events of that tag; begins with 1
     */
    public record TagPlace(String tag, long tagNumber, long offset) {}

    /** Whether the event has this place in the tag index. */
    public boolean isAt(long tagNumber, long offset) {
        for (TagPlace place : tags) {
            if (place.tagNumber == tagNumber && place.offset == offset) {
                return true;
            }
        }
        return false;
    }

    /** The stored form. */
    public byte[] encode(RecordWriter writer, byte[] key) {
        writer.begin(
                        (tags.isEmpty() ? 0 : TAGGED)
                                | (metadata == null ? 0 : METADATA)
                                | (afterGap ? AFTER_GAP : 0))
                .i64(timestampMillis)
                .i32(payload.serializerId())
                .text(payload.manifest())
                .text(adapterManifest)
                .text(writerUuid);
        if (!tags.isEmpty()) {
            writer.u16(tags.size());
            for (TagPlace place : tags) {
                writer.i64(place.tagNumber()).i64(place.offset()).text(place.tag());
            }
        }
        if (metadata != null) {
            writer.i32(metadata.serializerId()).text(metadata.manifest()).sized(metadata.bytes());
        }
        return writer.raw(payload.bytes()).end(key);
    }

    /**
     * Reads the stored form.
     *
     * @throws FormatException if it is damaged
     */
    public static EventRecord decode(byte[] key, byte[] record) {
        RecordReader reader = new RecordReader(key, record);
        long timestampMillis = reader.i64();
        int serializerId = reader.i32();
        String manifest = reader.text();
        String adapterManifest = reader.text();
        String writerUuid = reader.text();
        List<TagPlace> tags = List.of();
        if ((reader.flags() & TAGGED) != 0) {
            int count = reader.u16();
            tags = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                long tagNumber = reader.i64();
                long offset = reader.i64();
                tags.add(new TagPlace(reader.text(), tagNumber, offset));
            }
        }
        Serialized metadata = null;
        if ((reader.flags() & METADATA) != 0) {
            metadata = new Serialized(reader.i32(), reader.text(), reader.sized());
        }
        Serialized payload = new Serialized(serializerId, manifest, reader.rest());
        return new EventRecord(
                timestampMillis,
                payload,
                adapterManifest,
                writerUuid,
                tags,
                metadata,
                (reader.flags() & AFTER_GAP) != 0);
    }
}
