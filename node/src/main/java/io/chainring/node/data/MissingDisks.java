package io.chainring.node.data;

import io.chainring.base.text.Printable;
import io.chainring.node.StartException;
import io.chainring.registry.rules.RegisteredDisk;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disks that the view of the last run has and the registry of this one has not. The view shows a disk only after the registry
 * has taken it, and no longer before the registry forgets it; so the registry has lost them: its journal was repaired after
 * damage, restored from an older copy, or lost its end with the power (fsync off).
 *
 * <p>They are not taken back: whether their names may still be theirs is not known here. Their images are where they were.
 */
public final class MissingDisks {
    private static final Logger LOG = LoggerFactory.getLogger(MissingDisks.class);

    /** So many are told one by one. */
    private static final int TOLD = 20;

    private MissingDisks() {}

    /**
     * Looks for them, says which and what to do, and keeps the view that names them. At a start, before the view is written.
     *
     * @param known all disks of the registry
     * @return how many there are
     */
    public static int tell(DataDirectory data, List<RegisteredDisk> known) {
        List<ListedDisk> missing;
        try {
            missing = missing(data.view(), known);
        } catch (StartException e) {
            LOG.warn("Whether the disk registry has lost disks is not known: {}", e.getMessage());
            return 0;
        }
        if (missing.isEmpty()) {
            return 0;
        }
        String kept;
        try {
            kept = "the list of before is kept as " + data.keepView();
        } catch (IOException e) {
            kept = "the list of before cannot be kept: " + e.getMessage();
        }
        LOG.error(
                "The disk registry has lost {} disks that the last run had (its journal was repaired, restored or cut off), "
                        + "and may give their names to others; {}. Each comes back with: chainring disk create NAME --path IMAGE",
                missing.size(),
                kept);
        for (ListedDisk disk : missing.subList(0, Math.min(TOLD, missing.size()))) {
            LOG.error(
                    "Lost: disk {}, UUID {}, image {}",
                    disk.name(),
                    disk.uuid(),
                    Printable.name(data.paths().here(disk.storage()).path()));
        }
        return missing.size();
    }

    private static List<ListedDisk> missing(List<ListedDisk> shown, List<RegisteredDisk> known) {
        Set<UUID> there = new HashSet<>();
        known.forEach(disk -> there.add(disk.uuid()));
        return shown.stream()
                .filter(disk -> disk.uuid() != null && !there.contains(disk.uuid()))
                .toList();
    }
}
