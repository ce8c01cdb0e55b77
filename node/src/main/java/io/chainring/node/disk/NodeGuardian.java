package io.chainring.node.disk;

import io.chainring.host.registry.DiskRegistry;
import io.chainring.host.registry.RegistrySetup;
import io.chainring.ring.supervise.SupervisorCommand;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** The parent of all disks of a node and of its disk registry. It starts them and does nothing else. */
public final class NodeGuardian {
    private NodeGuardian() {}

    /** What the parent of all disks is told. */
    public sealed interface Command {}

    /**
     * Starts a disk's actors.
     *
     * @param name of the disk
     * @param supervisor see {@link DiskGuardian#create}
     * @param dispatcher where all its actors run
     * @param replyTo told where the disk is reached
     */
    record StartDisk(
            String name,
            Behavior<SupervisorCommand> supervisor,
            DispatcherSelector dispatcher,
            ActorRef<ActorRef<SupervisorCommand>> replyTo)
            implements Command {}

    /**
     * Starts the disk registry, of which a node has one.
     *
     * @param replyTo told where it is reached
     */
    public record StartRegistry(
            RegistrySetup setup, ActorRef<ActorRef<DiskRegistry.Command>> replyTo)
            implements Command {}

    /** The guardian of a node's ActorSystem. */
    public static Behavior<Command> create() {
        return Behaviors.setup(
                context -> {
                    // A disk that was ejected comes back under its name, with another actor.
                    AtomicLong started = new AtomicLong();
                    return Behaviors.receive(Command.class)
                            .onMessage(
                                    StartDisk.class,
                                    start -> {
                                        start.replyTo()
                                                .tell(
                                                        context.spawn(
                                                                DiskGuardian.create(
                                                                        start.name(),
                                                                        start.supervisor()),
                                                                "disk-"
                                                                        + start.name()
                                                                        + ":"
                                                                        + started.incrementAndGet(),
                                                                start.dispatcher()));
                                        return Behaviors.same();
                                    })
                            .onMessage(
                                    StartRegistry.class,
                                    start -> {
                                        start.replyTo()
                                                .tell(
                                                        context.spawn(
                                                                DiskRegistry.create(start.setup()),
                                                                "registry"));
                                        return Behaviors.same();
                                    })
                            .build();
                });
    }
}
