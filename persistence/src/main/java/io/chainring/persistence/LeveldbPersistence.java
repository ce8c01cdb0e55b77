package io.chainring.persistence;

import com.typesafe.config.Config;
import io.chainring.persistence.store.JournalGauges;
import io.chainring.persistence.store.JournalListener;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.StoreException;
import io.chainring.persistence.store.StoreSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    private final Config shared;
    private final Map<Path, Entry> stores = new HashMap<>();
    private final Set<Path> refused = new HashSet<>();
    private JournalListener listener = JournalListener.NONE;

    private static final class Entry {
        final Store store;
        int users = 1;

        Entry(Store store) {
            this.store = store;
        }
    }

    private static final class Id extends AbstractExtensionId<LeveldbPersistence> {
        @Override
        public LeveldbPersistence createExtension(ExtendedActorSystem system) {
            LeveldbPersistence persistence =
                    new LeveldbPersistence(system.settings().config().getConfig(CONFIG_PATH));
            system.registerOnTermination(persistence::closeAll);
            return persistence;
        }
    }

    private LeveldbPersistence(Config shared) {
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

    /** A plugin's settings: its own configuration first, then what all plugins share. */
    public StoreSettings settings(Config pluginConfig) {
        return StoreSettings.from(pluginConfig.withFallback(shared));
    }

    /**
     * Opens a directory, or shares it if it is open. Release it once for each time that this returns.
     *
     * @throws StoreException if it cannot be opened: in use, damaged, not ours
     */
    public synchronized Store acquire(StoreSettings settings) {
        Entry entry = stores.get(settings.directory());
        if (entry != null) {
            entry.users++;
            return entry.store;
        }
        Store store;
        try {
            store = Store.open(settings);
            refused.remove(settings.directory());
        } catch (StoreException e) {
            refused.add(settings.directory());
            throw e;
        }
        store.setListener(listener);
        stores.put(settings.directory(), new Entry(store));
        return store;
    }

    /** Gives back what {@link #acquire} gave; the last one closes it. */
    public synchronized void release(Store store) {
        Entry entry = stores.get(store.directory());
        if (entry != null && entry.store == store && --entry.users == 0) {
            stores.remove(store.directory());
            store.close();
        }
    }

    /** Whether a directory that somebody asked for could not be opened, and still is not. */
    public synchronized boolean hasRefused() {
        return !refused.isEmpty();
    }

    /** What to say while a directory cannot be opened. */
    public StoreException unavailable(StoreSettings settings) {
        return Store.unavailable(settings);
    }

    /** Attaches metrics to all directories, open now or later. */
    public synchronized void setListener(JournalListener listener) {
        this.listener = listener;
        stores.values().forEach(entry -> entry.store.setListener(listener));
    }

    /** Numbers of all open directories. */
    public synchronized List<JournalGauges> gauges() {
        List<JournalGauges> gauges = new ArrayList<>();
        stores.values().forEach(entry -> gauges.add(entry.store.gauges()));
        return gauges;
    }

    /** The open store of a directory, or null. */
    public synchronized @Nullable Store openStore(Path directory) {
        Entry entry = stores.get(directory);
        return entry == null ? null : entry.store;
    }

    private synchronized void closeAll() {
        stores.values().forEach(entry -> entry.store.close());
        stores.clear();
    }
}
