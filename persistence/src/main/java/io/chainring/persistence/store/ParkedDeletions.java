package io.chainring.persistence.store;

import io.chainring.base.text.Printable;
import io.chainring.persistence.database.StoreErrors;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Persistence ids whose deleted events can't be removed, because something that must be read for it can't be: they are left
 * where they are, which hurts nobody, until the directory is opened again or repaired. Under the store's lock.
 */
final class ParkedDeletions {
    private static final Logger LOG = LoggerFactory.getLogger(ParkedDeletions.class);

    /** So many are named in the log; the gauge counts all. */
    private static final int NAMED = 16;

    private final Path directory;
    private final Set<String> parked = new HashSet<>();
    private final Set<String> named = new HashSet<>();

    ParkedDeletions(Path directory) {
        this.directory = directory;
    }

    int size() {
        return parked.size();
    }

    boolean contains(String persistenceId) {
        return !parked.isEmpty() && parked.contains(persistenceId);
    }

    void park(String persistenceId, RuntimeException why) {
        parked.add(persistenceId);
        if (named.size() < NAMED && named.add(persistenceId)) {
            LOG.error(
                    "Journal {}: deleted events of {} can't be removed, and stay: {}{}{}",
                    directory,
                    Printable.name(persistenceId),
                    why.getMessage(),
                    StoreErrors.wayOut(directory),
                    named.size() == NAMED ? "; further ones are counted, not named" : "");
        }
    }

    void forgetAll() {
        parked.clear();
    }
}
