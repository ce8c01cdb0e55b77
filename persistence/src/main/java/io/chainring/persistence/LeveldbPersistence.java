package io.chainring.persistence;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.fault.JournalFaults;
import io.chainring.persistence.store.JournalGauges;
import io.chainring.persistence.store.JournalListener;
import io.chainring.persistence.store.Store;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;
import org.jspecify.annotations.Nullable;

/**
 * The open journal directories of an actor system.
 *
 * <p>Journal, snapshot store and queries of one directory share one open database: the first who acquires it opens it,
 * the last who releases it closes it, and whatever is still open is closed when the system has terminated. Metrics are
 * attached here, with {@link #gauges()} and {@link #setListener}.
 */
public final class LeveldbPersistence implements Extension {
    /** Path of the settings that all plugins share. */
    public static final String CONFIG_PATH = "chainring.persistence.leveldb";

    private static final Id ID = new Id();

    private final Settings shared;
    private final ConcurrentHashMap<Path, SharedDirectory> directories = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Path, JournalFaults> faults = new ConcurrentHashMap<>();
    private volatile JournalListener listener = JournalListener.NONE;

    private static final class Id extends AbstractExtensionId<LeveldbPersistence> {
        @Override
        public LeveldbPersistence createExtension(ExtendedActorSystem system) {
            LeveldbPersistence persistence =
                    new LeveldbPersistence(Settings.at(system.settings().config(), CONFIG_PATH));
            system.registerOnTermination(persistence::closeAll);
            return persistence;
        }
    }

    private LeveldbPersistence(Settings shared) {
        this.shared = shared;
    }

    /** The one of an actor system. */
    public static LeveldbPersistence get(ActorSystem system) {
        return ID.get(system);
    }

    /** The one of an actor system, typed or classic. */
    public static LeveldbPersistence get(ClassicActorSystemProvider system) {
        return ID.get(system.classicSystem());
    }

    /**
     * A plugin's settings: its own configuration first, then what all plugins share.
     *
     * @param pluginId where its configuration stands
     */
    public Settings settings(Config pluginConfig, String pluginId) {
        return Settings.of(pluginConfig, LeveldbInstance.settingsPath(pluginId)).or(shared);
    }

    /**
     * Opens a directory, or shares it if it is open. Release it once for each time that this returns.
     *
     * @throws StoreException if it cannot be opened: in use, damaged, not ours, open with other settings
     */
    public Store acquire(StoreSettings settings) {
        Store store =
                directories
                        .computeIfAbsent(settings.directory(), path -> new SharedDirectory())
                        .acquire(settings, faults.get(settings.directory()));
        // Also where another one was attached meanwhile: it is set before it looks for stores.
        store.setListener(listener);
        return store;
    }

    /**
     * Lets the journal of a directory fail on purpose. To be called before it is opened: one that is open stays as it is.
     *
     * @param seed of what is drawn; the first call of a directory decides
     */
    public JournalFaults faults(Path directory, long seed) {
        return faults.computeIfAbsent(
                directory.toAbsolutePath().normalize(), path -> new JournalFaults(path, seed));
    }

    /** Gives back what {@link #acquire} gave; the last one closes it, and waits only for what that directory does. */
    public void release(Store store) {
        SharedDirectory directory = directories.get(store.directory());
        if (directory != null) {
            directory.release(store);
        }
    }

    /** Whether a directory that somebody asked for could not be opened, and still is not. */
    public boolean hasRefused() {
        return directories.values().stream().anyMatch(SharedDirectory::hasRefused);
    }

    /** Attaches metrics to all directories, open now or later. */
    public void setListener(JournalListener listener) {
        this.listener = listener;
        stores().forEach(store -> store.setListener(listener));
    }

    /** Numbers of all open directories. */
    public List<JournalGauges> gauges() {
        return stores().map(Store::gauges).toList();
    }

    /** The open store of a directory, or null. */
    public @Nullable Store openStore(Path directory) {
        SharedDirectory shared = directories.get(directory);
        return shared == null ? null : shared.store();
    }

    private Stream<Store> stores() {
        return directories.values().stream().map(SharedDirectory::store).filter(Objects::nonNull);
    }

    private void closeAll() {
        directories.values().forEach(SharedDirectory::close);
    }
}
