package io.chainring.persistence.tool;

import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.AcknowledgementMark;
import io.chainring.persistence.store.StoreException;
import io.chainring.persistence.store.StoreInspection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/**
 * Brings a damaged directory up again with whatever is intact, and says what is lost.
 *
 * <p>A copy of the whole directory is made beside it first. Then LevelDB rebuilds the database from its logs and tables, and
 * whatever can be read is copied into a new one; then each persistence id is cut after its last event that has all its predecessors: what is kept is what a replay can trust,
 * a prefix of what was acknowledged.
 *
 * @param backup where the copy is
 * @param lost what could not be kept, one line each; empty if nothing is missing
 * @param persistenceIds persistence ids kept
 * @param events events kept
 */
public record Repair(Path backup, List<String> lost, long persistenceIds, long events) {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

    /**
     * Repairs a directory that nobody has open.
     *
     * @throws StoreException in one line, if it is in use or cannot be repaired
     */
    public static Repair of(Path directory, String engine) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        Directories.mustHoldDatabase(absolute);
        StoreInspection.mustBeFree(absolute);
        List<String> lost = new ArrayList<>();
        Path backup = copy(absolute);
        String before = acknowledged(absolute, backup);
        try {
            Engines.Kind kind = Engines.choose(engine);
            Engines.repair(kind, absolute);
            Salvage.rebuild(absolute, kind, lost::add);
        } catch (EngineException e) {
            throw new StoreException.Damaged(
                    absolute,
                    "cannot be repaired here: "
                            + e.getMessage()
                            + "; the Java engine has no repair, use a machine with the native one; the copy is "
                            + backup,
                    e);
        }
        Files.deleteIfExists(absolute.resolve(AcknowledgementMark.FILE_NAME));
        long[] counts = new long[2];
        try (JournalDirectory journal = JournalDirectory.open(absolute, engine)) {
            journal.inspection().rebuildNumbers();
            journal.forEachId(
                    id -> {
                        counts[0]++;
                        counts[1] += journal.inspection().trimToIntact(id, lost::add);
                    });
        }
        if (!before.isEmpty() && lost.isEmpty()) {
            lost.add(before);
        }
        return new Repair(backup, lost, counts[0], counts[1]);
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

    private static Path copy(Path directory) throws IOException {
        Path backup =
                directory.resolveSibling(
                        directory.getFileName() + ".before-repair-" + STAMP.format(Instant.now()));
        Files.createDirectories(backup);
        for (String name : Directories.names(directory)) {
            Path file = directory.resolve(name);
            if (Directories.isOurs(name) && Files.isRegularFile(file) && !name.equals("LOCK")) {
                Files.copy(
                        file,
                        backup.resolve(name),
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return backup;
    }
}
