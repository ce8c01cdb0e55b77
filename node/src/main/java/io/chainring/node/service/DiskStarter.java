package io.chainring.node.service;

import io.chainring.host.registry.RegisteredDisk;
import io.chainring.node.StartException;
import io.chainring.node.disk.Disk;
import io.chainring.node.disk.DiskEvents;
import io.chainring.node.disk.NodeGuardian;
import io.chainring.node.loop.EventLoops;
import io.chainring.node.metrics.NodeMetrics;
import io.chainring.ring.supervise.RingSettings;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;

/** Makes a served disk of an open image: journal, loop, actors, meters. */
final class DiskStarter {
    private final ActorSystem<NodeGuardian.Command> system;
    private final EventLoops loops;
    private final Journals journals;
    private final NodeSettings settings;
    private final @Nullable NodeMetrics metrics;

    /**
     * @param metrics null when nobody looks at them
     */
    DiskStarter(
            ActorSystem<NodeGuardian.Command> system,
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
    ServedDisk start(DiskOpener.OpenDisk image, RegisteredDisk registered) throws StartException {
        String name = image.record().name();
        int journal = image.record().journal();
        RingSettings ring = settings.ring();
        ring = ring.withJournal(journals.choose(journal, ring.journal().snapshotEveryTurns()));
        Disk disk =
                Disk.start(
                        system,
                        new Disk.Parts(
                                image.record(),
                                image.store(),
                                registered.identifier().toString(),
                                ring,
                                settings.host(),
                                loops,
                                journals.loopOf(journal),
                                metrics == null ? DiskEvents.NONE : metrics.eventsOf(name)));
        if (metrics != null) {
            metrics.show(disk);
        }
        return new ServedDisk(disk, registered);
    }

    /** Its meters are not shown any longer. */
    void hide(Disk disk) {
        if (metrics != null) {
            metrics.hide(disk.record().name());
        }
    }

    /** End of the time that a disk has to come up. */
    long deadlineNanos() {
        return System.nanoTime() + settings.startLimit().toNanos();
    }

    /** Waits until a disk serves. */
    void await(Disk disk, long deadlineNanos) throws StartException {
        String name = disk.record().name();
        try {
            disk.serving()
                    .toCompletableFuture()
                    .get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new StartException(
                    "disk "
                            + name
                            + " has not come up within "
                            + settings.startLimit().toSeconds()
                            + " s; run with -v to see why, or raise chainring.node.start-limit",
                    e);
        } catch (ExecutionException e) {
            throw new StartException("disk " + name + " cannot be started: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("the start was interrupted", e);
        }
    }
}
