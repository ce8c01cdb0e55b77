package io.chainring.base.space;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Watches the free space of one file system, for whoever must know before a write whether there is room for it.
 *
 * <p>Asking the system costs some microseconds, asking {@link #isLow()} a read of memory. A thread of its own looks as often
 * as {@link FreeSpaceCore} says: other programs take space, too. Who writes looks by itself as well, after as many bytes
 * ({@link SpaceMeter}): the thread may be late on a busy machine.
 *
 * <p>A file system that does not tell its free space counts as what it was before.
 */
public final class FreeSpace implements AutoCloseable {
    /** How the free space is found out. */
    @FunctionalInterface
    public interface Probe {
        /** Bytes that a program without special rights may still write. */
        long usableBytes() throws IOException;
    }

    /** Hears of changes, on the thread that found them, once each; it must not block. */
    public interface Listener {
        /** There is less free than the limit. */
        void low(long freeBytes);

        /** There is enough again. */
        void ampleAgain(long freeBytes);
    }

    private final Probe probe;
    private final Listener listener;
    private final FreeSpaceCore core;
    private volatile boolean low;
    private volatile long freeBytes;
    private volatile long creditBytes;
    private boolean closed;

    private static final class Watcher {
        static final ScheduledThreadPoolExecutor THREAD = thread();

        private static ScheduledThreadPoolExecutor thread() {
            ScheduledThreadPoolExecutor one =
                    new ScheduledThreadPoolExecutor(
                            1,
                            task -> {
                                Thread thread = new Thread(task, "free-space");
                                thread.setDaemon(true);
                                return thread;
                            });
            one.setRemoveOnCancelPolicy(true);
            return one;
        }
    }

    private FreeSpace(long limitBytes, Probe probe, Listener listener) {
        this.probe = probe;
        this.listener = listener;
        this.core = new FreeSpaceCore(limitBytes);
    }

    /**
     * Begins to watch the file system of a directory.
     *
     * @param limitBytes with less free it is low; 0: it never is, and nothing is watched
     * @throws IOException if the system does not say how much is free
     */
    public static FreeSpace watch(Path directory, long limitBytes, Listener listener)
            throws IOException {
        FileStore files = Files.getFileStore(directory);
        return watch(files::getUsableSpace, limitBytes, listener);
    }

    /** Begins to watch whatever a probe tells of. */
    public static FreeSpace watch(Probe probe, long limitBytes, Listener listener)
            throws IOException {
        FreeSpace space = new FreeSpace(limitBytes, probe, listener);
        space.observe(probe.usableBytes());
        if (limitBytes > 0) {
            space.lookLater();
        }
        return space;
    }

    /** Whether there was less free than the limit when somebody last looked. */
    public boolean isLow() {
        return low;
    }

    /** Bytes that were free when somebody last looked. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Looks now, and says whether it is low. */
    public boolean look() {
        try {
            observe(probe.usableBytes());
        } catch (IOException e) {
            // Whoever writes there will hear of what is wrong with it.
            return low;
        }
        return low;
    }

    /** Bytes that one writer may write before it looks by itself. */
    long creditBytes() {
        return creditBytes;
    }

    private synchronized void observe(long free) {
        FreeSpaceCore.Change change = core.observed(free);
        freeBytes = free;
        creditBytes = core.creditBytes();
        low = core.isLow();
        if (closed) {
            return;
        }
        switch (change) {
            case BECAME_LOW -> listener.low(free);
            case BECAME_AMPLE -> listener.ampleAgain(free);
            case NONE -> {}
        }
    }

    private synchronized void lookLater() {
        if (!closed) {
            var unused =
                    Watcher.THREAD.schedule(
                            this::lookAndGoOn, core.pauseMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void lookAndGoOn() {
        try {
            look();
        } finally {
            lookLater();
        }
    }

    /** Ends the watch. Idempotent. */
    @Override
    public synchronized void close() {
        closed = true;
    }
}
