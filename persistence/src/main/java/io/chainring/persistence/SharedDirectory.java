package io.chainring.persistence;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.fault.JournalFaults;
import io.chainring.persistence.store.Store;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One directory and those who use it. Opening and closing it may take long (logs to read, a compaction to wait for), and hold
 * up only those who open or close the same one. What is open may be asked for meanwhile.
 */
final class SharedDirectory {
    private volatile @Nullable Store store;
    private volatile boolean refused;

    /** Guarded by the monitor. */
    private int users;

    /**
     * Opens it, or shares it if it is open.
     *
     * @param faults what may go wrong with it on purpose
     * @throws StoreException if it cannot be opened, or is open with other settings
     */
    synchronized Store acquire(StoreSettings settings, @Nullable JournalFaults faults) {
        Store open = store;
        if (open == null) {
            open = opened(settings, faults);
            store = open;
        }
        List<String> differences = open.settings().differences(settings);
        if (!differences.isEmpty()) {
            throw new StoreException.Contradiction(settings.directory(), differences);
        }
        users++;
        return open;
    }

    private Store opened(StoreSettings settings, @Nullable JournalFaults faults) {
        try {
            Store open = Store.open(settings, faults);
            refused = false;
            return open;
        } catch (RuntimeException | Error e) {
            refused = true;
            throw e;
        }
    }

    /** The last one closes it; what is no longer open is left alone. */
    synchronized void release(Store given) {
        if (store == given && --users == 0) {
            close();
        }
    }

    synchronized void close() {
        Store open = store;
        users = 0;
        store = null;
        if (open != null) {
            open.close();
        }
    }

    /** What is open now, or null. */
    @Nullable Store store() {
        return store;
    }

    /** Whether the last attempt to open it failed. */
    boolean hasRefused() {
        return refused;
    }
}
