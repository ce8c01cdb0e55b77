package io.chainring.node.data;

import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * A disk as {@code disks.json} knows it.
 *
 * @param name see {@link DiskName}
 * @param path absolute path of its image
 * @param sizeBytes its size, a multiple of 512
 * @param journal number of the journal that holds its chains; never changes in the life of the disk
 * @param uuid who it is, whatever it is called
 * @param journalId what its journal calls it: its first name, as a rule; never changes in the life of the disk
 */
public record DiskRecord(
        String name, Path path, long sizeBytes, int journal, UUID uuid, String journalId) {
    /** Journals are numbered from 0 to one less than this. */
    public static final int MAX_JOURNALS = 1024;

    private static final int SECTOR_BYTES = 512;
    private static final Pattern JOURNAL_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    /** Checks every part. */
    public DiskRecord {
        DiskName.check(name);
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException(
                    "disk " + name + ": image path '" + path + "' is not absolute");
        }
        if (sizeBytes < SECTOR_BYTES || sizeBytes % SECTOR_BYTES != 0) {
            throw new IllegalArgumentException(
                    "disk "
                            + name
                            + ": size of "
                            + sizeBytes
                            + " bytes is not a positive multiple of "
                            + SECTOR_BYTES);
        }
        if (journal < 0 || journal >= MAX_JOURNALS) {
            throw new IllegalArgumentException(
                    "disk "
                            + name
                            + ": journal "
                            + journal
                            + ": allowed are 0 to "
                            + (MAX_JOURNALS - 1));
        }
        if (!JOURNAL_ID.matcher(journalId).matches()) {
            throw new IllegalArgumentException(
                    "disk " + name + ": its journal id is not letters, digits, '.', '_' and '-'");
        }
    }

    /** A disk whose journal calls it by its name. */
    public DiskRecord(String name, Path path, long sizeBytes, int journal, UUID uuid) {
        this(name, path, sizeBytes, journal, uuid, name);
    }

    /** The disk's id in its journal. */
    public String persistenceId() {
        return "disk-" + journalId;
    }

    /** The same disk, larger. */
    public DiskRecord withSizeBytes(long newSizeBytes) {
        return new DiskRecord(name, path, newSizeBytes, journal, uuid, journalId);
    }

    /** The same disk under another name. */
    public DiskRecord withName(String newName) {
        return new DiskRecord(newName, path, sizeBytes, journal, uuid, journalId);
    }
}
