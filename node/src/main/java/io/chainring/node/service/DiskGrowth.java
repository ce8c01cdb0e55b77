package io.chainring.node.service;

import io.chainring.host.store.BlockStore;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.disk.Disk;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Makes a disk larger while it is served, and never smaller. */
final class DiskGrowth {
    private static final Duration LIMIT = Duration.ofSeconds(15);

    private DiskGrowth() {}

    /**
     * Returns when clients that connect see the new size.
     *
     * @throws DiskRefusedException when it is smaller, no whole number of sectors, or does not fit the storage
     */
    static void grow(Disk disk, long sizeBytes) throws DiskRefusedException {
        String name = disk.record().name();
        long presentBytes = disk.capacityBytes();
        if (sizeBytes < presentBytes) {
            throw new DiskRefusedException(
                    "disk "
                            + name
                            + " has "
                            + presentBytes
                            + " bytes and is not made smaller: that would cut off data; copy what you need"
                            + " to a smaller disk");
        }
        if (sizeBytes % BlockStore.SECTOR_BYTES != 0) {
            throw new DiskRefusedException(
                    "a size of "
                            + sizeBytes
                            + " bytes is not a multiple of "
                            + BlockStore.SECTOR_BYTES);
        }
        try {
            disk.grow(sizeBytes).toCompletableFuture().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new DiskRefusedException(
                    "disk " + name + " cannot be made larger: " + e.getMessage(), e);
        } catch (ExecutionException | TimeoutException e) {
            throw new DiskRefusedException(
                    "disk "
                            + name
                            + " has "
                            + disk.capacityBytes()
                            + " bytes now, but its backend has not taken note; ask again when it serves",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DiskRefusedException("the node is ending", e);
        }
    }
}
