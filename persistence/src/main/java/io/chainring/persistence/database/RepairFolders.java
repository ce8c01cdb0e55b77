package io.chainring.persistence.database;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folders of a repair, beside the journal. Each rename is a step that is done or not:
 *
 * <pre>
 *   DIR.repairing   the new database is made and mended; worth nothing yet
 *   DIR.repaired    it is whole and on stable storage; the old files in DIR are removed
 *   DIR.placing     the old files are gone; the new ones are moved to DIR
 * </pre>
 */
public final class RepairFolders {
    private RepairFolders() {}

    /** Where the new database is made. */
    public static Path repairing(Path directory) {
        return beside(directory, ".repairing");
    }

    /** Where it waits until the old files are removed. */
    public static Path repaired(Path directory) {
        return beside(directory, ".repaired");
    }

    /** Whence it is moved. */
    public static Path placing(Path directory) {
        return beside(directory, ".placing");
    }

    /** Whether a repair was cut short while it put the new database in place: what is in the directory is no journal. */
    public static boolean isCutShort(Path directory) {
        return Files.exists(repaired(directory)) || Files.exists(placing(directory));
    }

    /** Opening what is there would make an empty journal of it, or miss what is not moved yet. */
    public static void mustNotBeCutShort(Path directory) {
        if (isCutShort(directory)) {
            throw new StoreException.Damaged(
                    directory,
                    "a repair of it was cut short" + StoreErrors.wayOut(directory),
                    null);
        }
    }

    private static Path beside(Path directory, String what) {
        return directory.resolveSibling(directory.getFileName() + what);
    }
}
