package io.chainring.node.service;

import io.chainring.gateway.nbd.NbdServer;
import io.chainring.host.registry.DiskState;
import io.chainring.host.registry.RegisteredDisk;
import io.chainring.node.StartException;
import io.chainring.node.control.DiskControl;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.DiskRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk commands of a running node. One is carried out at a time, on a thread of its own, in an order of steps that a
 * death between any two of them leaves in a state that {@link DiskStartup} knows:
 *
 * <pre>
 *   create  registry: Reserved -> image -> list of disks -> actors serve -> registry: Inserted -> clients find it
 *   insert  registry: Reserved -> image ----------------> actors serve -> registry: Inserted -> clients find it
 *   eject   clients do not find it -> none is connected, or force -> registry: Detaching
 *           -> connections closed -> chains in flight finish -> flush, close -> registry: Free
 *   rename  as eject up to the close, but Inserted all the while -> registry: renamed -> list of disks -> as insert
 *   forget  Free only: list of disks -> registry
 *   resize  image grows -> backend knows -> list of disks
 * </pre>
 */
final class DiskService implements DiskControl {
    private static final Logger LOG = LoggerFactory.getLogger(DiskService.class);

    private final DataDirectory data;
    private final Registry registry;
    private final DiskOpener opener;
    private final ServedDisks served;
    private final DiskThreads threads = new DiskThreads();
    private final DiskTurnover turnover;

    /**
     * @param stopLimit how long who ejects waits for chains in flight
     */
    DiskService(
            DataDirectory data,
            Registry registry,
            DiskOpener opener,
            DiskStarter starter,
            ServedDisks served,
            Duration stopLimit) {
        this.data = data;
        this.registry = registry;
        this.opener = opener;
        this.served = served;
        this.turnover = new DiskTurnover(registry, starter, served, stopLimit, threads);
    }

    /** Where clients are; before that there are none. */
    void gateway(NbdServer server) {
        turnover.gateway(server);
    }

    @Override
    public CompletionStage<List<DiskEntry>> list() {
        return registry.list().thenApply(this::entries);
    }

    private List<DiskEntry> entries(List<RegisteredDisk> registered) {
        Map<UUID, RegisteredDisk> byUuid = new HashMap<>();
        registered.forEach(disk -> byUuid.put(disk.uuid(), disk));
        List<DiskEntry> entries = new ArrayList<>();
        for (DiskRecord record : data.disks()) {
            RegisteredDisk disk = byUuid.get(record.uuid());
            if (disk != null) {
                entries.add(entry(disk, record));
            }
        }
        return entries;
    }

    private DiskEntry entry(RegisteredDisk registered, DiskRecord record) {
        return DiskEntries.of(registered, record, served.byUuid(record.uuid()), turnover.gateway());
    }

    @Override
    public CompletionStage<DiskEntry> lookup(String key) {
        return registry.lookup(key)
                .thenApply(
                        answer -> {
                            try {
                                RegisteredDisk found = Registry.found(answer);
                                return entry(found, record(found));
                            } catch (DiskRefusedException e) {
                                throw new CompletionException(e);
                            }
                        });
    }

    private DiskRecord record(RegisteredDisk disk) throws DiskRefusedException {
        DiskRecord record = data.disk(disk.uuid());
        if (record == null) {
            throw new DiskRefusedException("disk " + disk.diskName() + " is being made");
        }
        return record;
    }

    @Override
    public CompletionStage<DiskEntry> create(
            String name, @Nullable Path path, long sizeBytes, @Nullable String deviceName) {
        return threads.command(() -> createNow(name, path, sizeBytes, deviceName));
    }

    private DiskEntry createNow(
            String name, @Nullable Path path, long sizeBytes, @Nullable String deviceName)
            throws DiskRefusedException, StartException {
        DiskRequest request =
                new DiskRequest(name, path == null ? opener.ownImage(name) : path, sizeBytes);
        if (data.disk(name) != null) {
            throw new DiskRefusedException("there is a disk " + name + " already");
        }
        RegisteredDisk held = registry.insert(UUID.randomUUID(), name, deviceName);
        boolean made = false;
        try {
            DiskOpener.OpenDisk image = opener.openNew(request, held.uuid(), List.of());
            turnover.bringUp(image, held, () -> data.put(image.record()));
            made = true;
        } finally {
            if (!made) {
                undoCreate(held);
            }
        }
        return present(held.uuid());
    }

