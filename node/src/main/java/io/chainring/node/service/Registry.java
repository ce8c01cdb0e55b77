package io.chainring.node.service;

import io.chainring.host.Ask;
import io.chainring.node.StartException;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.data.StoredPaths;
import io.chainring.node.disk.Disk;
import io.chainring.registry.DiskRegistry;
import io.chainring.registry.RegistryKilledException;
import io.chainring.registry.RegistrySetup;
import io.chainring.registry.rules.DiskState;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.registry.rules.LookupAnswer;
import io.chainring.registry.rules.LookupKey;
import io.chainring.registry.rules.RegisteredDisk;
import io.chainring.registry.rules.RegistryAnswer;
import io.chainring.registry.rules.RegistryRequest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.japi.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's disk registry, as futures. A request whose answer does not come is sent again with its id: the
 * registry may have died between its journal and its answer (scenario R2).
 */
final class Registry {
    private static final Duration TRY_LIMIT = Duration.ofSeconds(5);
    private static final int TRIES = 4;
    private static final String SILENT = "the disk registry does not answer; the log says why";

    /** Between two tries: one may fail at once, when nobody is there to be asked. */
    private static final Executor PAUSE =
            CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);

    private static final Logger LOG = LoggerFactory.getLogger(Registry.class);

    private final ActorSystem<?> system;
    private final ActorRef<DiskRegistry.Command> registry;
    private final StoredPaths paths;

    private Registry(
            ActorSystem<?> system, ActorRef<DiskRegistry.Command> registry, StoredPaths paths) {
        this.system = system;
        this.registry = registry;
        this.paths = paths;
    }

    /**
     * Starts the node's registry on its journal.
     *
     * @param paths as they are kept there; everybody else has them as they are on this machine
     */
    static Registry start(ActorSystem<?> system, RegistrySetup setup, StoredPaths paths) {
        return new Registry(
                system,
                system.systemActorOf(
                        DiskRegistry.create(setup), "chainring-registry", Props.empty()),
                paths);
    }

    /**
     * Sends a request, with its id, until it is answered or the node has ended: what did not answer may have journaled it.
     * Fails with {@link DiskRefusedException}.
     *
     * @param late runs once when the answer takes long
     */
    CompletableFuture<RegisteredDisk> tell(RegistryRequest request, Runnable late) {
        return tell(kept(request), late, 1).thenCompose(this::accepted);
    }

    /** As {@link #tell(RegistryRequest, Runnable)}, but an answer that takes long is a failure: at a start. */
    CompletableFuture<RegisteredDisk> tellAtStart(RegistryRequest request) {
        CompletableFuture<RegisteredDisk> answer = new CompletableFuture<>();
        var unused =
                tell(request, () -> answer.completeExceptionally(new DiskRefusedException(SILENT)))
                        .whenComplete(
                                (disk, failure) -> {
                                    if (failure == null) {
                                        answer.complete(disk);
                                    } else {
                                        answer.completeExceptionally(failure);
                                    }
                                });
        return answer;
    }

    private CompletableFuture<RegistryAnswer> tell(
            RegistryRequest request, Runnable late, int tried) {
        return Ask.<DiskRegistry.Command, RegistryAnswer>of(
                        registry,
                        replyTo -> new DiskRegistry.Ask(request, replyTo),
                        TRY_LIMIT,
                        system.scheduler())
                .exceptionallyCompose(
                        failure -> {
                            if (system.whenTerminated().isCompleted()) {
                                return CompletableFuture.failedFuture(
                                        new DiskRefusedException(DiskTexts.NODE_ENDS, failure));
                            }
                            if (tried == TRIES) {
                                LOG.warn(
                                        "The disk registry has not answered {} times within {} s; it is asked on: {}",
                                        tried,
                                        TRY_LIMIT.toSeconds(),
                                        request);
                                late.run();
                            }
                            return CompletableFuture.completedFuture(tried + 1)
                                    .thenComposeAsync(again -> tell(request, late, again), PAUSE);
                        });
    }

    private RegistryRequest kept(RegistryRequest request) {
        if (request instanceof RegistryRequest.Insert insert && insert.storage() != null) {
            return insert.at(paths.kept(insert.storage()));
        }
        return request instanceof RegistryRequest.Locate locate
                ? new RegistryRequest.Locate(locate.uuid(), paths.kept(locate.storage()))
                : request;
    }

    private RegisteredDisk here(RegisteredDisk disk) {
        DiskStorage kept = disk.storage();
        return kept == null
                ? disk
                : disk.with(disk.state(), disk.changedAtMillis(), paths.here(kept));
    }

    private CompletableFuture<RegisteredDisk> accepted(RegistryAnswer answer) {
        return answer instanceof RegistryAnswer.Accepted accepted
                ? CompletableFuture.completedFuture(here(accepted.disk()))
                : CompletableFuture.failedFuture(
                        new DiskRefusedException(
                                ((RegistryAnswer.Refused) answer).reason().message()));
    }

    /** Kills it wherever it is; it comes back by its journal. */
    void kill(RegistryKilledException of) {
        registry.tell(new DiskRegistry.Die(of));
    }

    /** All disks that it knows, by disk name. */
    CompletableFuture<List<RegisteredDisk>> list() {
        return this.<DiskRegistry.Disks>ask(DiskRegistry.ListDisks::new, TRIES)
                .thenApply(known -> known.disks().stream().map(this::here).toList());
    }

    /** What the disks that it knows are called in a journal. */
    Set<String> persistenceIds(int journal) throws StartException {
        Set<String> ids = new HashSet<>();
        for (RegisteredDisk disk : await(list())) {
            DiskStorage storage = disk.storage();
            if (storage != null && storage.journal() == journal) {
                ids.add(Disk.persistenceId(storage));
            }
        }
        return ids;
    }

    /**
     * Has all paths kept as they are kept today: registries of earlier programs have absolute ones throughout. At a start.
     *
     * @throws StartException one line
     */
    void keepPaths() throws StartException {
        List<RegisteredDisk> all =
                await(
                        this.<DiskRegistry.Disks>ask(DiskRegistry.ListDisks::new, TRIES)
                                .thenApply(DiskRegistry.Disks::disks));
        for (RegisteredDisk disk : all) {
            DiskStorage storage = disk.storage();
            if (storage != null && !paths.kept(storage).equals(storage)) {
                await(tellAtStart(new RegistryRequest.Locate(disk.uuid(), storage)));
            }
        }
    }

    /**
     * Takes a disk's name away, which nobody serves. At a start.
     *
     * @throws StartException one line
     */
    void free(RegisteredDisk disk) throws StartException {
        RegisteredDisk leaving = disk;
        if (leaving.state() != DiskState.FREE && leaving.state() != DiskState.DETACHING) {
            leaving = await(tellAtStart(new RegistryRequest.Eject(disk.uuid(), requestId())));
        }
        if (leaving.state() == DiskState.DETACHING) {
            await(tellAtStart(new RegistryRequest.Detached(leaving.uuid(), leaving.insertion())));
        }
    }

    /** One that was never used before. */
    static String requestId() {
        return UUID.randomUUID().toString();
    }

    /** The disk of a key. Fails with {@link DiskRefusedException} when there is none. */
    CompletableFuture<RegisteredDisk> find(String key) {
        return this.<LookupAnswer>ask(
                        replyTo -> new DiskRegistry.Lookup(new LookupKey.ByText(key), replyTo),
                        TRIES)
                .thenCompose(this::found);
    }

    private CompletableFuture<RegisteredDisk> found(LookupAnswer answer) {
        return answer instanceof LookupAnswer.Found found
                ? CompletableFuture.completedFuture(here(found.disk()))
                : CompletableFuture.failedFuture(
                        new DiskRefusedException(((LookupAnswer.NotFound) answer).message()));
    }

    private <T> CompletableFuture<T> ask(
            Function<ActorRef<T>, DiskRegistry.Command> question, int tries) {
        return Ask.<DiskRegistry.Command, T>of(registry, question, TRY_LIMIT, system.scheduler())
                .exceptionallyCompose(
                        failure ->
                                tries > 1
                                        ? ask(question, tries - 1)
                                        : CompletableFuture.failedFuture(
                                                new DiskRefusedException(SILENT, failure)));
    }

    /**
     * Waits for an answer, at a start.
     *
     * @throws StartException when it is a refusal
     */
    static <T> T await(CompletableFuture<T> answer) throws StartException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw new StartException(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("the start was interrupted", e);
        }
    }
}
