package io.chainring.persistence.format;

import io.chainring.persistence.format.EventRecord.Serialized;
import org.jspecify.annotations.Nullable;

/**
 * One snapshot; a large one keeps its bytes in parts that were written before it.
 *
 * <pre>
 *  header (flags: 0x02 metadata follows)
 *  6   i32   serializer id
 *  10  text  serializer manifest
 *      u32   number of parts; 0 = the payload is here
 *      u64   length of the payload, bytes
 *      u32   CRC-32C of the whole payload
 *     [i32   serializer id | text manifest | u32 length | bytes     of the metadata]
 *      ...   payload if there are no parts
 * </pre>
 *
 * @param payload the serialized snapshot; its bytes are empty if there are parts
 * @param parts number of parts
 * @param lengthBytes length of the whole payload
 * @param checksum CRC-32C of the whole payload
 * @param metadata serialized metadata, or null
 */
public record SnapshotRecord(
        Serialized payload,
        int parts,
        long lengthBytes,
        int checksum,
        @Nullable Serialized metadata) {

    private static final int METADATA = 0x02;

    /** The stored form. */
    public byte[] encode(RecordWriter writer, byte[] key) {
        writer.begin(metadata == null ? 0 : METADATA)
                .i32(payload.serializerId())
                .text(payload.manifest())
                .i32(parts)
                .i64(lengthBytes)
                .i32(checksum);
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
    public static SnapshotRecord decode(byte[] key, byte[] record) {
        RecordReader reader = new RecordReader(key, record);
        int serializerId = reader.i32();
        String manifest = reader.text();
        int parts = reader.i32();
        long lengthBytes = reader.i64();
        int checksum = reader.i32();
        Serialized metadata = null;
        if ((reader.flags() & METADATA) != 0) {
            metadata = new Serialized(reader.i32(), reader.text(), reader.sized());
        }
        if (parts < 0 || lengthBytes < 0) {
            throw new FormatException(
                    "snapshot claims " + parts + " parts, " + lengthBytes + " bytes");
        }
        Serialized payload = new Serialized(serializerId, manifest, reader.rest());
        return new SnapshotRecord(payload, parts, lengthBytes, checksum, metadata);
    }
}
