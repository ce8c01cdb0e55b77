package io.chainring.node.chaos;

import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.disk.DiskStatus;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a node again and again and adds its counts up, over all the processes that it is one after the other. What a killed
 * process counted since the last look is not known, so these are the least that there were.
 */
final class NodeCounts implements AutoCloseable {
    private static final long LOOK_MILLIS = 250;

    private final ControlClient client;
    private final CountDownLatch end = new CountDownLatch(1);
    private final Thread thread = new Thread(this::look, "chaos-node-counts");
    private Counts before = Counts.NONE;
    private Counts present = Counts.NONE;
    private long pid;
    private double longestRecoveryMillis;

    /**
     * All disks together.
     *
     * @param resumed chains that a new epoch found begun
     * @param renotified recorded completions that a new epoch published again
     * @param deferredSignals signals that waited for the end of a completion section
     */
    record Counts(
            long completed,
            long backendRestarts,
            long hostRestarts,
            long resumed,
            long reexecuted,
            long renotified,
            long deferredSignals) {
        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0);

        private Counts and(Counts other) {
            return new Counts(
                    completed + other.completed,
                    backendRestarts + other.backendRestarts,
                    hostRestarts + other.hostRestarts,
                    resumed + other.resumed,
                    reexecuted + other.reexecuted,
                    renotified + other.renotified,
                    deferredSignals + other.deferredSignals);
        }

        private static Counts of(DiskStatus disk) {
            return new Counts(
                    disk.completed(),
                    disk.restarts(),
                    disk.hostRestarts(),
                    disk.resumed(),
                    disk.reexecuted(),
                    disk.renotified(),
                    disk.deferredSignals());
        }
    }

    NodeCounts(Path data) {
        client = new ControlClient(data);
        thread.setDaemon(true);
    }

    NodeCounts start() {
        thread.start();
        return this;
    }

    private void look() {
        try {
            do {
                @Nullable NodeStatus status = status();
                if (status != null) {
                    take(status);
                }
            } while (!end.await(LOOK_MILLIS, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable NodeStatus status() {
        try {
            return client.status();
        } catch (StartException e) {
            // It is being killed or started; the next look will tell.
            return null;
        }
    }

    private synchronized void take(NodeStatus status) {
        if (status.pid() != pid) {
            before = before.and(present);
            pid = status.pid();
        }
        present = Counts.NONE;
        for (DiskStatus disk : status.disks()) {
            present = present.and(Counts.of(disk));
            if (disk.recoveries() > 1) {
                longestRecoveryMillis = Math.max(longestRecoveryMillis, disk.lastRecoveryMillis());
            }
        }
    }

    /** What has been seen so far. */
    synchronized Counts counts() {
        return before.and(present);
    }

    /** The longest recovery of a backend that was seen. */
    synchronized double longestRecoveryMillis() {
        return longestRecoveryMillis;
    }

    /** Looks once more, and no more. */
    @Override
    public void close() {
        end.countDown();
        @Nullable NodeStatus last = status();
        if (last != null) {
            take(last);
        }
    }
}
