package io.chainring.persistence.engine;

import java.nio.file.Path;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Keeps every call away from a closed database: the native libraries crash the whole JVM when they are used after closing. A
 * read-write lock; it costs some 30 ns a call.
 */
final class UseLock {
    private final Path directory;
    private final Lock use;
    private final Lock exclusive;
    private boolean closed;

    UseLock(Path directory) {
        this.directory = directory;
        ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        this.use = lock.readLock();
        this.exclusive = lock.writeLock();
    }

    /**
     * Begins a use; {@link #leave} ends it.
     *
     * @throws EngineException.Closed if the database is closed; there is nothing to leave then
     */
    void enter() {
        use.lock();
        if (closed) {
            use.unlock();
            throw new EngineException.Closed(directory + ": the database is closed");
        }
    }

    void leave() {
        use.unlock();
    }

    /** Runs what closes the database, when nobody uses it any more, and once. */
    void close(Runnable closing) {
        exclusive.lock();
        try {
            if (!closed) {
                closed = true;
                closing.run();
            }
        } finally {
            exclusive.unlock();
        }
    }
}
