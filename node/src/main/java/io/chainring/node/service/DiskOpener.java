package io.chainring.node.service;

import io.chainring.host.store.FileBlockStore;
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
import java.util.UUID;

/**
 * Finds out which disks a node serves, and opens their images: those that the data directory knows, those that were
 * asked for, and when there are none at all, one that is made.
 */
final class DiskOpener {
    private static final String DEFAULT_NAME = "disk0";

    private final DataDirectory data;
    private final int journals;

    /** A disk whose image is open and locked. */
    record OpenDisk(DiskRecord record, FileBlockStore store) {}

    /**
     * @param journals how many a new disk may choose from
     */
    DiskOpener(DataDirectory data, int journals) {
        this.data = data;
        this.journals = journals;
    }

    /**
     * Opens all of them, or none.
     *
     * @throws StartException one line that names the disk's image
     */
    List<OpenDisk> open(List<DiskRequest> requests, long defaultDiskBytes) throws StartException {
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
                opened.add(openKnown(known, request == null ? 0 : request.sizeBytes()));
            }
            for (DiskRequest request : byName.values()) {
                opened.add(openNew(request));
            }
            return opened;
        } catch (StartException e) {
            closeAll(opened, e);
            throw e;
        }
    }

    private DiskRequest defaultDisk(long sizeBytes) throws StartException {
        Path image = data.image(DEFAULT_NAME);
        Path folder = image.toAbsolutePath().getParent();
        try {
            if (folder != null) {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new StartException("folder " + folder + " cannot be made: " + e, e);
        }
        return new DiskRequest(DEFAULT_NAME, image, sizeBytes);
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

    private OpenDisk openKnown(DiskRecord known, long requestedBytes) throws StartException {
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
        FileBlockStore store = openStore(known.path(), requestedBytes);
        long sizeBytes = store.capacityBytes();
        if (sizeBytes == known.sizeBytes()) {
            return new OpenDisk(known, store);
        }
        try {
            if (sizeBytes < known.sizeBytes()) {
                throw new StartException(
                        "disk image "
                                + known.path()
                                + " of disk "
                                + known.name()
                                + " has "
                                + sizeBytes
                                + " bytes, it had "
                                + known.sizeBytes()
                                + ": it is truncated; restore it");
            }
            DiskRecord grown = known.withSizeBytes(sizeBytes);
            data.put(grown);
            return new OpenDisk(grown, store);
        } catch (StartException e) {
            closeAll(List.of(new OpenDisk(known, store)), e);
            throw e;
        }
    }

    private OpenDisk openNew(DiskRequest request) throws StartException {
        FileBlockStore store = openStore(request.path(), request.sizeBytes());
        DiskRecord made =
                new DiskRecord(
                        request.name(),
                        absolute(request.path()),
                        store.capacityBytes(),
                        data.leastUsedJournal(journals),
                        UUID.randomUUID());
        try {
            data.put(made);
            return new OpenDisk(made, store);
        } catch (StartException e) {
            closeAll(List.of(new OpenDisk(made, store)), e);
            throw e;
        }
    }

    private static FileBlockStore openStore(Path path, long createBytes) throws StartException {
        try {
            return FileBlockStore.open(
                    path, FileStoreOptions.DEFAULT.withCreateSizeBytes(createBytes));
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
