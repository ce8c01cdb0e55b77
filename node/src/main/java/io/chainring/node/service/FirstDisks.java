package io.chainring.node.service;

import io.chainring.node.StartException;
import io.chainring.node.control.DiskEntry;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.RegisteredDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;

/** The disks of a node at its start: those that the registry knows, those that were asked for, or one that is made. */
final class FirstDisks {
    private static final String DEFAULT_NAME = "disk0";

    private final NodeDisks disks;
    private final DiskPlaces places;

    FirstDisks(NodeDisks disks, DiskPlaces places) {
        this.disks = disks;
        this.places = places;
    }

    /**
     * Brings the disks up that the registry says are inserted, and those that were asked for by name. Returns when all of
     * them serve; only then are the new ones in the list, so that a start that fails leaves none behind.
     *
     * @param requests named on the command line
     * @param defaultDiskBytes size of the disk that is made when there is none at all
     * @throws StartException one line
     */
    void run(List<RequestedDisk> requests, long defaultDiskBytes) throws StartException {
        Map<String, RequestedDisk> asked = new LinkedHashMap<>();
        for (RequestedDisk request : requests) {
            if (asked.put(request.name(), request) != null) {
                throw new StartException("disk " + request.name() + " is named twice");
            }
        }
        List<RegisteredDisk> known = new ArrayList<>(Registry.await(disks.registry().list()));
        List<CompletableFuture<DiskEntry>> answers = new ArrayList<>();
        List<CompletableFuture<?>> up = new ArrayList<>();
        for (RegisteredDisk disk : List.copyOf(known)) {
            DiskLife life = disks.add(disk);
            boolean undone = !disk.isMade();
            RequestedDisk request = undone ? null : asked.remove(disk.diskName());
            if (request != null) {
                checkSame(disk, request);
            }
            long bytes = request == null ? 0 : request.sizeBytes();
            boolean away = disk.state() == DiskState.FREE || disk.state() == DiskState.DETACHING;
            CompletableFuture<DiskEntry> begun = life.command(new DiskLifeInput.Wish.Begin(bytes));
            answers.add(begun);
            if (undone || away) {
                Registry.await(begun);
            }
            if (undone) {
                known.remove(disk);
            } else if (request != null && away) {
                answers.add(life.command(new DiskLifeInput.Wish.Insert(null, bytes)));
                up.add(life.serves());
            } else if (!away) {
                up.add(life.serves());
            }
        }
        if (requests.isEmpty() && known.isEmpty()) {
            Path image = places.ownImage(DEFAULT_NAME, known);
            asked.put(DEFAULT_NAME, new RequestedDisk(DEFAULT_NAME, image, defaultDiskBytes));
        }
        for (RequestedDisk request : asked.values()) {
            DiskLife life = disks.plan(places, request.path());
            answers.add(life.create(request.name(), null, request.sizeBytes()));
            up.add(life.serves());
        }
        awaitAll(up, answers);
        disks.admit();
        for (CompletableFuture<DiskEntry> answer : answers) {
            Registry.await(answer);
        }
    }

    /** Waits until all disks serve, or one command has failed. */
    private static void awaitAll(
            List<CompletableFuture<?>> up, List<CompletableFuture<DiskEntry>> answers)
            throws StartException {
        CompletableFuture<Object> all = new CompletableFuture<>();
        var unused =
                CompletableFuture.allOf(up.toArray(CompletableFuture[]::new))
                        .thenAccept(all::complete);
        for (CompletableFuture<DiskEntry> answer : answers) {
            var failing =
                    answer.exceptionally(
                            failure -> {
                                all.completeExceptionally(failure);
                                return null;
                            });
        }
        Registry.await(all.thenApply(done -> Done.getInstance()));
    }

    private static void checkSame(RegisteredDisk known, RequestedDisk request)
            throws StartException {
        Path path = Path.of(DiskKeeping.storage(known).path());
        if (!path.equals(DiskPlaces.absolute(request.path()))) {
            throw new StartException(
                    String.format(
                            "disk %s has its image at %s, not at %s; choose another name, or leave the "
                                    + "path as it is",
                            known.diskName(), path, DiskPlaces.absolute(request.path())));
        }
    }
}
