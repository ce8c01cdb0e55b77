package io.chainring.node.service;

import io.chainring.gateway.nbd.ExportDirectory;
import io.chainring.gateway.nbd.NbdExport;
import io.chainring.node.disk.Disk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The disks that a node has open, as its gateway, its status and its end see them. What a name means is decided by the
 * registry, which never lets two disks be meant by one; should two be found all the same, none is served under it.
 */
final class ServedDisks implements ExportDirectory {
    private final List<ServedDisk> all = new CopyOnWriteArrayList<>();

    void add(ServedDisk disk) {
        all.add(disk);
    }

    void remove(ServedDisk disk) {
        all.remove(disk);
    }

    /** In the order in which they came. */
    List<ServedDisk> all() {
        return List.copyOf(all);
    }

    /** Those that clients find. */
    List<Disk> shown() {
        return all.stream().filter(ServedDisk::isShown).map(ServedDisk::disk).toList();
    }

    @Nullable ServedDisk byUuid(UUID uuid) {
        for (ServedDisk each : all) {
            if (each.disk().record().uuid().equals(uuid)) {
                return each;
            }
        }
        return null;
    }

    /** By name, UUID or device name. */
    @Nullable Disk byName(String name) {
        ServedDisk found = null;
        for (ServedDisk each : all) {
            if (each.isCalled(name)) {
                if (found != null) {
                    return null;
                }
                found = each;
            }
        }
        return found == null ? null : found.disk();
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

    /** Stops the actors of all of them; those that leave are stopping already. */
    CompletableFuture<Void> stopAll(Duration limit) {
        return CompletableFuture.allOf(
                all.stream().map(each -> stop(each, limit)).toArray(CompletableFuture[]::new));
    }

    private static CompletableFuture<?> stop(ServedDisk each, Duration limit) {
        CompletableFuture<?> closing = each.closing();
        return closing != null ? closing : each.disk().stop(limit).toCompletableFuture();
    }

    /** Closes the images of all of them; all are tried. */
    void closeAll(Duration limit) throws Exception {
        List<Exception> failures = new ArrayList<>();
        for (ServedDisk each : all()) {
            try {
                each.disk().close(limit);
            } catch (Exception e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            Exception first = failures.get(0);
            failures.stream().skip(1).forEach(first::addSuppressed);
            throw first;
        }
    }
}
