package io.chainring.node.control;

import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** What can be asked of a running node. Thread-safe. */
public interface NodeControl {

    /** How the node is. Never blocks. */
    NodeStatus status();

    /** What can be done with its disks. */
    DiskControl diskControl();

    /** Faults on purpose; null in a node that takes none. */
    default @Nullable FaultControl faultControl() {
        return null;
    }

    /**
     * Kills a disk's backend, its host, its oldest frontend or its supervisor, through the supervisor's door.
     *
     * @return whether there was somebody to kill; null when there is no such disk
     */
    @Nullable CompletionStage<Boolean> kill(
            String disk, SupervisorCommand.Target target, KillMode mode);
}