    private void undoCreate(RegisteredDisk held) {
        try {
            data.remove(held.uuid());
            registry.release(held);
            registry.forget(held.uuid());
        } catch (DiskRefusedException | StartException e) {
            LOG.warn("Disk {} is forgotten at the next start: {}", held.diskName(), e.getMessage());
        }
    }

    private DiskEntry present(UUID uuid) throws DiskRefusedException {
        RegisteredDisk disk = registry.find(uuid.toString());
        return entry(disk, record(disk));
    }

    @Override
    public CompletionStage<DiskEntry> insert(String key, @Nullable String deviceName) {
        return threads.command(() -> insertNow(key, deviceName));
    }

    private DiskEntry insertNow(String key, @Nullable String deviceName)
            throws DiskRefusedException, StartException {
        RegisteredDisk known = registry.find(key);
        DiskRecord record = record(known);
        ServedDisk present = served.byUuid(known.uuid());
        if (present != null && present.gone() != null) {
            throw busy(known);
        }
        RegisteredDisk held = registry.insert(known.uuid(), known.diskName(), deviceName);
        if (present == null) {
            boolean inserted = false;
            try {
                DiskOpener.OpenDisk image = opener.openKnown(record, 0);
                turnover.bringUp(image, held, () -> data.put(image.record()));
                inserted = true;
            } finally {
                if (!inserted) {
                    turnover.release(held);
                }
            }
        }
        return present(known.uuid());
    }

    @Override
    public CompletionStage<DiskEntry> eject(String key, boolean force) {
        CompletableFuture<DiskEntry> answer = new CompletableFuture<>();
        return begun(answer, threads.command(() -> eject(key, force, answer)));
    }

    private boolean eject(String key, boolean force, CompletableFuture<DiskEntry> answer)
            throws DiskRefusedException {
        RegisteredDisk known = registry.find(key);
        ServedDisk disk = servedOf(known);
        if (disk.gone() != null && known.state() != DiskState.DETACHING) {
            throw busy(known);
        }
        turnover.withdraw(disk, force);
        RegisteredDisk detaching;
        try {
            detaching = registry.eject(known.uuid());
        } catch (DiskRefusedException e) {
            disk.show(disk.gone() == null);
            throw e;
        }
        disk.registered(detaching);
        turnover.takeAway(disk, answer, () -> detached(detaching));
        return true;
    }

    private static DiskRefusedException busy(RegisteredDisk disk) {
        if (disk.state() == DiskState.DETACHING) {
            return new DiskRefusedException(
                    "disk "
                            + disk.diskName()
                            + " is detaching; try again when its chains in flight have finished");
        }
        return new DiskRefusedException(
                "another command is taking disk " + disk.diskName() + " away; try again");
    }

    /** The answer comes when the command has come to its end, or at once when it has failed to begin. */
    private static CompletionStage<DiskEntry> begun(
            CompletableFuture<DiskEntry> answer, CompletableFuture<Boolean> begin) {
        var unused =
                begin.whenComplete(
                        (begun, failure) -> {
                            if (failure != null) {
                                answer.completeExceptionally(failure);
                            }
                        });
        return answer;
    }

    private DiskEntry detached(RegisteredDisk detaching) throws DiskRefusedException {
        RegisteredDisk free = registry.detached(detaching);
        LOG.info("Disk {} is ejected, {} is free", free.diskName(), free.deviceName());
        return entry(free, record(free));
    }

    private ServedDisk servedOf(RegisteredDisk known) throws DiskRefusedException {
        ServedDisk disk = served.byUuid(known.uuid());
        if (disk == null) {
            throw new DiskRefusedException(
                    "disk "
                            + known.diskName()
                            + " is not inserted; 'chainring disk insert' does that");
        }
        return disk;
    }

