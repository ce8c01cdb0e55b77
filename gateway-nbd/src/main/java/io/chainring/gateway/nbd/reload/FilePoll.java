package io.chainring.gateway.nbd.reload;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that looks at files now and then, so that no event loop ever waits for one. */
public final class FilePoll implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FilePoll.class);

    private final ScheduledExecutorService thread;

    /** Begins to look at these; with none there is nothing to do, and no thread. */
    public FilePoll(List<Reloaded<?>> watched, Duration interval) {
        thread =
                Executors.newSingleThreadScheduledExecutor(
                        task -> {
                            Thread made = new Thread(task, "chainring-nbd-files");
                            made.setDaemon(true);
                            return made;
                        });
        for (Reloaded<?> each : watched) {
            var unused =
                    thread.scheduleWithFixedDelay(
                            () -> check(each),
                            interval.toMillis(),
                            interval.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
    }

    private static void check(Reloaded<?> watched) {
        try {
            watched.check();
        } catch (RuntimeException e) {
            // A fault of ours: the next look must come all the same.
            LOG.error("files could not be taken over", e);
        }
    }

    /** Looks no more. */
    @Override
    public void close() {
        thread.shutdown();
    }
}
