package io.chainring.persistence.store;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.chainring.persistence.engine.EngineOptions;
import java.nio.file.Path;
import java.time.Duration;
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
 * @param deletionPieceKeys keys that are removed at a time
 * @param deletionEveryWrites a piece is removed with each such write
 * @param compactionAfterDeletes removed keys after which the space is given back
 * @param cachedPersistenceIds persistence ids whose counters are kept in memory
 * @param forgetFinishedAfter how long an actor that deleted all it had stays in the name table; zero = for ever
 * @param reopenBackoff pause between two attempts to reopen after a failed write
 * @param minFreeBytes writes are refused when the file system has less free space
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
        int deletionEveryWrites,
        long compactionAfterDeletes,
        int cachedPersistenceIds,
        Duration forgetFinishedAfter,
        Duration reopenBackoff,
        long minFreeBytes) {

    /** Reads the settings below {@code chainring.persistence.leveldb}. */
    public static StoreSettings from(Config config) {
        String directory = config.getString("dir");
        if (directory.isBlank()) {
            throw new ConfigException.BadValue(
                    config.origin(),
                    "chainring.persistence.leveldb.dir",
                    "set the journal's directory");
        }
        return new StoreSettings(
                Path.of(directory).toAbsolutePath().normalize(),
                config.getString("engine"),
                config.getBoolean("fsync"),
                new EngineOptions(
                        bytes(config, "write-buffer", 64 << 10, 1 << 30),
                        config.getBytes("block-cache"),
                        true,
                        true),
                bytes(config, "max-event-size", 1, 1 << 30),
                bytes(config, "max-snapshot-size", 1, 1 << 30),
                atLeastOne(config, "group-commit.queue-records"),
                config.getBytes("group-commit.queue-bytes"),
                atLeastOne(config, "group-commit.batch-records"),
                share(config, "group-commit.gather-share"),
                atLeastOne(config, "deletion.piece-keys"),
                atLeastOne(config, "deletion.every-writes"),
                config.getLong("deletion.compaction-after-keys"),
                atLeastOne(config, "cached-persistence-ids"),
                "off".equals(config.getString("forget-finished-after"))
                        ? Duration.ZERO
                        : config.getDuration("forget-finished-after"),
                config.getDuration("reopen-backoff"),
                config.getBytes("min-free-space"));
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
                        0);
        return from(
                ConfigFactory.parseMap(own)
                        .withFallback(
                                ConfigFactory.load(StoreSettings.class.getClassLoader())
                                        .getConfig("chainring.persistence.leveldb")));
    }

    private static int bytes(Config config, String path, int min, int max) {
        long value = config.getBytes(path);
        if (value < min || value > max) {
            throw new ConfigException.BadValue(
                    config.origin(), path, "must be between " + min + " and " + max + " bytes");
        }
        return (int) value;
    }

    private static double share(Config config, String path) {
        double value = config.getDouble(path);
        if (!(value >= 0 && value <= 1)) {
            throw new ConfigException.BadValue(config.origin(), path, "must be from 0 to 1");
        }
        return value;
    }

    private static int atLeastOne(Config config, String path) {
        int value = config.getInt(path);
        if (value < 1) {
            throw new ConfigException.BadValue(config.origin(), path, "must be at least 1");
        }
        return value;
    }
}
