package io.chainring.node.cli;

import io.chainring.node.StartException;
import io.chainring.node.control.ControlClient;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.disk.DiskStatus;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Kills at a fixed pace, with a look at the disk after each. */
final class KillSeries {
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ControlClient client;
    private final String disk;
    private final Kill kill;
    private long asked;
    private long killed;

    /** One kill. */
    interface Kill {
        /**
         * @param turn how many there were before
         * @return whether there was somebody to kill
         */
        boolean kill(long turn) throws StartException;
    }

    KillSeries(ControlClient client, String disk, Kill kill) {
        this.client = client;
        this.disk = disk;
        this.kill = kill;
    }

    /**
     * Kills until the time is over.
     *
     * @param pause from the beginning of a kill to that of the next
     * @param progress hears of it each second
     */
    KillSummary run(Duration pause, Duration total, Consumer<KillSummary> progress)
            throws StartException, InterruptedException {
        DiskStatus before = look();
        RecoveriesSeen recoveries = new RecoveriesSeen(before);
        CountDownLatch never = new CountDownLatch(1);
        long began = System.nanoTime();
        long nextProgress = began + PROGRESS_NANOS;
        DiskStatus now = before;
        while (System.nanoTime() - began < total.toNanos()) {
            if (kill.kill(asked++)) {
                killed++;
            }
            long wait = began + asked * pause.toNanos() - System.nanoTime();
            if (wait > 0 && never.await(wait, TimeUnit.NANOSECONDS)) {
                break;
            }
            now = look();
            recoveries.look(now);
            if (System.nanoTime() - nextProgress >= 0) {
                progress.accept(summary(began, before, now, recoveries));
                nextProgress += PROGRESS_NANOS;
            }
        }
        return summary(began, before, now, recoveries);
    }

    private KillSummary summary(
            long began, DiskStatus before, DiskStatus now, RecoveriesSeen recoveries) {
        double seconds = (System.nanoTime() - began) / 1e9;
        return KillSummary.of(seconds, asked, killed, before, now, recoveries.sortedMillis());
    }

    private DiskStatus look() throws StartException {
        NodeStatus node = client.status();
        return node.disks().stream()
                .filter(each -> each.name().equals(disk))
                .findFirst()
                .orElseThrow(() -> new StartException("there is no disk " + disk));
    }
}
