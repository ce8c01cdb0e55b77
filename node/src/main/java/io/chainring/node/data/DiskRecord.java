package io.chainring.node.data;

import java.nio.file.Path;
import java.util.UUID;

/**
 * A disk as {@code disks.json} knows it.
 *
 * @param name see {@link DiskName}
 * @param path absolute path of its image
 * @param sizeBytes its size, a multiple of 512
 * @param journal number of the journal that holds its chains; never changes in the life of the disk
 * @param uuid who it is, whatever it is called
 */
public record DiskRecord(String name, Path path, long sizeBytes, int journal, UUID uuid) {
    /** Journals are numbered from 0 to one less than this. */
    public static final int MAX_JOURNALS = 1024;

    private static final int SECTOR_BYTES = 512;

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
    }

    /** The disk's id in its journal. */
    public String persistenceId() {
        return "disk-" + name;
    }

    /** The same disk, larger. */
    public DiskRecord withSizeBytes(long newSizeBytes) {
        return new DiskRecord(name, path, newSizeBytes, journal, uuid);
    }
}
