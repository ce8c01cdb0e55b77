package io.chainring.node.service;

import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.registry.rules.RegisteredDisk;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first start of a copied data directory: disks whose images lie outside of it are the original's, and are ejected before
 * anything is opened. Cut short anywhere, it is done again when the copy is said to be one again.
 */
final class NewCopy {
    private static final Logger LOG = LoggerFactory.getLogger(NewCopy.class);

    private NewCopy() {}

    /** Does nothing when the directory is no new copy. */
    static void separate(DataDirectory data, Registry registry) throws StartException {
        if (!data.isNewCopy()) {
            return;
        }
        for (RegisteredDisk disk : Registry.await(registry.list())) {
            if (disk.state().holdsName() && !data.paths().isInside(DiskKeeping.storage(disk))) {
                registry.free(disk);
                LOG.warn(
                        "Disk {} is not served: its image {} lies outside of this copy and is the original's;"
                                + " insert it once it is not served there any more",
                        disk.diskName(),
                        DiskKeeping.storage(disk).path());
            }
        }
        data.separated();
    }
}
