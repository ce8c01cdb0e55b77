package io.chainring.persistence.database;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.engine.LogCheck;
import io.chainring.persistence.format.AcknowledgementMark;
import io.chainring.persistence.format.CounterRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordWriter;
import io.chainring.persistence.format.Records;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens a database and checks that it is ours, of a known format, and not shorter than what was acknowledged. */
public final class StoreOpener {
    private static final Logger LOG = LoggerFactory.getLogger(StoreOpener.class);

    /** What a database has once it has been made; the first MANIFEST alone is one that a power loss kept from that. */
    private static final Pattern DATABASE_FILE =
            Pattern.compile("[0-9]+\\.(log|ldb|sst)|ACKNOWLEDGED");

    private static final Pattern MANIFEST_NAME = Pattern.compile("MANIFEST-[0-9]+");

    private StoreOpener() {}

    /** What opening gives. */
    public record Opened(Engine engine, AcknowledgementMark mark, long nextNumber, long changes) {}

    /** Opens and checks a directory; the library's object goes through {@code between}. */
    public static Opened open(StoreSettings settings, UnaryOperator<Engine> between) {
        Path directory = settings.directory();
        Engine engine = openEngine(settings);
        try {
            engine = between.apply(engine);
            checkFormat(directory, engine);
            AcknowledgementMark mark = AcknowledgementMark.open(directory);
            checkMark(directory, engine, mark);
            return new Opened(
                    engine, mark, nextNumber(engine), checkedChanges(directory, engine, mark));
        } catch (FormatException e) {
            engine.close();
            throw StoreErrors.damaged(directory, "cannot be opened", e);
        } catch (EngineException e) {
            engine.close();
            throw StoreErrors.explain(directory, "cannot be opened", e);
        } catch (IOException e) {
            engine.close();
            throw new StoreException.Unavailable(directory, "cannot be opened: " + e, e);
        } catch (RuntimeException | Error e) {
            engine.close();
            throw e;
        }
    }

    /** The next number that a database gives to a name. */
    public static long nextNumber(EngineView engine) {
        byte[] key = Keys.meta(Records.NEXT_NUMBER);
        byte[] value = engine.get(key);
        return value == null ? 1 : Records.number(key, value);
    }

    private static Engine openEngine(StoreSettings settings) {
        Path directory = settings.directory();
        try {
            SpaceGuard.checkForOpening(directory);
            boolean torn = checkBeforeOpening(directory);
            return Engines.open(
                    Engines.choose(settings.engine(), settings.nativeDirectory()),
                    directory,
                    settings.engineOptions().withParanoid(!torn));
        } catch (EngineException e) {
            throw StoreErrors.explain(directory, "cannot be opened", e);
        } catch (UncheckedIOException e) {
            throw new StoreException.Unavailable(
                    directory, "cannot be opened: " + e.getMessage() + ": " + e.getCause(), e);
        }
    }

    /**
     * Looks at the files while nobody can write to them: those of a running process are always torn somewhere.
     *
     * @return whether a log ends with a torn record
     */
    private static boolean checkBeforeOpening(Path directory) {
        return underLock(
                directory,
                () -> {
                    checkFiles(directory);
                    return checkLogs(directory);
                });
    }

    /** Makes sure that nobody has a directory open, here or in another process. */
    public static void mustBeFree(Path directory) {
        Path taken = OpenDirectories.take(directory);
        try {
            underLock(directory, () -> true);
        } finally {
            OpenDirectories.giveBack(taken);
        }
    }

    /** For a directory that this process does not have open: closing the LOCK file would drop its lock. */
    private static boolean underLock(Path directory, BooleanSupplier work) {
        Path lockFile = directory.resolve(HeldDirectory.LOCK);
        if (!Files.exists(lockFile)) {
            return work.getAsBoolean();
        }
        try (FileChannel channel =
                        FileChannel.open(
                                lockFile, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new StoreException.Locked(directory, null);
            }
            return work.getAsBoolean();
        } catch (OverlappingFileLockException e) {
            throw new StoreException.Locked(directory, e);
        } catch (IOException e) {
            throw new StoreException.Unavailable(
                    directory,
                    "cannot be locked, it must be writable (look into a copy): " + e.getMessage(),
                    e);
        }
    }

