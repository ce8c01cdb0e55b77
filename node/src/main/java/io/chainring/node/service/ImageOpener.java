package io.chainring.node.service;

import io.chainring.gateway.nbd.listen.Descriptors;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.FileStoreOptions;
import io.chainring.host.store.SpaceReserve;
import io.chainring.host.store.StoreOpenException;
import io.chainring.node.StartException;
import io.chainring.node.files.DiskPaths;
import io.chainring.node.files.LooseFiles;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Opens the images of disks, and makes those of new ones. */
final class ImageOpener {
    private final StoreOpener stores;
    private final FileStoreOptions options;
    private final DiskPaths paths;
    private final LooseFiles loose;
    private final LongSupplier freeDescriptors;

    /** Two of an image, and what its connections, journals and their compactions take meanwhile. */
    static final int DESCRIPTORS = 64;

    /** How an image is opened. */
    interface StoreOpener {
        /**
         * @throws StoreOpenException one line that names it
         */
        BlockStore open(Path path, FileStoreOptions options) throws StoreOpenException;
    }

    /**
     * @param stores opens images
     * @param paths which files are none
     * @param loose hears of each image before it is opened
     * @param reserve what images leave free
     */
    ImageOpener(StoreOpener stores, DiskPaths paths, LooseFiles loose, SpaceReserve reserve) {
        this(stores, paths, loose, reserve, Descriptors.ofProcess()::free);
    }

    ImageOpener(
            StoreOpener stores,
            DiskPaths paths,
            LooseFiles loose,
            SpaceReserve reserve,
            LongSupplier freeDescriptors) {
        this.freeDescriptors = freeDescriptors;
        this.stores = stores;
        this.paths = paths;
        this.loose = loose;
        this.options = FileStoreOptions.DEFAULT.withReserve(reserve);
    }

    /**
     * Opens a disk's image, and locks it.
     *
     * @param sizeBytes size with which the missing image of a new disk is made, and which an existing one must have; 0
     *     takes it as it is
     * @param others what else the node knows; the image of a new disk may be none of theirs, under any name
     * @throws StartException one line that names it; nothing is open then
     */
    BlockStore open(RegisteredDisk disk, long sizeBytes, List<RegisteredDisk> others)
            throws StartException {
        DiskStorage storage = DiskKeeping.storage(disk);
        Path path = Path.of(storage.path());
        long free = freeDescriptors.getAsLong();
        if (free < DESCRIPTORS) {
            throw new StartException(
                    "disk %s is one too many: this process may open %s files, and has %s left; raise ulimit -n (LimitNOFILE), or eject a disk"
                            .formatted(disk.diskName(), Descriptors.limit(), free));
        }
        if (disk.isMade()) {
            paths.checkKnown(path);
        } else {
            Map<String, Path> taken = new LinkedHashMap<>();
            for (RegisteredDisk other : others) {
                taken.put(other.diskName(), Path.of(DiskKeeping.storage(other).path()));
            }
            paths.checkNew(path, taken);
        }
        loose.image(path);
        if (disk.isMade() && !Files.exists(path)) {
            throw new StartException(
                    "disk image %s of disk %s is missing; put it back"
                            .formatted(path, disk.diskName()));
        }
        BlockStore store;
        try {
            store = stores.open(path, options.withCreateSizeBytes(sizeBytes));
        } catch (StoreOpenException e) {
            throw new StartException(e);
        }
        if (store.capacityBytes() >= storage.sizeBytes()) {
            return store;
        }
        StartException truncated =
                new StartException(
                        String.format(
                                "disk image %s of disk %s has %s bytes, it had %s: it is truncated; "
                                        + "restore it",
                                path, disk.diskName(), store.capacityBytes(), storage.sizeBytes()));
        try {
            store.close();
        } catch (IOException e) {
            truncated.addSuppressed(e);
        }
        throw truncated;
    }
}
