package io.chainring.node.disk;

import io.chainring.ring.supervise.SupervisorCommand;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** The parent of all disks of a node. It starts them and does nothing else. */
public final class NodeGuardian {
    private NodeGuardian() {}

    /** What the parent of all disks is told. */
    public sealed interface Command {}

    /**
     * Starts a disk's actors.
     *
     * @param name of the disk, not in use
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

    /** The guardian of a node's ActorSystem. */
    public static Behavior<Command> create() {
        return Behaviors.setup(
                context ->
                        Behaviors.receive(Command.class)
                                .onMessage(
                                        StartDisk.class,
                                        start -> {
                                            start.replyTo()
                                                    .tell(
                                                            context.spawn(
                                                                    DiskGuardian.create(
                                                                            start.name(),
                                                                            start.supervisor()),
                                                                    "disk-" + start.name(),
                                                                    start.dispatcher()));
                                            return Behaviors.same();
                                        })
                                .build());
    }
}
