package io.chainring.persistence.tool;

import io.chainring.base.files.PrivateFiles;
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
 * of that copy goes into a new database, which takes the place of the old one; then each persistence id is cut after its last
 * event that has all its predecessors: what is kept is what a replay can trust, a prefix of what was acknowledged.
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
            return persistenceId == null ? what : persistenceId + ": " + what;
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

    /** Opens what is to be synced. */
    @FunctionalInterface
    interface Opener {
        /** Opens a file, or a folder, to read. */
        FileChannel open(Path file) throws IOException;
    }

    /** Repairs; a test may put something between the new database and its library, and see what is synced. */
    static Repair of(Path directory, String engine, UnaryOperator<Engine> between, Opener opener)
            throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        Directories.mustHoldDatabase(absolute);
        StoreInspection.mustBeFree(absolute);
        StoreInspection.mustHaveRoom(
                absolute, COPIES * Directories.sizeBytes(absolute), "repairing it");
        List<Loss> losses = new ArrayList<>();
        Path backup = copy(absolute, opener);
        String before = acknowledged(absolute, backup);
        List<Salvaged.Lost> places = rebuild(absolute, backup, engine, between, losses);
        Files.deleteIfExists(absolute.resolve(AcknowledgementMark.FILE_NAME));
        for (Salvaged.Lost place : places) {
            losses.add(new Loss(null, describe(absolute, place)));
        }
        long[] counts = new long[2];
        try (JournalDirectory journal = JournalDirectory.open(absolute, engine)) {
            Mending mending =
                    new Mending(
                            journal.inspection(),
                            places,
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

    private static List<Salvaged.Lost> rebuild(
            Path directory,
            Path backup,
            String engine,
            UnaryOperator<Engine> between,
            List<Loss> losses)
            throws IOException {
        Path fresh = directory.resolveSibling(directory.getFileName() + ".repaired");
        // Of an attempt that did not come to its end.
        Directories.deleteDatabase(fresh);
        try {
            Engines.Kind kind =
                    Engines.choose(
                            engine, StoreSettings.forTools(directory, engine).nativeDirectory());
            List<Salvaged.Lost> places =
                    Salvage.copy(
                            backup, fresh, kind, between, what -> losses.add(new Loss(null, what)));
            Directories.deleteDatabase(directory);
            for (String name : Directories.names(fresh)) {
                Files.move(fresh.resolve(name), directory.resolve(name));
            }
            Files.delete(fresh);
            return places;
        } catch (StoreException.NotAJournal e) {
            Directories.deleteDatabase(fresh);
            Files.deleteIfExists(fresh);
            Directories.deleteDatabase(backup);
            Files.deleteIfExists(backup);
            throw e;
        } catch (EngineException e) {
            throw new StoreException.Damaged(
                    directory,
                    "cannot be repaired here: " + e.getMessage() + "; the copy is " + backup,
                    e);
        }
    }

    private static String describe(Path directory, Salvaged.Lost place) {
        String where =
                "file %s, byte %s".formatted(place.file().getFileName(), place.offsetBytes());
        return place.mayHold(Keys.first(Keys.NAME), Keys.above(Keys.NAME))
                ? where
                        + ": names of persistence ids are lost, and everything of those that had no more than"
                        + " a name"
                : where + ": what is there can't be read";
    }

    /** Opening tells whether the end of the log is lost; after repairing nothing would. */
    private static String acknowledged(Path directory, Path backup) throws IOException {
        try (JournalDirectory journal = JournalDirectory.open(directory, "auto")) {
            return journal.store().isOpen() ? "" : "the journal does not open";
        } catch (StoreException.Locked | StoreException.NotAJournal e) {
            Directories.deleteDatabase(backup);
            Files.deleteIfExists(backup);
            throw e;
        } catch (StoreException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static Path copy(Path directory, Opener opener) throws IOException {
        Path backup = createBackup(directory);
        for (String name : Directories.names(directory)) {
            Path file = directory.resolve(name);
            if (Directories.isOurs(name) && Files.isRegularFile(file) && !name.equals("LOCK")) {
                Path copy = backup.resolve(name);
                Files.copy(file, copy, StandardCopyOption.COPY_ATTRIBUTES);
                sync(copy, opener);
            }
        }
        sync(backup, opener);
        sync(backup.resolveSibling("."), opener);
        return backup;
    }

    /** A folder of its own for each repair, also of two within a second. */
    private static Path createBackup(Path directory) throws IOException {
        String name = directory.getFileName() + ".before-repair-" + STAMP.format(Instant.now());
        for (int number = 1; ; number++) {
            Path backup = directory.resolveSibling(number == 1 ? name : name + "-" + number);
            try {
                Files.createDirectory(backup);
                PrivateFiles.createFolders(backup);
                return backup;
            } catch (FileAlreadyExistsException e) {
                continue;
            }
        }
    }

    private static void sync(Path file, Opener opener) throws IOException {
        try (FileChannel channel = opener.open(file)) {
            channel.force(true);
        }
    }
}
