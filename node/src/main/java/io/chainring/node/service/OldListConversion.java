package io.chainring.node.service;

import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.ListedDisk;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryRequest;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the list of disks of an older data directory over into the registry, once. What {@code disks.json} said is then an
 * attribute of each disk there; a disk that the registry knew and the list did not is forgotten, as it always was at a start.
 *
 * <p>Cut short anywhere it is done again by the next start: each step leaves alone what is done already, and the directory's
 * format changes last.
 */
final class OldListConversion {
    private static final Logger LOG = LoggerFactory.getLogger(OldListConversion.class);

    private final Registry registry;

    private OldListConversion(Registry registry) {
        this.registry = registry;
    }

    /** Does nothing when the directory is of the present format. */
    static void run(DataDirectory data, Registry registry) throws StartException {
        List<ListedDisk> listed = data.oldList();
        if (listed == null) {
            return;
        }
        new OldListConversion(registry).convert(listed);
        data.converted(Registry.await(registry.list()));
        if (!listed.isEmpty()) {
            LOG.info("{} disks of disks.json stand in the disk registry now", listed.size());
        }
    }

    private void convert(List<ListedDisk> listed) throws StartException {
        List<RegisteredDisk> known = Registry.await(registry.list());
        for (RegisteredDisk disk : known) {
            boolean gone = listed.stream().noneMatch(each -> disk.uuid().equals(each.uuid()));
            if (disk.storage() == null && gone) {
                LOG.info("Disk {} is not in the list of disks: forgotten", disk.diskName());
                forget(disk);
            }
        }
        for (ListedDisk disk : listed) {
            boolean done =
                    known.stream()
                            .anyMatch(
                                    each ->
                                            each.storage() != null
                                                    && each.storage().equals(disk.storage()));
            if (!done) {
                take(disk, known);
            }
        }
    }

    private void forget(RegisteredDisk disk) throws StartException {
        registry.free(disk);
        tell(new RegistryRequest.Forget(disk.uuid(), Registry.requestId()));
    }

    private void take(ListedDisk disk, List<RegisteredDisk> known) throws StartException {
        UUID uuid = disk.uuid();
        if (uuid != null && known.stream().anyMatch(each -> each.uuid().equals(uuid))) {
            tell(new RegistryRequest.Locate(uuid, disk.storage()));
        } else {
            tell(
                    new RegistryRequest.Insert(
                            uuid == null ? UUID.randomUUID() : uuid,
                            disk.name(),
                            null,
                            disk.storage(),
                            Registry.requestId()));
        }
    }

    private RegisteredDisk tell(RegistryRequest request) throws StartException {
        return Registry.await(registry.tellAtStart(request));
    }
}
