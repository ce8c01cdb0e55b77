package io.chainring.node.service;

import io.chainring.host.registry.RegisteredDisk;
import io.chainring.node.disk.Disk;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A disk while the node has it open.
 *
 * <pre>
 *   coming (hidden) --serves--> shown --eject, rename--> hidden --no client, or force--> leaving --> closed
 *                                 ^                         |
 *                                 +------- refused ---------+
 * </pre>
 *
 * Changed on the thread of the disk commands only; read by any.
 */
final class ServedDisk {
    private final Disk disk;
    private volatile RegisteredDisk registered;
    private volatile boolean shown;
    private volatile @Nullable CompletableFuture<@Nullable Void> closing;
    private volatile @Nullable CompletableFuture<@Nullable Void> gone;

    /**
     * @param registered as it was when the disk was opened
     */
    ServedDisk(Disk disk, RegisteredDisk registered) {
        this.disk = disk;
        this.registered = registered;
    }

    Disk disk() {
        return disk;
    }

    RegisteredDisk registered() {
        return registered;
    }

    void registered(RegisteredDisk present) {
        registered = present;
    }

    /** True when clients find it. */
    boolean isShown() {
        return shown;
    }

    void show(boolean toClients) {
        shown = toClients;
    }

    /** Complete when its image is closed; null when it is not leaving. */
    @Nullable CompletableFuture<@Nullable Void> closing() {
        return closing;
    }

    /** Complete when the node has it open no more; null when it is not leaving. */
    @Nullable CompletableFuture<@Nullable Void> gone() {
        return gone;
    }

    void leaving(
            CompletableFuture<@Nullable Void> imageClosed,
            CompletableFuture<@Nullable Void> nodeHasItNoMore) {
        closing = imageClosed;
        gone = nodeHasItNoMore;
    }

    /** True when an export of that name is this disk: by its name, its UUID or its device name. */
    boolean isCalled(String name) {
        return disk.record().name().equals(name)
                || registered.uuid().toString().equalsIgnoreCase(name)
                || registered.deviceName().toString().equals(name);
    }
}
