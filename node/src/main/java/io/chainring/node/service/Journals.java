package io.chainring.node.service;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueFactory;
import io.chainring.host.registry.RegistrySetup;
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
 * <p>They are opened before any disk that needs them starts, so that a locked or damaged one is said at once, and kept
 * open. The disk registry has one of its own.
 */
final class Journals implements AutoCloseable {
    private final DataDirectory data;
    private final EventLoops loops;
    private final boolean fsync;
    private final Config config;
    private final LeveldbPersistence persistence;
    private final Map<String, Store> open = new HashMap<>();

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
        open(instance, plugins);
        return new BackendSetup.JournalChoice(
                instance.journalPluginId(),
                instance.snapshotPluginId(),
                plugins,
                snapshotEveryTurns);
    }

    /**
     * Opens the disk registry's journal and makes its setup use it. It is always synced, and off the loops: names are
     * few, and one that was given may not be given again after a power loss.
     *
     * @throws StartException as {@link #choose}
     */
    RegistrySetup chooseFor(RegistrySetup registry) throws StartException {
        LeveldbInstance instance = new LeveldbInstance("registry", data.registry(), true, null);
        Config plugins = instance.config(config);
        open(instance, plugins);
        return registry.withJournal(
                instance.journalPluginId(), instance.snapshotPluginId(), plugins);
    }

    private void open(LeveldbInstance instance, Config plugins) throws StartException {
        if (open.containsKey(instance.name())) {
            return;
        }
        try {
            Files.createDirectories(instance.directory());
            Config own = plugins.getConfig(instance.journalPluginId());
            open.put(instance.name(), persistence.acquire(persistence.settings(own)));
        } catch (StoreException e) {
            throw new StartException(e);
        } catch (IOException e) {
            throw new StartException(
                    "journal directory " + instance.directory() + " cannot be made: " + e, e);
        }
    }

    /** Gives the journals back; the last user of each closes it. */
    @Override
    public void close() {
        open.values().forEach(persistence::release);
        open.clear();
    }
}
