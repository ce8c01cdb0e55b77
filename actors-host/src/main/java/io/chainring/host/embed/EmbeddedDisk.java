package io.chainring.host.embed;

import io.chainring.host.Ask;
import io.chainring.host.HostWorkers;
import io.chainring.host.store.BlockStore;
import io.chainring.ring.backend.RingStatistics;
import io.chainring.ring.client.BlockClient;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.RingService;
import io.chainring.ring.supervise.SupervisorCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;

/** One disk of {@link Chainring}. Thread-safe. */
public final class EmbeddedDisk {
    private static final Duration DOOR_TIMEOUT = Duration.ofSeconds(10);

    private final ActorSystem<?> system;
    private final BlockStore store;
    private final HostWorkers workers;
    private final RingStatistics statistics;
    private final ActorRef<SupervisorCommand> supervisor;
    private final RingService service;
    private final int queueLimitRequests;
    private final Runnable released;

    EmbeddedDisk(
            ActorSystem<?> system,
            BlockStore store,
            HostWorkers workers,
            RingStatistics statistics,
            ActorRef<SupervisorCommand> supervisor,
            RingService service,
            int queueLimitRequests,
            Runnable released) {
        this.system = system;
        this.store = store;
        this.workers = workers;
        this.statistics = statistics;
        this.supervisor = supervisor;
        this.service = service;
        this.queueLimitRequests = queueLimitRequests;
        this.released = released;
    }

    /** A client with a ring of its own; its stages complete on the ActorSystem's default dispatcher. */
    public BlockClient openClient() {
        Executor callbacks = system.executionContext()::execute;
        return BlockClient.open(service, queueLimitRequests, callbacks);
    }

    /** The disk for clients that bring their own {@link io.chainring.ring.frontend.CompletionSink}. */
    public RingService service() {
        return service;
    }

    /** The supervisor's own protocol. */
    public ActorRef<SupervisorCommand> supervisor() {
        return supervisor;
    }

    /** What happened to the disk so far. */
    public RingStatistics statistics() {
        return statistics;
    }

    /**
     * Kills the disk's backend or host on purpose.
     *
     * @return whether there was one to kill: between death and restart there is not
     */
    public CompletionStage<Boolean> kill(SupervisorCommand.Target target, KillMode mode) {
        return Ask.of(
                supervisor,
                replyTo -> new SupervisorCommand.Kill(target, mode, replyTo),
                DOOR_TIMEOUT,
                system.scheduler());
    }

    /**
     * Closes all clients' rings, finishes what has begun, flushes and closes the store.
     *
     * @param timeout after which the stage fails; what has begun still finishes
     */
    public CompletionStage<Done> stop(Duration timeout) {
        return Ask.<SupervisorCommand, Done>of(
                        supervisor, SupervisorCommand.Stop::new, timeout, system.scheduler())
                .thenApplyAsync(
                        done -> {
                            release();
                            return done;
                        },
                        system.dispatchers().lookup(DispatcherSelector.blocking()));
    }

    private void release() {
        workers.close();
        try {
            if (!store.readOnly()) {
                store.flush();
            }
            store.close();
        } catch (IOException e) {
            throw new UncheckedIOException("disk " + service.name() + " did not close cleanly", e);
        } finally {
            released.run();
        }
    }
}