    /** LevelDB makes a new database where CURRENT is missing, and removes the files of the old one. */
    private static void checkFiles(Path directory) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        RepairFolders.mustNotBeCutShort(directory);
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
            String wrong = null;
            if (names.contains("CURRENT")) {
                wrong = wrongWithManifest(directory, names);
            } else if (names.stream().anyMatch(DATABASE_FILE.asMatchPredicate())) {
                wrong = "file CURRENT is missing";
            }
            if (wrong != null) {
                throw new StoreException.Damaged(
                        directory, wrong + StoreErrors.wayOut(directory), null);
            }
        } catch (IOException e) {
            throw new StoreException.Unavailable(directory, "cannot be read: " + e, e);
        }
    }

    private static @Nullable String wrongWithManifest(Path directory, List<String> names)
            throws IOException {
        byte[] current = Files.readAllBytes(directory.resolve("CURRENT"));
        String manifest = new String(current, StandardCharsets.ISO_8859_1).strip();
        if (!MANIFEST_NAME.matcher(manifest).matches()) {
            return "file CURRENT is damaged, it names no MANIFEST";
        }
        if (!names.contains(manifest)) {
            return "file " + manifest + " is missing";
        }
        String log = LogCheck.missingLog(directory, directory.resolve(manifest));
        return log == null
                ? null
                : "file " + log + " is missing, or the end of " + manifest + " is lost";
    }

    /** Whether a log ends with a torn record. */
    private static boolean checkLogs(Path directory) {
        List<LogCheck.Finding> findings = LogCheck.checkDirectory(directory);
        LogCheck.Finding damaged = LogCheck.firstDamaged(findings);
        if (damaged != null) {
            throw new StoreException.Damaged(
                    directory,
                    "file %s is damaged at byte %s, with intact records behind it%s"
                            .formatted(
                                    damaged.file().getFileName(),
                                    damaged.offsetBytes(),
                                    StoreErrors.wayOut(directory)),
                    null);
        }
        return findings.stream().anyMatch(f -> f.verdict() == LogCheck.Verdict.TORN_END);
    }

    /** Compares the mark with the database. */
    private static void checkMark(Path directory, Engine engine, AcknowledgementMark mark) {
        if (mark.isUnreadable()) {
            LOG.warn(
                    "Journal {}: {} can't be read (damaged, or torn by a power loss): whether the end of the log is there is"
                            + " not known at this opening",
                    directory,
                    AcknowledgementMark.FILE_NAME);
        }
        AcknowledgementMark.Position last = mark.read();
        if (last == null || engine.get(Keys.event(last.number(), last.sequenceNr())) != null) {
            return;
        }
        byte[] key = Keys.counter(last.number());
        byte[] counter = engine.get(key);
        if (counter == null || CounterRecord.decode(key, counter).highest() < last.sequenceNr()) {
            throw new StoreException.Damaged(
                    directory,
                    String.format(
                            "acknowledged events are missing: the end of the log is lost (event %s of "
                                    + "number %s was acknowledged and is not there)%s",
                            last.sequenceNr(), last.number(), StoreErrors.wayOut(directory)),
                    null);
        }
    }

    /** How many changes other than events are stored; not fewer than were acknowledged. */
    private static long checkedChanges(Path directory, Engine engine, AcknowledgementMark mark) {
        byte[] key = Keys.meta(Records.CHANGES);
        byte[] value = engine.get(key);
        long stored = value == null ? 0 : Records.value(key, value);
        if (stored < mark.changes()) {
            throw new StoreException.Damaged(
                    directory,
                    String.format(
                            "acknowledged snapshots or deletions are missing: the end of the log is lost (change %s "
                                    + "was acknowledged, %s is the last that is there)%s",
                            mark.changes(), stored, StoreErrors.wayOut(directory)),
                    null);
        }
        return stored;
    }

    private static void checkFormat(Path directory, Engine engine) {
        byte[] key = Keys.meta(Records.FORMAT);
        byte[] format = engine.get(key);
        if (format == null) {
            AtomicBoolean foreign = new AtomicBoolean();
            engine.scan(
                    new byte[0],
                    new byte[] {(byte) 0xFF},
                    (k, v) -> {
                        foreign.set(true);
                        return false;
                    });
            if (foreign.get()) {
                throw new StoreException.NotAJournal(
                        directory,
                        "is a LevelDB database but not a Chainring journal (a stock Pekko journal? then: chainring journal import; in Java: io.chainring.persistence.tool.StockImport.of)");
            }
            byte[] value = Records.meta(new RecordWriter(), key, Records.FORMAT_VERSION);
            // Not synced: it is the first record of a log, and whoever syncs a later one of that
            // log syncs it too.
            engine.write(List.of(Engine.Change.put(key, value)), false);
        } else if (Records.value(key, format) != Records.FORMAT_VERSION) {
            throw new StoreException.NotAJournal(
                    directory,
                    String.format(
                            "has format version %s, this program knows %s; use the program that wrote "
                                    + "it",
                            Records.value(key, format), Records.FORMAT_VERSION));
        }
    }
}
