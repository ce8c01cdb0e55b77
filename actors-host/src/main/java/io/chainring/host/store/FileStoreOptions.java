package io.chainring.host.store;

import org.jspecify.annotations.Nullable;

/**
 * How a file is opened as a disk.
 *
 * @param readOnly refuse every change; the file is locked shared, so that several readers of several
 *     processes may have it. Default false
 * @param createSizeBytes when above 0: size of the disk, with which a missing file is created (sparse);
 *     an existing file must have exactly this size. Default 0: the size is the file's, which must exist
 * @param writeThrough every change is on stable storage before it is reported, as if each were FUA.
 *     Survives a power loss without flushes, at the price of a disk access per write. Default false
 * @param nativeCalls use fallocate, SEEK_HOLE and an uninterruptible fdatasync where the system has
 *     them. Without: discard does nothing, zeros are written, everything counts as allocated. Default true
 * @param reserve what the image leaves free, if it is on that file system; null: nothing. Default null
 */
public record FileStoreOptions(
        boolean readOnly,
        long createSizeBytes,
        boolean writeThrough,
        boolean nativeCalls,
        @Nullable SpaceReserve reserve) {

    /** Opens an existing file for reading and writing. */
    public static final FileStoreOptions DEFAULT =
            new FileStoreOptions(false, 0, false, true, null);

    public FileStoreOptions withReadOnly(boolean value) {
        return new FileStoreOptions(value, createSizeBytes, writeThrough, nativeCalls, reserve);
    }

    public FileStoreOptions withCreateSizeBytes(long value) {
        return new FileStoreOptions(readOnly, value, writeThrough, nativeCalls, reserve);
    }

    public FileStoreOptions withWriteThrough(boolean value) {
        return new FileStoreOptions(readOnly, createSizeBytes, value, nativeCalls, reserve);
    }

    public FileStoreOptions withNativeCalls(boolean value) {
        return new FileStoreOptions(readOnly, createSizeBytes, writeThrough, value, reserve);
    }

    public FileStoreOptions withReserve(SpaceReserve value) {
        return new FileStoreOptions(readOnly, createSizeBytes, writeThrough, nativeCalls, value);
    }
}
