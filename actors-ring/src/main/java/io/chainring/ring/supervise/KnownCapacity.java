package io.chainring.ring.supervise;

import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.Done;

/**
 * The size of the disk that new rings are told: what the backend has said that it lets in, so that no client is told of
 * a part of the disk that the backend would refuse.
 */
final class KnownCapacity {
    private final List<SupervisorCommand.Grown> waiting = new ArrayList<>();
    private long bytes;

    /**
     * @param bytes size of the disk before any executor of this supervisor has read it
     */
    KnownCapacity(long bytes) {
        this.bytes = bytes;
    }

    long bytes() {
        return bytes;
    }

    /** Somebody waits until a size is known. */
    void await(SupervisorCommand.Grown grown) {
        waiting.add(grown);
        answer();
    }

    /** The backend has said how large the disk is. */
    void known(long capacityBytes) {
        bytes = Math.max(bytes, capacityBytes);
        answer();
    }

    private void answer() {
        for (SupervisorCommand.Grown grown : List.copyOf(waiting)) {
            if (grown.capacityBytes() <= bytes) {
                waiting.remove(grown);
                grown.replyTo().tell(Done.getInstance());
            }
        }
    }
}
