package io.chainring.benchmarks;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * LevelDB without a journal or an actor around it: one thread writes one synced batch after another, in each one event of
 * every entity, as our journal stores it. No journal that writes to LevelDB can be faster: between two of its batches the
 * actors must hear of the one and send the next.
 */
final class LevelDbRun {
    private final Engine engine;
    private final int entities;
    private final String writerUuid = UUID.randomUUID().toString();
    private final Serialized payload = new Serialized(4, "", new byte[JournalRun.EVENT_BYTES]);
    private final RecordWriter writer = new RecordWriter();
    private final List<Engine.Change> changes = new ArrayList<>();
    private long sequenceNr;

    private LevelDbRun(Engine engine, int entities) {
        this.engine = engine;
        this.entities = entities;
    }

    static JournalRun.Result run(Path directory, int entities, double seconds) throws Exception {
        Files.createDirectories(directory);
        try (Engine engine =
                Engines.open(Engines.choose("auto", ""), directory, EngineOptions.DEFAULT)) {
            LevelDbRun run = new LevelDbRun(engine, entities);
            run.writeFor(seconds * JournalRun.LEAD);
            return run.writeFor(seconds);
        } finally {
            JournalRun.delete(directory);
        }
    }

    private JournalRun.Result writeFor(double seconds) {
        long batches = 0;
        long writeNanos = 0;
        long startNanos = System.nanoTime();
        long nowNanos = startNanos;
        while (nowNanos - startNanos < seconds * 1e9) {
            prepare();
            long beginNanos = System.nanoTime();
            engine.write(changes, true);
            nowNanos = System.nanoTime();
            writeNanos += nowNanos - beginNanos;
            batches++;
        }
        return new JournalRun.Result(
                batches * entities * 1e9 / (nowNanos - startNanos),
                entities,
                writeNanos / 1e3 / batches);
    }

    private void prepare() {
        changes.clear();
        sequenceNr++;
        long nowMillis = System.currentTimeMillis();
        for (int number = 1; number <= entities; number++) {
            byte[] key = Keys.event(number, sequenceNr);
            EventRecord record =
                    new EventRecord(nowMillis, payload, "", writerUuid, List.of(), null, false);
            changes.add(Engine.Change.put(key, record.encode(writer, key)));
        }
    }
}
