package io.chainring.node.service;

import io.chainring.gateway.nbd.NbdServer;
import io.chainring.host.registry.RegisteredDisk;
import io.chainring.node.StartException;
import io.chainring.node.control.DiskEntry;
import io.chainring.node.control.DiskRefusedException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How disks come and go while a node runs, whatever the command. Used on the thread of the disk commands.
 *
 * <p>The wait for chains in flight does not hold up other commands: a storage that does not answer keeps one disk, not
 * all.
 */
final class DiskTurnover {
    private static final Logger LOG = LoggerFactory.getLogger(DiskTurnover.class);

    /** Chains in flight have all the time that they need; who waits for them has not. */
    private static final Duration UNBOUNDED = Duration.ofDays(20);

    private final Registry registry;
    private final DiskStarter starter;
    private final ServedDisks served;
    private final Duration stopLimit;
    private final DiskThreads threads;
    private volatile @Nullable NbdServer gateway;

    /**
     * @param stopLimit how long who asked for it waits until a disk has gone
     */
    DiskTurnover(
            Registry registry,
            DiskStarter starter,
            ServedDisks served,
            Duration stopLimit,
            DiskThreads threads) {
        this.registry = registry;
        this.starter = starter;
        this.served = served;
        this.stopLimit = stopLimit;
        this.threads = threads;
    }

    /** Where clients are; before that there are none. */
    void gateway(NbdServer server) {
        gateway = server;
    }

    @Nullable NbdServer gateway() {
        return gateway;
    }

    /** What is done between the open image and the actors. */
    interface Step {
        void run() throws StartException;
    }

    /** From an open image to a disk that clients find. What fails closes the image. */
    void bringUp(DiskOpener.OpenDisk image, RegisteredDisk held, Step before)
            throws StartException, DiskRefusedException {
        ServedDisk disk = null;
        try {
            before.run();
            disk = starter.start(image, held);
            served.add(disk);
            starter.await(disk.disk(), starter.deadlineNanos());
            disk.registered(registry.attached(held));
            disk.show(true);
        } finally {
            if (disk == null) {
                threads.closeQuietly(image);
            } else if (!disk.isShown()) {
                var unused = leave(disk);
            }
        }
        LOG.info(
                "Disk {} is inserted as {}, generation {}",
                held.diskName(),
                held.deviceName(),
                held.generation());
    }

    /** Gives a name back of a disk of which nothing runs; should that fail, it is done at the next start. */
    void release(RegisteredDisk held) {
        try {
            registry.release(held);
        } catch (DiskRefusedException e) {
            LOG.warn("Disk {} keeps {}: {}", held.diskName(), held.deviceName(), e.getMessage());
        }
    }

    /** Clients find it no longer; with clients connected it stays as it is, unless it is forced. */
    void withdraw(ServedDisk disk, boolean force) throws DiskRefusedException {
        boolean wasShown = disk.isShown();
        disk.show(false);
        NbdServer server = gateway;
        int clients = server == null ? 0 : server.connections(disk.disk().service());
        if (clients > 0 && !force) {
            disk.show(wasShown);
            throw new DiskRefusedException(
                    "disk "
                            + disk.disk().record().name()
                            + " has "
                            + clients
                            + (clients == 1 ? " client" : " clients")
                            + " connected; disconnect first, or close the connections with --force");
        }
    }

    /** What is done when a disk has gone, and its outcome. */
    interface Continuation {
        DiskEntry run() throws DiskRefusedException, StartException;
    }

    /**
     * Takes a disk that was withdrawn away, then goes on.
     *
     * @param answer gets the outcome, or, when that takes too long, a refusal that says what is waited for
     */
    void takeAway(ServedDisk disk, CompletableFuture<DiskEntry> answer, Continuation next) {
        NbdServer server = gateway;
        if (server != null) {
            server.disconnect(disk.disk().service());
        }
        var unused = threads.after(leave(disk), failure -> goOn(disk, failure, answer, next));
        CompletableFuture.delayedExecutor(stopLimit.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> answer.completeExceptionally(stillThere(disk)));
    }

    /** Its chains finish, its image is flushed and closed. */
    private CompletableFuture<@Nullable Void> leave(ServedDisk disk) {
        CompletableFuture<@Nullable Void> gone = disk.gone();
        if (gone == null) {
            CompletableFuture<@Nullable Void> closing =
                    threads.close(disk.disk().stop(UNBOUNDED), disk.disk(), stopLimit);
            gone =
                    threads.first(
                            closing,
                            () -> {
                                served.remove(disk);
                                starter.hide(disk.disk());
                            });
            disk.leaving(closing, gone);
        }
        return gone;
    }

    private static void goOn(
            ServedDisk disk,
            @Nullable Throwable failure,
            CompletableFuture<DiskEntry> answer,
            Continuation next) {
        try {
            DiskEntry entry = next.run();
            if (failure == null) {
                answer.complete(entry);
            } else {
                answer.completeExceptionally(notFlushed(disk, failure));
            }
        } catch (DiskRefusedException e) {
            answer.completeExceptionally(e);
        } catch (StartException e) {
            answer.completeExceptionally(
                    new DiskRefusedException(String.valueOf(e.getMessage()), e));
        }
    }

    private static DiskRefusedException notFlushed(ServedDisk disk, Throwable failure) {
        LOG.error("Image of disk {} was not closed well", disk.disk().record().name(), failure);
        return new DiskRefusedException(
                "disk "
                        + disk.disk().record().name()
                        + " was taken away, but its image could not be flushed ("
                        + failure.getMessage()
                        + "): what was written last may be lost",
                failure);
    }

    private static DiskRefusedException stillThere(ServedDisk disk) {
        return new DiskRefusedException(
                "disk "
                        + disk.disk().record().name()
                        + " still has "
                        + disk.disk().status().inFlight()
                        + " chains in flight; it goes, and its name is free, when the last one has ended"
                        + " ('chainring disk ls')");
    }
}
