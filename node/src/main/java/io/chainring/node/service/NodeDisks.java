package io.chainring.node.service;

import io.chainring.gateway.nbd.NbdServer;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.MissingDisks;
import io.chainring.node.disk.Disk;
import io.chainring.registry.rules.RegisteredDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.apache.pekko.Done;
import org.jspecify.annotations.Nullable;

/**
 * The disks that a node knows, as its gateway, its status and its end see them. What a name means is decided by the
 * registry, which never lets two disks be meant by one; should two be found all the same, none is served under it.
 */
final class NodeDisks implements ExportDirectory, DiskKeeping {
    private final DataDirectory data;
    private final Registry registry;
    private final ImageOpener images;
    private final DiskLauncher launcher;
    private final Duration stopLimit;
    private final DiskThreads threads = new DiskThreads();
    private final List<DiskLife> lives = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Done> admitted = new CompletableFuture<>();
    private final CompletableFuture<Done> atRest = new CompletableFuture<>();
    private volatile @Nullable NbdServer gateway;
    private boolean ending;

    /**
     * @param stopLimit how long who ejects waits for chains in flight
     */
    NodeDisks(
            DataDirectory data,
            Registry registry,
            ImageOpener images,
            DiskLauncher launcher,
            Duration stopLimit) {
        this.data = data;
        this.registry = registry;
        this.images = images;
        this.launcher = launcher;
        this.stopLimit = stopLimit;
    }

    /** Where clients are; before that there are none. */
    void gateway(NbdServer server) {
        gateway = server;
    }

    /** From now on disks that have come up are told to the registry, and clients find them. */
    void admit() {
        admitted.complete(Done.getInstance());
    }

    /** One more disk that the registry knows. */
    DiskLife add(RegisteredDisk known) {
        DiskLife life = new DiskLife(known, this);
        lives.add(life);
        return life;
    }

    /** One more disk, that nobody knows yet; its place is chosen by where all others are, those being made included. */
    synchronized DiskLife plan(DiskPlaces places, Path image) {
        UUID uuid = UUID.randomUUID();
        List<DiskPlaces.Placed> others = new ArrayList<>();
        for (DiskLife life : lives) {
            DiskPlaces.Placed placed = life.placed();
            if (placed != null) {
                others.add(placed);
            }
        }
        DiskLife life = new DiskLife(uuid, places.of(image, uuid, others), this);
        lives.add(life);
        return life;
    }

    @Nullable DiskLife life(UUID uuid) {
        for (DiskLife life : lives) {
            if (life.uuid().equals(uuid)) {
                return life;
            }
        }
        return null;
    }

    /** All disks whose making is complete. */
    List<DiskEntry> entries() {
        List<DiskEntry> entries = new ArrayList<>();
        for (DiskLife life : lives) {
            RegisteredDisk disk = life.registered();
            if (disk != null) {
                entries.add(life.entry(disk));
            }
        }
        return entries;
    }

    /** Those that clients find, in the order in which the node came to know them. */
    List<Disk> shown() {
        return disks(true);
    }

    /** All whose actors run. */
    List<Disk> running() {
        return disks(false);
    }

    private List<Disk> disks(boolean onlyShown) {
        List<Disk> disks = new ArrayList<>();
        for (DiskLife life : lives) {
            Disk disk = life.disk();
            if (disk != null && (life.isShown() || !onlyShown)) {
                disks.add(disk);
            }
        }
        return disks;
    }

    /** One whose actors run, by name, UUID or device name. */
    @Nullable Disk byName(String name) {
        List<DiskLife> called =
                lives.stream().filter(life -> life.disk() != null && life.isCalled(name)).toList();
        return called.size() == 1 ? called.get(0).disk() : null;
    }

    @Override
    public List<NbdExport> list() {
        return shown().stream().map(Disk::export).toList();
    }

    @Override
    public @Nullable NbdExport find(String name) {
        Disk disk = byName(name);
        return disk != null && shown().contains(disk) ? disk.export() : null;
    }

    /**
     * Begins nothing new and takes all disks down.
     *
     * @return complete when nothing is under way
     */
    CompletableFuture<Done> end() {
        threads.step(
                () -> {
                    ending = true;
                    lives.forEach(DiskLife::nodeEnds);
                    restIsOver();
                },
                null);
        return atRest;
    }

    /** Complete when all images are closed; fails when one was not closed well. */
    CompletableFuture<?> imagesClosed() {
        return CompletableFuture.allOf(
                lives.stream().map(DiskLife::ended).toArray(CompletableFuture[]::new));
    }

    private void restIsOver() {
        if (ending && lives.stream().allMatch(DiskLife::isAtRest)) {
            atRest.complete(Done.getInstance());
        }
    }

    @Override
    public boolean isEnding() {
        return ending;
    }

    /** The view never shows what the registry may not have: {@link MissingDisks} tells lost disks by that. */
    @Override
    public void changed(DiskLife life, boolean gone) {
        if (gone) {
            lives.remove(life);
        }
        data.export(registered(each -> !each.isBeingForgotten()));
        restIsOver();
    }

    @Override
    public List<RegisteredDisk> registered() {
        return registered(life -> true);
    }

    private List<RegisteredDisk> registered(Predicate<DiskLife> which) {
        List<RegisteredDisk> made = new ArrayList<>();
        for (DiskLife each : lives) {
            RegisteredDisk disk = each.registered();
            if (disk != null && which.test(each)) {
                made.add(disk);
            }
        }
        return made;
    }

    @Override
    public DiskThreads threads() {
        return threads;
    }

    @Override
    public Registry registry() {
        return registry;
    }

    @Override
    public ImageOpener images() {
        return images;
    }

    @Override
    public DiskLauncher launcher() {
        return launcher;
    }

    @Override
    public @Nullable NbdServer gateway() {
        return gateway;
    }

    @Override
    public Duration stopLimit() {
        return stopLimit;
    }

    @Override
    public CompletableFuture<?> admitted() {
        return admitted;
    }
}
