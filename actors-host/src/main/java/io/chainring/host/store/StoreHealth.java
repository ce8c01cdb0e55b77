package io.chainring.host.store;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an image still does. The first failure is the one that is told, and there is no way back:
 *
 * <pre>
 *   OPEN ---> FAILED
 *     \         |
 *      +------> CLOSED
 * </pre>
 */
final class StoreHealth {
    private static final Logger LOG = LoggerFactory.getLogger(StoreHealth.class);

    private final String name;
    private final boolean readOnly;
    private volatile StoreStatus status = StoreStatus.OPEN;

    StoreHealth(String name, boolean readOnly) {
        this.name = name;
        this.readOnly = readOnly;
    }

    StoreStatus status() {
        return status;
    }

    /** Throws when the store is closed. */
    void ensureOpen() throws IOException {
        StoreStatus now = status;
        if (now.state() == StoreStatus.State.CLOSED) {
            throw new IOException(now.reason());
        }
    }

    /** Throws when the store takes no changes. */
    void ensureChangeable() throws IOException {
        ensureOpen();
        if (readOnly) {
            throw new StoreReadOnlyException("disk image " + name + " is open read-only");
        }
        StoreStatus now = status;
        if (now.state() == StoreStatus.State.FAILED) {
            throw new StoreFailedException(now.reason());
        }
    }

    /** Ends all changes for good. */
    void fail(String why) {
        StoreStatus failed =
                new StoreStatus(
                        StoreStatus.State.FAILED,
                        String.format(
                                "disk image %s: %s; writes and flushes are refused until it is opened "
                                        + "again",
                                name, why));
        synchronized (this) {
            if (status.state() != StoreStatus.State.OPEN) {
                return;
            }
            status = failed;
        }
        LOG.error("{}", failed.reason());
    }

    synchronized void close() {
        status = new StoreStatus(StoreStatus.State.CLOSED, "disk image " + name + " is closed");
    }
}