    @Override
    public CompletionStage<DiskEntry> rename(
            String key,
            @Nullable String newDiskName,
            @Nullable String newDeviceName,
            boolean force) {
        CompletableFuture<DiskEntry> answer = new CompletableFuture<>();
        NewNames names = new NewNames(newDiskName, newDeviceName);
        return begun(answer, threads.command(() -> rename(key, names, force, answer)));
    }

    /** Null: as it is. */
    private record NewNames(@Nullable String diskName, @Nullable String deviceName) {
        boolean changes(RegisteredDisk disk) {
            return (diskName != null && !diskName.equals(disk.diskName()))
                    || (deviceName != null && !deviceName.equals(disk.deviceName().toString()));
        }
    }

    private boolean rename(
            String key, NewNames names, boolean force, CompletableFuture<DiskEntry> answer)
            throws DiskRefusedException, StartException {
        RegisteredDisk known = registry.find(key);
        ServedDisk disk = served.byUuid(known.uuid());
        if (disk == null) {
            answer.complete(renameFree(known, names));
        } else if (disk.gone() != null) {
            throw busy(known);
        } else if (!names.changes(known)) {
            answer.complete(entry(known, record(known)));
        } else {
            turnover.withdraw(disk, force);
            turnover.takeAway(disk, answer, () -> renamed(known, names));
        }
        return true;
    }

    private DiskEntry renameFree(RegisteredDisk known, NewNames names)
            throws DiskRefusedException, StartException {
        if (names.deviceName() != null) {
            throw new DiskRefusedException(
                    "disk "
                            + known.diskName()
                            + " is "
                            + known.state().name().toLowerCase(Locale.ROOT)
                            + " and holds no device name; 'chainring disk insert "
                            + known.diskName()
                            + " --name "
                            + names.deviceName()
                            + "' gives it one");
        }
        RegisteredDisk renamed = registry.rename(known.uuid(), names.diskName(), null);
        data.put(record(renamed).withName(renamed.diskName()));
        return present(known.uuid());
    }

    /** Nothing of the disk runs: it comes back under the new name, or, where that is refused, under the old one. */
    private DiskEntry renamed(RegisteredDisk known, NewNames names)
            throws DiskRefusedException, StartException {
        RegisteredDisk held = known;
        DiskRefusedException refused = null;
        try {
            held = registry.rename(known.uuid(), names.diskName(), names.deviceName());
        } catch (DiskRefusedException e) {
            refused = e;
        }
        boolean up = false;
        try {
            DiskOpener.OpenDisk image =
                    opener.openKnown(record(known).withName(held.diskName()), 0);
            turnover.bringUp(image, held, () -> data.put(image.record()));
            up = true;
        } finally {
            if (!up) {
                turnover.release(held);
            }
        }
        if (refused != null) {
            throw refused;
        }
        return present(known.uuid());
    }

    @Override
    public CompletionStage<DiskEntry> forget(String key) {
        return threads.command(
                () -> {
                    RegisteredDisk known = registry.find(key);
                    if (known.state() != DiskState.FREE || served.byUuid(known.uuid()) != null) {
                        throw new DiskRefusedException(
                                "disk "
                                        + known.diskName()
                                        + " is "
                                        + known.state().name().toLowerCase(Locale.ROOT)
                                        + "; 'chainring disk eject' comes first");
                    }
                    DiskEntry last = entry(known, record(known));
                    data.remove(known.uuid());
                    registry.forget(known.uuid());
                    return last;
                });
    }

    @Override
    public CompletionStage<DiskEntry> resize(String key, long sizeBytes) {
        return threads.command(() -> resizeNow(key, sizeBytes));
    }

    private DiskEntry resizeNow(String key, long sizeBytes)
            throws DiskRefusedException, StartException {
        RegisteredDisk known = registry.find(key);
        ServedDisk disk = servedOf(known);
        if (known.state() != DiskState.INSERTED) {
            throw busy(known);
        }
        DiskGrowth.grow(disk.disk(), sizeBytes);
        data.put(record(known).withSizeBytes(sizeBytes));
        return present(known.uuid());
    }

    /** Takes no more commands, and waits for the one that is under way. */
    void close(Duration limit) throws InterruptedException, TimeoutException {
        threads.close(limit);
    }
}
