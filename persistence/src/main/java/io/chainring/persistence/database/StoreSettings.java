package io.chainring.persistence.database;

import com.typesafe.config.ConfigFactory;
import io.chainring.base.settings.InvalidSettingException;
import io.chainring.base.settings.Settings;
import io.chainring.base.text.Printable;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a directory is opened and written. The names and defaults are explained in {@code reference.conf}.
 *
 * @param directory where the database is
 * @param engine {@code auto}, {@code leveldbjni} or {@code iq80}
 * @param fsync true: acknowledged means on stable storage; false: acknowledged means handed to the operating system
 * @param engineOptions buffers and caches of the library
 * @param maxEventBytes a larger serialized event is rejected
 * @param maxSnapshotBytes a larger serialized snapshot is refused
 * @param queueRecords events that may wait for the writer thread (fsync = on)
 * @param queueBytes bytes of events that may wait for the writer thread
 * @param batchRecords most events that go into one write and one sync
 * @param gatherShare how long a batch may wait for more, as a share of what a sync takes
 * @param deletionPieceKeys keys that are removed at a time, at least
 * @param deletionKeysPerEvent keys whose removal each event that is written pays for
 * @param compactionAfterDeletes removed keys after which the space is given back
 * @param cachedPersistenceIds persistence ids whose counters are kept in memory
 * @param forgetFinishedAfter how long an actor that deleted all it had stays in the name table; zero = for ever
 * @param reopenBackoff pause between two attempts to reopen after a failed write
 * @param minFreeBytes writes are refused when the file system has less free space
 * @param nativeDirectory where the native library is unpacked; empty: the usual places
 */
public record StoreSettings(
        Path directory,
        String engine,
        boolean fsync,
        EngineOptions engineOptions,
        int maxEventBytes,
        int maxSnapshotBytes,
        int queueRecords,
        long queueBytes,
        int batchRecords,
        double gatherShare,
        int deletionPieceKeys,
        int deletionKeysPerEvent,
        long compactionAfterDeletes,
        int cachedPersistenceIds,
        Duration forgetFinishedAfter,
        Duration reopenBackoff,
        long minFreeBytes,
        String nativeDirectory) {
    /** Less than a node leaves: a tool may be what makes room. */
    private static final long TOOLS_LEAVE_BYTES = 4 << 20;

    private static final long TERABYTE = 1L << 40;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration CENTURY = Duration.ofDays(36_500);

    /**
     * Reads the settings of a directory.
     *
     * @param settings {@code chainring.persistence.leveldb}, or a plugin's own before them
     */
    public static StoreSettings from(Settings settings) {
        if (settings.text("dir").isBlank()) {
            throw new InvalidSettingException(
                    settings.path("dir"), null, "set the journal's directory");
        }
        Duration forget = settings.durationOrOff("forget-finished-after", SECOND, CENTURY);
        return new StoreSettings(
                settings.parsed("dir", Path::of).toAbsolutePath().normalize(),
                settings.parsed("engine", Engines::known),
                settings.flag("fsync"),
                new EngineOptions(
                        settings.intBytes("write-buffer", 64 << 10, 1 << 30),
                        settings.bytes("block-cache", 0, TERABYTE),
                        true,
                        true),
                settings.intBytes("max-event-size", 1, 1 << 30),
                settings.intBytes("max-snapshot-size", 1, 1 << 30),
                settings.number("group-commit.queue-records", 1, Integer.MAX_VALUE),
                settings.bytes("group-commit.queue-bytes", 1, TERABYTE),
                settings.number("group-commit.batch-records", 1, Integer.MAX_VALUE),
                settings.share("group-commit.gather-share"),
                settings.number("deletion.piece-keys", 1, 1 << 20),
                settings.number("deletion.keys-per-event", 1, 1024),
                settings.count("deletion.compaction-after-keys", 1, Long.MAX_VALUE),
                settings.number("cached-persistence-ids", 1, Integer.MAX_VALUE),
                forget == null ? Duration.ZERO : forget,
                settings.duration("reopen-backoff", Duration.ofMillis(1), Duration.ofHours(1)),
                settings.bytes("min-free-space", 0, TERABYTE),
                settings.text("native-directory"));
    }

    /**
     * What others want differently of the same directory.
     *
     * @return for each such setting its name, what is here and what the others want: {@code fsync = off, and on is wanted}
     */
    public List<String> differences(StoreSettings wanted) {
        List<String> differences = new ArrayList<>();
        Map<String, Object> others = wanted.byName();
        byName().forEach(
                        (name, value) -> {
                            Object other = others.get(name);
                            if (!value.equals(other)) {
                                differences.add(
                                        "%s = %s, and %s is wanted"
                                                .formatted(
                                                        name,
                                                        Printable.name(value),
                                                        Printable.name(other)));
                            }
                        });
        return differences;
    }

    /** Every setting but the directory, as it is called in {@code reference.conf}. */
    private Map<String, Object> byName() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("engine", engine);
        values.put("fsync", fsync ? "on" : "off");
        values.put("native-directory", nativeDirectory);
        values.put("write-buffer", engineOptions.writeBufferBytes());
        values.put("block-cache", engineOptions.cacheBytes());
        values.put("max-event-size", maxEventBytes);
        values.put("max-snapshot-size", maxSnapshotBytes);
        values.put("group-commit.queue-records", queueRecords);
        values.put("group-commit.queue-bytes", queueBytes);
        values.put("group-commit.batch-records", batchRecords);
        values.put("group-commit.gather-share", gatherShare);
        values.put("deletion.piece-keys", deletionPieceKeys);
        values.put("deletion.keys-per-event", deletionKeysPerEvent);
        values.put("deletion.compaction-after-keys", compactionAfterDeletes);
        values.put("cached-persistence-ids", cachedPersistenceIds);
        values.put("forget-finished-after", forgetFinishedAfter);
        values.put("reopen-backoff", reopenBackoff);
        values.put("min-free-space", minFreeBytes);
        return values;
    }

    /** For a tool that opens a directory by itself: synced, nothing forgotten, all limits at their defaults. */
    public static StoreSettings forTools(Path directory, String engine) {
        Map<String, Object> own =
                Map.of(
                        "dir",
                        directory.toString(),
                        "engine",
                        engine,
                        "fsync",
                        true,
                        "forget-finished-after",
                        "off",
                        "min-free-space",
                        TOOLS_LEAVE_BYTES);
        return from(
                Settings.of(ConfigFactory.parseMap(own), "command line")
                        .or(
                                Settings.at(
                                        ConfigFactory.load(StoreSettings.class.getClassLoader()),
                                        "chainring.persistence.leveldb")));
    }
}
