package io.chainring.node.service;

import io.chainring.host.store.BlockStore;
import io.chainring.host.store.FileStoreOptions;
import io.chainring.host.store.StoreOpenException;
import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.DiskRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Finds out which disks a node serves, and opens their images: those that the data directory knows, those that were
 * asked for, and when there are none at all, one that is made.
 */
final class DiskOpener {
    private static final String DEFAULT_NAME = "disk0";

    private final DataDirectory data;
    private final int journals;
    private final StoreOpener stores;

    /** How an image is opened. */
    interface StoreOpener {
        /**
         * @throws StoreOpenException one line that names it
         */
        BlockStore open(Path path, FileStoreOptions options) throws StoreOpenException;
    }

    /** A disk whose image is open and locked. */
    record OpenDisk(DiskRecord record, BlockStore store) {}

    /**
     * @param journals how many a new disk may choose from
     * @param stores opens images
     */
    DiskOpener(DataDirectory data, int journals, StoreOpener stores) {
        this.data = data;
        this.journals = journals;
        this.stores = stores;
    }

    /**
     * Opens all of them, or none; the list of disks then has those that are new.
     *
     * @param away disks that are known and not served unless they are asked for by name
     * @throws StartException one line that names the disk's image
     */
    List<OpenDisk> open(List<DiskRequest> requests, long defaultDiskBytes, Set<UUID> away)
            throws StartException {
        Map<String, DiskRequest> byName = new LinkedHashMap<>();
        for (DiskRequest request : requests) {
            if (byName.put(request.name(), request) != null) {
                throw new StartException("disk " + request.name() + " is named twice");
            }
        }
        if (byName.isEmpty() && data.disks().isEmpty()) {
            byName.put(DEFAULT_NAME, defaultDisk(defaultDiskBytes));
        }
        List<OpenDisk> opened = new ArrayList<>();
        try {
            for (DiskRecord known : data.disks()) {
                DiskRequest request = byName.remove(known.name());
                if (request != null) {
                    checkSame(known, request);
                }
                if (request != null || !away.contains(known.uuid())) {
                    opened.add(openKnown(known, request == null ? 0 : request.sizeBytes()));
                }
            }
            for (DiskRequest request : byName.values()) {
                checkImage(request.path(), opened);
                opened.add(openNew(request, UUID.randomUUID(), opened));
            }
            data.putAll(opened.stream().map(OpenDisk::record).toList());
            return opened;
        } catch (StartException e) {
            closeAll(opened, e);
            throw e;
        }
    }

    /** Two disks of one start: said as two of one list are. */
    private static void checkImage(Path path, List<OpenDisk> others) throws StartException {
        for (OpenDisk other : others) {
            if (other.record().path().equals(absolute(path))) {
                throw new StartException(
                        "disk image "
                                + path
                                + " belongs to disk "
                                + other.record().name()
                                + " already; one disk per image");
            }
        }
    }

    private boolean isUsed(Path image) {
        return data.disks().stream().anyMatch(disk -> disk.path().equals(absolute(image)));
    }

    private DiskRequest defaultDisk(long sizeBytes) throws StartException {
        return new DiskRequest(DEFAULT_NAME, ownImage(DEFAULT_NAME), sizeBytes);
    }

    private static void checkSame(DiskRecord known, DiskRequest request) throws StartException {
        if (!known.path().equals(absolute(request.path()))) {
            throw new StartException(
                    "disk "
                            + known.name()
                            + " has its image at "
                            + known.path()
                            + ", not at "
                            + absolute(request.path())
                            + "; choose another name, or leave the path as it is");
        }
    }

    /**
     * Opens the image of a disk that the list of disks has.
     *
     * @param requestedBytes size that it must have; 0 takes it as it is
     * @return the disk with the size that the image has
     */
    OpenDisk openKnown(DiskRecord known, long requestedBytes) throws StartException {
        if (!Files.exists(known.path())) {
            throw new StartException(
                    "disk image "
                            + known.path()
                            + " of disk "
                            + known.name()
                            + " is missing; put it back (the list of disks is "
                            + data.directory().resolve("disks.json")
                            + ")");
        }
        BlockStore store = openStore(known.path(), requestedBytes);
        long sizeBytes = store.capacityBytes();
        if (sizeBytes < known.sizeBytes()) {
            StartException truncated =
                    new StartException(
                            "disk image "
                                    + known.path()
                                    + " of disk "
                                    + known.name()
                                    + " has "
                                    + sizeBytes
                                    + " bytes, it had "
                                    + known.sizeBytes()
                                    + ": it is truncated; restore it");
            closeAll(List.of(new OpenDisk(known, store)), truncated);
            throw truncated;
        }
        return new OpenDisk(known.withSizeBytes(sizeBytes), store);
    }

    /**
     * Opens or makes the image of a new disk; the list of disks is as it was.
     *
     * @param others that are new too
     */
    OpenDisk openNew(DiskRequest request, UUID uuid, List<OpenDisk> others) throws StartException {
        BlockStore store = openStore(request.path(), request.sizeBytes());
        List<DiskRecord> all = new ArrayList<>(data.disks());
        others.forEach(other -> all.add(other.record()));
        return new OpenDisk(
                new DiskRecord(
                        request.name(),
                        absolute(request.path()),
                        store.capacityBytes(),
                        DataDirectory.leastUsedJournal(all, journals),
                        uuid,
                        data.freeJournalId(request.name(), uuid)),
                store);
    }

    /** Where the image of a new disk is that was given no path; makes its folder. */
    Path ownImage(String name) throws StartException {
        Path image = data.image(name);
        // A disk that was called so before has kept its image.
        for (int i = 2; isUsed(image); i++) {
            image = data.image(name + "-" + i);
        }
        Path folder = image.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new StartException("folder " + folder + " cannot be made: " + e, e);
        }
        return image;
    }

    private BlockStore openStore(Path path, long createBytes) throws StartException {
        try {
            return stores.open(path, FileStoreOptions.DEFAULT.withCreateSizeBytes(createBytes));
        } catch (StoreOpenException e) {
            throw new StartException(e);
        }
    }

    private static Path absolute(Path path) {
        return path.toAbsolutePath().normalize();
    }

    private static void closeAll(List<OpenDisk> disks, StartException because) {
        for (OpenDisk disk : disks) {
            try {
                disk.store().close();
            } catch (IOException e) {
                because.addSuppressed(e);
            }
        }
    }
}
