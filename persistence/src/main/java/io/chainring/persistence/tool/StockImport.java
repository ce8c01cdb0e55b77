package io.chainring.persistence.tool;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.store.AtomicAppend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.pekko.persistence.serialization.MessageFormats.PersistentMessage;
import org.apache.pekko.persistence.serialization.MessageFormats.PersistentPayload;
import org.jspecify.annotations.Nullable;

/**
 * Copies the events of Pekko's stock LevelDB journal into a directory of ours. The payloads are copied as they are, with
 * serializer and manifest; no event class is needed. Sequence numbers, deletions, writers and tags are kept. The order of
 * events of different persistence ids within one tag becomes the order of the copy, so consumers of tags begin anew.
 *
 * <pre>
 *  stock key, 20 bytes:  i32 number | i64 sequence number | i32 mapping id
 *    number 1, sequence number 0     name of the number that the mapping id gives; names of tags begin with $$$
 *    sequence number 0, mapping 0    highest sequence number, i64
 *    mapping 0                       an event: protobuf PersistentMessage
 * </pre>
 *
 * @param persistenceIds how many were copied
 * @param events how many events were copied
 */
public record StockImport(long persistenceIds, long events) {
    private static final int KEY_BYTES = 20;
    private static final int BATCH_EVENTS = 500;
    private static final String TAG_PREFIX = "$$$";

    /** Copies everything; the target must not know any of the persistence ids. */
    public static StockImport of(Path stock, Path target, String engine) throws IOException {
        if (!Files.exists(stock.resolve("CURRENT"))) {
            throw new StoreException.Damaged(stock, "there is no LevelDB journal", null);
        }
        EngineOptions options =
                new EngineOptions(
                        EngineOptions.DEFAULT.writeBufferBytes(),
                        EngineOptions.DEFAULT.cacheBytes(),
                        false,
                        true);
        long[] counts = new long[2];
        String libraries = StoreSettings.forTools(target, engine).nativeDirectory();
        try (Engine source = Engines.open(Engines.choose(engine, libraries), stock, options)) {
            mustBeStock(stock, source);
            Map<Integer, String> names = names(source);
            Map<String, Map<Long, Set<String>>> tags = tags(source, names);
            try (JournalDirectory to = JournalDirectory.create(target, engine)) {
                for (Map.Entry<Integer, String> name : names.entrySet()) {
                    if (!name.getValue().startsWith(TAG_PREFIX)) {
                        counts[0]++;
                        Map<Long, Set<String>> own = tags.getOrDefault(name.getValue(), Map.of());
                        counts[1] +=
                                new Copy(source, to, name.getKey(), name.getValue(), own).run();
                    }
                }
            }
        }
        return new StockImport(counts[0], counts[1]);
    }

    private static void mustBeStock(Path stock, Engine source) {
        source.scan(
                new byte[0],
                new byte[] {(byte) 0xFF},
                (key, value) -> {
                    if (key.length != KEY_BYTES) {
                        throw new StoreException.NotAJournal(
                                stock,
                                "is a LevelDB database but not a journal of Pekko's stock plugin");
                    }
                    return false;
                });
    }

    private static byte[] key(int number, long sequenceNr, int mapping) {
        return ByteBuffer.allocate(KEY_BYTES)
                .putInt(number)
                .putLong(sequenceNr)
                .putInt(mapping)
                .array();
    }

    private static Map<Integer, String> names(Engine source) {
        Map<Integer, String> names = new TreeMap<>();
        source.scan(
                key(1, 0, 0),
                key(1, 1, 0),
                (key, value) -> {
                    int number = ByteBuffer.wrap(key).getInt(12);
                    if (number != 0) {
                        names.put(number, new String(value, StandardCharsets.UTF_8));
                    }
                    return true;
                });
        return names;
    }

    /** Tags by persistence id and sequence number; the stock journal keeps a copy of each event for each tag. */
    private static Map<String, Map<Long, Set<String>>> tags(
            Engine source, Map<Integer, String> names) {
        Map<String, Map<Long, Set<String>>> tags = new TreeMap<>();
        names.forEach(
                (number, name) -> {
                    if (name.startsWith(TAG_PREFIX)) {
                        String tag = name.substring(TAG_PREFIX.length());
                        source.scan(
                                key(number, 1, 0),
                                key(number + 1, 0, 0),
                                (key, value) -> {
                                    PersistentMessage message = parse(value);
                                    tags.computeIfAbsent(
                                                    message.getPersistenceId(),
                                                    id -> new TreeMap<>())
                                            .computeIfAbsent(
                                                    message.getSequenceNr(), n -> new HashSet<>())
                                            .add(tag);
                                    return true;
                                });
                    }
                });
        return tags;
    }

    private static PersistentMessage parse(byte[] value) {
        try {
            return PersistentMessage.parseFrom(value);
        } catch (IOException e) {
            throw new IllegalArgumentException("an event of the stock journal is damaged: " + e, e);
        }
    }

    /** Copies one persistence id. */
    private static final class Copy {
        private final Engine source;
        private final JournalDirectory to;
        private final int number;
        private final String persistenceId;
        private final Map<Long, Set<String>> tags;
        private final List<AtomicAppend> batch = new ArrayList<>();
        private boolean begun;
        private long copied;

        Copy(
                Engine source,
                JournalDirectory to,
                int number,
                String persistenceId,
                Map<Long, Set<String>> tags) {
            this.source = source;
            this.to = to;
            this.number = number;
            this.persistenceId = persistenceId;
            this.tags = tags;
        }

        long run() {
            source.scan(key(number, 1, 0), key(number + 1, 0, 0), this::copy);
            flush();
            byte[] highest = source.get(key(number, 0, 0));
            if (!begun && highest != null) {
                to.inspection().begin(persistenceId, ByteBuffer.wrap(highest).getLong());
            }
            return copied;
        }

        private boolean copy(byte[] key, byte[] value) {
            if (ByteBuffer.wrap(key).getInt(12) != 0) {
                return true;
            }
            PersistentMessage message = parse(value);
            if (!begun) {
                begun = true;
                to.inspection().begin(persistenceId, message.getSequenceNr() - 1);
            }
            AtomicAppend.Event event =
                    new AtomicAppend.Event(
                            message.getSequenceNr(),
                            serialized(message.getPayload()),
                            message.getManifest(),
                            message.getWriterUuid(),
                            tags.getOrDefault(message.getSequenceNr(), Set.of()),
                            metadata(message));
            batch.add(new AtomicAppend(persistenceId, List.of(event)));
            copied++;
            if (batch.size() == BATCH_EVENTS) {
                flush();
            }
            return true;
        }

        private void flush() {
            if (batch.isEmpty()) {
                return;
            }
            to.store().append(batch, true);
            for (AtomicAppend append : batch) {
                RuntimeException refusal = append.refusal();
                if (refusal != null) {
                    throw refusal;
                }
            }
            batch.clear();
        }

        private static @Nullable Serialized metadata(PersistentMessage message) {
            return message.hasMetadata() ? serialized(message.getMetadata()) : null;
        }

        private static Serialized serialized(PersistentPayload payload) {
            return new Serialized(
                    payload.getSerializerId(),
                    payload.getPayloadManifest().toStringUtf8(),
                    payload.getPayload().toByteArray());
        }
    }
}
