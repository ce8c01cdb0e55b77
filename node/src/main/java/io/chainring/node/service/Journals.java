package io.chainring.node.service;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.loop.EventLoops;
import io.chainring.persistence.LeveldbInstance;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.StoreException;
import io.chainring.ring.backend.BackendSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * The journals of a node: one LevelDB each, which records the chains of several disks. Journal n is written on loop
 * n mod loops, so that a disk's records never leave its loop.
 *
 * <p>They are opened before any disk starts, so that a locked or damaged one is said at once, and kept open.
 */
final class Journals implements AutoCloseable {
    private final DataDirectory data;
    private final EventLoops loops;
    private final boolean fsync;
    private final Config config;
    private final LeveldbPersistence persistence;
    private final Map<Integer, Store> open = new HashMap<>();

    Journals(ActorSystem<?> system, DataDirectory data, EventLoops loops, boolean fsync) {
        this.data = data;
        this.loops = loops;
        this.fsync = fsync;
        this.config = system.settings().config();
        this.persistence = LeveldbPersistence.get(system);
    }

    /** Number of the loop that a journal is written on. */
    int loopOf(int journal) {
        return journal % loops.count();
    }

    /**
     * Opens a journal, or shares it when it is open, and gives what a backend needs to use it.
     *
     * @param snapshotEveryTurns records between snapshots
     * @throws StartException one line: locked, damaged, no permission, disk full
     */
    BackendSetup.JournalChoice choose(int journal, int snapshotEveryTurns) throws StartException {
        String dispatcher = EventLoops.dispatcherPath(loopOf(journal));
        LeveldbInstance instance =
                new LeveldbInstance("journal-" + journal, data.journal(journal), fsync, dispatcher);
        Config plugins =
                instance.config(config)
                        .withValue(
                                instance.journalPluginId() + ".replay-dispatcher",
                                ConfigValueFactory.fromAnyRef(dispatcher));
        if (!open.containsKey(journal)) {
            try {
                Files.createDirectories(data.journal(journal));
                Config own = plugins.getConfig(instance.journalPluginId());
                open.put(journal, persistence.acquire(persistence.settings(own)));
            } catch (StoreException e) {
                throw new StartException(e);
            } catch (IOException e) {
                throw new StartException(
                        "journal directory " + data.journal(journal) + " cannot be made: " + e, e);
            }
        }
        return new BackendSetup.JournalChoice(
                instance.journalPluginId(),
                instance.snapshotPluginId(),
                plugins,
                snapshotEveryTurns);
    }

    /** Gives the journals back; the last user of each closes it. */
    @Override
    public void close() {
        open.values().forEach(persistence::release);
        open.clear();
    }
}
