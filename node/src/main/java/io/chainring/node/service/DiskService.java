package io.chainring.node.service;

import io.chainring.base.text.Printable;
import io.chainring.node.StartException;
import io.chainring.node.control.DiskControl;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.registry.rules.RegisteredDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The disk commands of a running node: which disk is meant, and its answer. What is done is each disk's own affair. */
final class DiskService implements DiskControl {
    /**
     * Most commands that are under way or wait for their turn, of all disks; of one disk see {@link CommandTurns}. Fewer than
     * the control socket has connections, so that who looks on is answered.
     */
    static final int COMMAND_LIMIT = 48;

    private final NodeDisks disks;
    private final DiskPlaces places;
    private final AtomicInteger commands = new AtomicInteger();

    DiskService(NodeDisks disks, DiskPlaces places) {
        this.disks = disks;
        this.places = places;
    }

    @Override
    public CompletionStage<List<DiskEntry>> list() {
        return CompletableFuture.completedFuture(disks.entries());
    }

    @Override
    public CompletionStage<DiskEntry> lookup(String key) {
        return disks.registry()
                .find(key)
                .thenCompose(
                        found -> {
                            DiskLife life = disks.life(found.uuid());
                            return life == null || !found.isMade()
                                    ? CompletableFuture.failedFuture(
                                            new DiskRefusedException(
                                                    "disk " + found.diskName() + " is being made"))
                                    : CompletableFuture.completedFuture(life.entry(found));
                        });
    }

    @Override
    public CompletionStage<DiskEntry> create(
            String name, @Nullable Path path, long sizeBytes, @Nullable String deviceName) {
        return counted(
                () ->
                        disks.registry()
                                .list()
                                .thenCompose(
                                        known -> create(known, name, path, sizeBytes, deviceName)));
    }

    private CompletableFuture<DiskEntry> create(
            List<RegisteredDisk> known,
            String name,
            @Nullable Path path,
            long sizeBytes,
            @Nullable String deviceName) {
        try {
            if (known.stream().anyMatch(disk -> disk.diskName().equals(name))) {
                throw new DiskRefusedException("there is a disk " + name + " already");
            }
            RequestedDisk request =
                    new RequestedDisk(name, path == null ? Path.of("") : path, sizeBytes);
            Path image = path == null ? places.ownImage(name, known) : request.path();
            return disks.plan(places, image).create(name, deviceName, sizeBytes);
        } catch (StartException | IllegalArgumentException e) {
            return CompletableFuture.failedFuture(
                    new DiskRefusedException(String.valueOf(e.getMessage()), e));
        } catch (DiskRefusedException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<DiskEntry> insert(String key, @Nullable String deviceName) {
        return command(key, new DiskLifeInput.Wish.Insert(deviceName, 0));
    }

    @Override
    public CompletionStage<DiskEntry> eject(String key, boolean force) {
        return command(key, new DiskLifeInput.Wish.Eject(force));
    }

    @Override
    public CompletionStage<DiskEntry> rename(
            String key,
            @Nullable String newDiskName,
            @Nullable String newDeviceName,
            boolean force) {
        return command(key, new DiskLifeInput.Wish.Rename(newDiskName, newDeviceName, force));
    }

    @Override
    public CompletionStage<DiskEntry> forget(String key) {
        return command(key, new DiskLifeInput.Wish.Forget());
    }

    @Override
    public CompletionStage<DiskEntry> resize(String key, long sizeBytes) {
        return command(key, new DiskLifeInput.Wish.Resize(sizeBytes));
    }

    private CompletionStage<DiskEntry> command(String key, DiskLifeInput.Wish wish) {
        return counted(
                () ->
                        disks.registry()
                                .find(key)
                                .thenCompose(
                                        found -> {
                                            DiskLife life = disks.life(found.uuid());
                                            return life == null
                                                    ? CompletableFuture.failedFuture(
                                                            new DiskRefusedException(
                                                                    "no disk "
                                                                            + Printable.name(key)))
                                                    : life.command(wish);
                                        }));
    }

    private interface Counted {
        CompletableFuture<DiskEntry> run();
    }

    private CompletableFuture<DiskEntry> counted(Counted command) {
        if (commands.incrementAndGet() > COMMAND_LIMIT) {
            commands.decrementAndGet();
            return CompletableFuture.failedFuture(
                    new DiskRefusedException(
                            COMMAND_LIMIT + " disk commands wait already; try again"));
        }
        return command.run().whenComplete((entry, failure) -> commands.decrementAndGet());
    }
}
