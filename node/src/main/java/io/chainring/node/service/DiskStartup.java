package io.chainring.node.service;

import io.chainring.host.registry.DiskState;
import io.chainring.host.registry.RegisteredDisk;
import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.DiskRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the disks of a node up at its start: what the registry and the list of disks say is made to agree, then the
 * disks that hold a name are served, and those that were asked for by name.
 *
 * <pre>
 *   list of disks   registry       at the start
 *   has it          knows nothing  new, or of a time without registry: inserted
 *   has it          RESERVED       its insert was cut short: served under the name that it has
 *   has it          INSERTED       served, same name, same generation
 *   has it          DETACHING      its eject was cut short; nothing of it runs any more: Free
 *   has it          FREE           stays away
 *   has it not      any            its create was never answered, or it was taken out of the list: forgotten
 * </pre>
 *
 * Where the two call a disk differently a rename was cut short, and the registry is right: it is the one that was asked
 * first.
 */
final class DiskStartup {
    private static final Logger LOG = LoggerFactory.getLogger(DiskStartup.class);

    private final DataDirectory data;
    private final Registry registry;
    private final DiskOpener opener;
    private final DiskStarter starter;
    private final ServedDisks served;
    private final Map<UUID, RegisteredDisk> known = new HashMap<>();
    private final List<RegisteredDisk> given = new ArrayList<>();

    DiskStartup(
            DataDirectory data,
            Registry registry,
            DiskOpener opener,
            DiskStarter starter,
            ServedDisks served) {
        this.data = data;
        this.registry = registry;
        this.opener = opener;
        this.starter = starter;
        this.served = served;
    }

    /**
     * Returns when all of them serve.
     *
     * @param requests named on the command line
     * @param defaultDiskBytes size of the disk that is made when there is none at all
     * @throws StartException one line
     */
    void run(List<DiskRequest> requests, long defaultDiskBytes) throws StartException {
        try {
            agree();
            for (DiskOpener.OpenDisk image : opener.open(requests, defaultDiskBytes, away())) {
                start(image);
            }
            long deadline = starter.deadlineNanos();
            for (ServedDisk each : served.all()) {
                starter.await(each.disk(), deadline);
                each.registered(registry.attached(each.registered()));
                each.show(true);
            }
        } catch (DiskRefusedException e) {
            throw new StartException(e);
        }
    }

    /** The start has failed: names that it gave are free again. */
    void takeBack() throws DiskRefusedException {
        for (RegisteredDisk disk : given) {
            registry.release(disk);
            if (!known.containsKey(disk.uuid())) {
                registry.forget(disk.uuid());
            }
        }
    }

    private void agree() throws StartException, DiskRefusedException {
        for (RegisteredDisk disk : registry.listNow()) {
            DiskRecord record = data.disk(disk.uuid());
            if (record == null) {
                LOG.info("Disk {} is not in the list of disks: forgotten", disk.diskName());
                registry.release(disk);
                registry.forget(disk.uuid());
                continue;
            }
            if (!record.name().equals(disk.diskName())) {
                LOG.warn(
                        "Disk {} of the list of disks is called {} by the registry: so it is called",
                        record.name(),
                        disk.diskName());
                data.put(record.withName(disk.diskName()));
            }
            boolean leaving = disk.state() == DiskState.DETACHING;
            known.put(disk.uuid(), leaving ? registry.detached(disk) : disk);
        }
    }

    private Set<UUID> away() {
        Set<UUID> away = new HashSet<>();
        for (RegisteredDisk disk : known.values()) {
            if (!disk.state().holdsName()) {
                away.add(disk.uuid());
            }
        }
        return away;
    }

    private void start(DiskOpener.OpenDisk image) throws StartException, DiskRefusedException {
        DiskRecord record = image.record();
        boolean started = false;
        try {
            RegisteredDisk held = known.get(record.uuid());
            if (held == null || !held.state().holdsName()) {
                held = registry.insert(record.uuid(), record.name(), null);
                given.add(held);
            }
            served.add(starter.start(image, held));
            started = true;
        } finally {
            if (!started) {
                close(image);
            }
        }
    }

    private static void close(DiskOpener.OpenDisk image) {
        try {
            image.store().close();
        } catch (IOException e) {
            LOG.warn("{} cannot be closed: {}", image.record().path(), e.getMessage());
        }
    }
}
