package io.chainring.registry.rules;

import java.util.regex.Pattern;

/**
 * Where a disk's bytes and records are, as who serves the disk has said. The registry keeps it with the disk and lets no
 * two disks have one image; it opens nothing of it.
 *
 * @param path of the image, normalized: absolute, or relative to a folder that who serves the disk knows
 * @param sizeBytes the size with which it was served last; 0 until it was served for the first time, which is when its
 *     making is complete
 * @param journal number of the journal that holds its chains; never changes in the life of the disk
 * @param journalId what that journal calls it; never changes in the life of the disk
 */
public record DiskStorage(String path, long sizeBytes, int journal, String journalId) {
    /** Journals are numbered from 0 to one less than this. */
    public static final int JOURNAL_LIMIT = 1024;

    private static final int PATH_LIMIT_CHARACTERS = 4096;
    private static final Pattern JOURNAL_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    /** Checks every part. */
    public DiskStorage {
        if (path.isEmpty() || path.length() > PATH_LIMIT_CHARACTERS) {
            throw new IllegalArgumentException(
                    "an image path of %s characters: allowed are 1 to %s"
                            .formatted(path.length(), PATH_LIMIT_CHARACTERS));
        }
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("a size of " + sizeBytes + " bytes");
        }
        if (journal < 0 || journal >= JOURNAL_LIMIT) {
            throw new IllegalArgumentException(
                    "journal " + journal + ": allowed are 0 to " + (JOURNAL_LIMIT - 1));
        }
        if (!JOURNAL_ID.matcher(journalId).matches()) {
            throw new IllegalArgumentException(
                    "its journal id is not letters, digits, '.', '_' and '-'");
        }
    }

    /** The same with its image elsewhere. */
    public DiskStorage at(String elsewhere) {
        return new DiskStorage(elsewhere, sizeBytes, journal, journalId);
    }

    /** The same, served with that size; a size only grows, so a late word makes no disk smaller. */
    DiskStorage served(long bytes) {
        return bytes <= sizeBytes ? this : new DiskStorage(path, bytes, journal, journalId);
    }
}
