package io.chainring.node.service;

import io.chainring.gateway.nbd.NbdServer;
import io.chainring.host.registry.RegisteredDisk;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.data.DiskRecord;
import io.chainring.node.disk.DiskStatus;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the registry, the list of disks and the served disk say, as one entry. */
final class DiskEntries {
    private DiskEntries() {}

    /**
     * @param served null when the disk is not
     * @param gateway null when there is none yet
     */
    static DiskEntry of(
            RegisteredDisk registered,
            DiskRecord record,
            @Nullable ServedDisk served,
            @Nullable NbdServer gateway) {
        boolean holds = registered.state().holdsName();
        String deviceName = registered.deviceName().toString();
        DiskStatus status = served == null ? null : served.disk().status();
        return new DiskEntry(
                record.name(),
                record.uuid().toString(),
                holds ? deviceName : null,
                holds ? registered.deviceName().value() : null,
                holds ? registered.identifier().toString() : null,
                registered.generation(),
                registered.state().name().toLowerCase(Locale.ROOT),
                holds ? null : deviceName,
                status == null ? "" : status.state(),
                served == null || gateway == null
                        ? 0
                        : gateway.connections(served.disk().service()),
                status == null ? 0 : status.inFlight(),
                record.path().toString(),
                status == null ? record.sizeBytes() : status.sizeBytes(),
                record.journal());
    }
}
