package io.chainring.persistence.tool;

import io.chainring.base.files.PrivateFiles;
import io.chainring.base.text.Printable;
import io.chainring.persistence.database.HeldDirectory;
import io.chainring.persistence.database.RepairFolders;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.engine.Salvaged;
import io.chainring.persistence.format.AcknowledgementMark;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.mend.Mending;
import io.chainring.persistence.store.StoreInspection;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Brings a damaged directory up again with whatever is intact, and says what is lost.
 *
 * <p>A copy of the whole directory is made beside it first, and synced before anything else is touched. Whatever can be read
 * of that copy goes into a new database, and is mended there: each persistence id is cut after its last event that has all its
 * predecessors, or a snapshot that stands for them, so that what is kept is what a replay can trust. Then it takes the place
 * of the old one; cut short, that goes on with the next call. Nobody else opens the directory from the copy to the end.
 *
 * @param backup where the copy is
 * @param losses what could not be kept; empty if nothing is missing
 * @param persistenceIds persistence ids kept
 * @param events events kept
 */
public record Repair(Path backup, List<Loss> losses, long persistenceIds, long events) {
    /** The copy that is kept, the new database, and what its library takes while it makes it. */
    private static final int COPIES = 3;

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    /**
     * Something that could not be kept, or may be missing.
     *
     * @param persistenceId whose; null if that isn't known
     * @param what in words
     */
    public record Loss(@Nullable String persistenceId, String what) {
        @Override
        public String toString() {
            return persistenceId == null ? what : Printable.name(persistenceId) + ": " + what;
        }
    }

    /** What could not be kept, one line each. */
    public List<String> lost() {
        return losses.stream().map(Loss::toString).toList();
    }

    /**
     * Repairs a directory that nobody has open.
     *
     * @throws StoreException in one line, if it is in use or cannot be repaired
     */
    public static Repair of(Path directory, String engine) throws IOException {
        return of(
                directory,
                engine,
                UnaryOperator.identity(),
                file -> FileChannel.open(file, StandardOpenOption.READ));
    }

    /** Repairs; a test may put something between the new database and its library, and see what is synced. */
    static Repair of(
            Path directory, String engine, UnaryOperator<Engine> between, Placement.Opener opener)
            throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        Placement placement = new Placement(absolute, opener);
        if (!RepairFolders.isCutShort(absolute)) {
            Directories.mustHoldDatabase(absolute);
        }
        // From here to the end nobody opens it: what would be written meanwhile would be lost.
        try (HeldDirectory held = HeldDirectory.take(absolute)) {
            Repair cutShort = placement.finish();
            return cutShort != null ? cutShort : repairHeld(absolute, engine, between, placement);
        }
    }

    private static Repair repairHeld(
            Path directory, String engine, UnaryOperator<Engine> between, Placement placement)
            throws IOException {
        StoreInspection.mustHaveRoom(
                directory, COPIES * Directories.sizeBytes(directory), "repairing it");
        Path backup = copy(directory, placement);
        try {
            placement.commit(repaired(directory, backup, engine, between, placement));
        } catch (StoreException.NotAJournal e) {
            placement.discard();
            Directories.deleteDatabase(backup);
            Files.deleteIfExists(backup);
            throw e;
        } catch (EngineException e) {
            throw new StoreException.Damaged(
                    directory,
                    "cannot be repaired here: " + e.getMessage() + "; the copy is " + backup,
                    e);
        }
        Repair done = placement.finish();
        if (done == null) {
            throw new IllegalStateException("nothing was committed");
        }
        return done;
    }

    /** Makes the new database from the copy, and mends it. */
    private static Repair repaired(
            Path directory,
            Path backup,
            String engine,
            UnaryOperator<Engine> between,
            Placement placement)
            throws IOException {
        String before = wrongWhenOpened(directory, placement.begin());
        AcknowledgementMark.Position acknowledged = AcknowledgementMark.of(directory);
        List<Loss> losses = new ArrayList<>();
        Path fresh = placement.begin();
        Engines.Kind kind =
                Engines.choose(engine, StoreSettings.forTools(directory, engine).nativeDirectory());
        List<Salvaged.Lost> places =
                Salvage.copy(
                        backup, fresh, kind, between, what -> losses.add(new Loss(null, what)));
        for (Salvaged.Lost place : places) {
            losses.add(new Loss(null, describe(place)));
        }
        long[] counts = new long[2];
        try (JournalDirectory journal = JournalDirectory.open(fresh, engine)) {
            Mending mending =
                    new Mending(
                            journal.inspection(),
                            places,
                            acknowledged,
                            (id, what) -> losses.add(new Loss(id, what)));
            mending.names();
            journal.forEachId(
                    id -> {
                        counts[0]++;
                        counts[1] += mending.mend(id);
                    });
            mending.tags();
            if (!before.isEmpty()) {
                // The end of a log that is lost names nobody.
                losses.add(new Loss(null, "it did not open: " + before));
            }
            if (!losses.isEmpty()) {
                mending.perhapsSnapshots();
            }
        }
        return new Repair(backup, losses, counts[0], counts[1]);
    }

    private static String describe(Salvaged.Lost place) {
        String where =
                "file %s, byte %s".formatted(place.file().getFileName(), place.offsetBytes());
        return place.mayHold(Keys.first(Keys.NAME), Keys.above(Keys.NAME))
                ? where
                        + ": names of persistence ids are lost, and everything of those that had no more than"
                        + " a name"
                : where + ": what is there can't be read";
    }

    /** Opening, of a copy, tells whether the end of the log is lost; after repairing nothing would. */
    private static String wrongWhenOpened(Path directory, Path tried) throws IOException {
        PrivateFiles.createFolders(tried);
        copyFiles(directory, tried);
        try (JournalDirectory journal = JournalDirectory.open(tried, "auto")) {
            return journal.store().isOpen() ? "" : "the journal does not open";
        } catch (StoreException.NotAJournal e) {
            throw new StoreException.NotAJournal(
                    directory,
                    about(directory, tried, e).substring(directory.toString().length() + 2));
        } catch (StoreException e) {
            return about(directory, tried, e);
        }
    }

    private static String about(Path directory, Path tried, StoreException e) {
        return String.valueOf(e.getMessage()).replace(tried.toString(), directory.toString());
    }

    private static Path copy(Path directory, Placement placement) throws IOException {
        Path backup = createBackup(directory);
        for (Path copy : copyFiles(directory, backup)) {
            placement.sync(copy);
        }
        placement.sync(backup);
        placement.sync(backup.resolveSibling("."));
        return backup;
    }

    private static List<Path> copyFiles(Path from, Path to) throws IOException {
        List<Path> copies = new ArrayList<>();
        for (String name : Directories.names(from)) {
            Path file = from.resolve(name);
            if (Directories.isCopied(file)) {
                copies.add(Files.copy(file, to.resolve(name), StandardCopyOption.COPY_ATTRIBUTES));
            }
        }
        return copies;
    }

    /** A folder of its own for each repair, also of two within a second. */
    private static Path createBackup(Path directory) throws IOException {
        String name = directory.getFileName() + ".before-repair-" + STAMP.format(Instant.now());
        for (int number = 1; ; number++) {
            Path backup = directory.resolveSibling(number == 1 ? name : name + "-" + number);
            try {
                PrivateFiles.createFolder(backup);
                return backup;
            } catch (FileAlreadyExistsException e) {
                continue;
            }
        }
    }
}
