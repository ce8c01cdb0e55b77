package io.chainring.node.service;

import io.chainring.host.registry.DiskRegistry;
import io.chainring.host.registry.LookupAnswer;
import io.chainring.host.registry.LookupKey;
import io.chainring.host.registry.Refusal;
import io.chainring.host.registry.RegisteredDisk;
import io.chainring.host.registry.RegistryAnswer;
import io.chainring.host.registry.RegistryRequest;
import io.chainring.host.registry.RegistrySetup;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.disk.NodeGuardian;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.jspecify.annotations.Nullable;

/**
 * The node's disk registry, for code that may wait. A request whose answer does not come is sent again with its id: the
 * registry may have died between its journal and its answer (scenario R2).
 */
final class Registry {
    private static final Duration TRY_LIMIT = Duration.ofSeconds(5);
    private static final int TRIES = 4;

    private final ActorSystem<?> system;
    private final ActorRef<DiskRegistry.Command> registry;

    private Registry(ActorSystem<?> system, ActorRef<DiskRegistry.Command> registry) {
        this.system = system;
        this.registry = registry;
    }

    /** Starts the node's registry on its journal. */
    static Registry start(ActorSystem<NodeGuardian.Command> system, RegistrySetup setup) {
        return new Registry(
                system,
                wait(
                        AskPattern.<NodeGuardian.Command, ActorRef<DiskRegistry.Command>>ask(
                                system,
                                replyTo -> new NodeGuardian.StartRegistry(setup, replyTo),
                                Duration.ofSeconds(30),
                                system.scheduler())));
    }

    /** An id for a request, which its repetitions carry too. */
    private static String requestId() {
        return UUID.randomUUID().toString();
    }

    RegisteredDisk insert(UUID uuid, String diskName, @Nullable String deviceName)
            throws DiskRefusedException {
        return ask(new RegistryRequest.Insert(uuid, diskName, deviceName, requestId()));
    }

    RegisteredDisk attached(RegisteredDisk disk) throws DiskRefusedException {
        return ask(new RegistryRequest.Attached(disk.uuid(), disk.insertion()));
    }

    RegisteredDisk eject(UUID uuid) throws DiskRefusedException {
        return ask(new RegistryRequest.Eject(uuid, requestId()));
    }

    RegisteredDisk detached(RegisteredDisk disk) throws DiskRefusedException {
        return ask(new RegistryRequest.Detached(disk.uuid(), disk.insertion()));
    }

    RegisteredDisk rename(UUID uuid, @Nullable String diskName, @Nullable String deviceName)
            throws DiskRefusedException {
        return ask(new RegistryRequest.Rename(uuid, diskName, deviceName, requestId()));
    }

    void forget(UUID uuid) throws DiskRefusedException {
        ask(new RegistryRequest.Forget(uuid, requestId()));
    }

    /** From whatever state to Free: of a disk of which nothing runs. */
    RegisteredDisk release(RegisteredDisk disk) throws DiskRefusedException {
        return disk.state().holdsName() ? detached(eject(disk.uuid())) : disk;
    }

    /** All disks that it knows. */
    CompletionStage<List<RegisteredDisk>> list() {
        return this.<DiskRegistry.Disks>askOnce(DiskRegistry.ListDisks::new)
                .thenApply(DiskRegistry.Disks::disks);
    }

    /** All disks that it knows, for who may wait. */
    List<RegisteredDisk> listNow() throws DiskRefusedException {
        return repeat(this::list);
    }

    CompletionStage<LookupAnswer> lookup(String key) {
        return askOnce(replyTo -> new DiskRegistry.Lookup(new LookupKey.ByText(key), replyTo));
    }

    /**
     * The disk of a key, for who may wait.
     *
     * @throws DiskRefusedException when there is none
     */
    RegisteredDisk find(String key) throws DiskRefusedException {
        return found(repeat(() -> lookup(key)));
    }

    /**
     * What a lookup has found.
     *
     * @throws DiskRefusedException when it has found nothing
     */
    static RegisteredDisk found(LookupAnswer answer) throws DiskRefusedException {
        if (answer instanceof LookupAnswer.Found found) {
            return found.disk();
        }
        throw new DiskRefusedException(((LookupAnswer.NotFound) answer).message());
    }

    private RegisteredDisk ask(RegistryRequest request) throws DiskRefusedException {
        RegistryAnswer answer =
                repeat(
                        () ->
                                this.<RegistryAnswer>askOnce(
                                        replyTo -> new DiskRegistry.Ask(request, replyTo)));
        if (answer instanceof RegistryAnswer.Accepted accepted) {
            return accepted.disk();
        }
        Refusal reason = ((RegistryAnswer.Refused) answer).reason();
        throw new DiskRefusedException(reason.message());
    }

    private <T> CompletionStage<T> askOnce(
            org.apache.pekko.japi.function.Function<ActorRef<T>, DiskRegistry.Command> command) {
        return AskPattern.ask(registry, command, TRY_LIMIT, system.scheduler());
    }

    private interface Question<T> {
        CompletionStage<T> ask();
    }

    private static <T> T repeat(Question<T> question) throws DiskRefusedException {
        for (int tries = 1; ; tries++) {
            try {
                return question.ask()
                        .toCompletableFuture()
                        .get(2 * TRY_LIMIT.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                if (tries == TRIES) {
                    throw new DiskRefusedException(
                            "the disk registry does not answer; the log says why", e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DiskRefusedException("the node is ending", e);
            }
        }
    }

    private static <T> T wait(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}
