package io.chainring.node.service;

import io.chainring.host.disk.DiskListener;
import io.chainring.host.metrics.DiskMeters;
import io.chainring.host.store.BlockStore;
import io.chainring.node.StartException;
import io.chainring.node.disk.Disk;
import io.chainring.node.journals.Journals;
import io.chainring.node.loop.EventLoops;
import io.chainring.node.metrics.NodeMetrics;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.ring.supervise.RingSettings;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a running disk of an open image: journal, loop, actors, meters. */
final class DiskLauncher {
    private static final Logger LOG = LoggerFactory.getLogger(DiskLauncher.class);

    private final ActorSystem<?> system;
    private final EventLoops loops;
    private final Journals journals;
    private final NodeSettings settings;
    private final @Nullable NodeMetrics metrics;

    /**
     * @param metrics null when nobody looks at them
     */
    DiskLauncher(
            ActorSystem<?> system,
            EventLoops loops,
            Journals journals,
            NodeSettings settings,
            @Nullable NodeMetrics metrics) {
        this.system = system;
        this.loops = loops;
        this.journals = journals;
        this.settings = settings;
        this.metrics = metrics;
    }

    /**
     * Starts a disk's actors.
     *
     * @throws StartException when its journal cannot be opened
     */
    Disk launch(RegisteredDisk registered, BlockStore image) throws StartException {
        int journal = DiskKeeping.storage(registered).journal();
        RingSettings ring = settings.ring();
        if (settings.chaos()) {
            // Before it is opened, so that it can fail from its first record on.
            var unused = journals.faults(journal);
        }
        ring = ring.withJournal(journals.choose(journal, ring.journal().snapshotEveryTurns()));
        DiskMeters meters = metrics == null ? null : metrics.metersOf(registered.diskName());
        Disk disk =
                Disk.start(
                        system,
                        new Disk.Parts(
                                registered,
                                image,
                                ring,
                                settings.host(),
                                loops,
                                journals.loopOf(journal),
                                journals.problemOf(journal),
                                meters == null ? DiskListener.NONE : meters));
        if (settings.chaos()) {
            disk.killPoints().count();
        }
        if (meters != null) {
            disk.showIn(meters);
        }
        return disk;
    }

    /** Removes all that the journal knows of a disk that does not run; what cannot be removed is, at the next start. */
    void erase(RegisteredDisk registered) {
        DiskStorage storage = DiskKeeping.storage(registered);
        try {
            journals.erase(storage.journal(), List.of(Disk.persistenceId(storage)));
        } catch (Exception | Error e) {
            // Whoever forgets a disk does not want to hear that its journal is damaged.
            LOG.warn(
                    "The records of disk {} in journal {} are left to the next start: {}",
                    registered.diskName(),
                    storage.journal(),
                    e.getMessage());
        }
    }

    /** Its meters are not shown any longer. */
    void hide(Disk disk) {
        if (metrics != null) {
            metrics.hide(disk.name());
        }
    }

    /** Complete when a disk serves; fails with one line when it does not come up in time. */
    CompletableFuture<Done> serving(Disk disk) {
        long limitMillis = settings.startLimit().toMillis();
        return disk.serving()
                .toCompletableFuture()
                .orTimeout(limitMillis, TimeUnit.MILLISECONDS)
                .exceptionallyCompose(
                        failure -> CompletableFuture.failedFuture(notServing(disk, failure)));
    }

    private StartException notServing(Disk disk, Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        String problem = disk.journalProblem();
        if (cause instanceof TimeoutException && problem != null) {
            return new StartException(
                    "disk "
                            + disk.name()
                            + " has not come up, its journal cannot be written: "
                            + problem,
                    cause);
        }
        return cause instanceof TimeoutException
                ? new StartException(
                        String.format(
                                "disk %s has not come up within %s s; run with -v to see why, or raise "
                                        + "chainring.node.start-limit",
                                disk.name(), settings.startLimit().toSeconds()),
                        cause)
                : new StartException("disk " + disk.name() + " cannot be started: " + cause, cause);
    }
}
