package io.chainring.persistence;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One journal with its snapshot store among several, made at run time by Pekko's runtime plugin configuration.
 *
 * <p>Give {@link #journalPluginId}, {@link #snapshotPluginId} and {@link #config} to the {@code EventSourcedBehavior}
 * (its methods of nearly the same names); persistence ids of different instances do not know of each other. The first actor
 * that uses an instance opens its directory.
 *
 * @param name names the instance in plugin ids: letters, digits, hyphen
 * @param directory its database
 * @param fsync true: acknowledged means on stable storage
 * @param journalDispatcher path of the dispatcher on which events are serialized and, with fsync off, written; null for
 *     the configured one
 */
public record LeveldbInstance(
        String name, Path directory, boolean fsync, @Nullable String journalDispatcher) {

    private static final String INSTANCES = LeveldbPersistence.CONFIG_PATH + ".instance.";

    /** Checks the name. */
    public LeveldbInstance {
        if (!name.matches("[A-Za-z0-9-]+")) {
            throw new IllegalArgumentException(
                    "name of a journal instance may have letters, digits and hyphens only: "
                            + name);
        }
    }

    /** Id of the journal plugin. */
    public String journalPluginId() {
        return path() + ".journal";
    }

    /** Id of the snapshot store plugin. */
    public String snapshotPluginId() {
        return path() + ".snapshot-store";
    }

    /**
     * Id of the read journal plugin: {@code PersistenceQuery.get(system).getReadJournalFor(LeveldbReadJournal.class,
     * instance.readJournalPluginId(), instance.config(system.settings().config()))}.
     */
    public String readJournalPluginId() {
        return path() + ".query";
    }

    /**
     * The configuration of the plugins, to be given as journal, snapshot and read journal plugin configuration.
     *
     * @param systemConfig the actor system's configuration, for everything that is not set here
     */
    public Config config(Config systemConfig) {
        Map<String, Object> own = new HashMap<>();
        own.put("dir", directory.toAbsolutePath().toString());
        own.put("fsync", fsync);
        Config journal = ConfigFactory.parseMap(own);
        Config snapshots = journal;
        if (journalDispatcher != null) {
            journal =
                    journal.withFallback(
                            ConfigFactory.parseMap(Map.of("plugin-dispatcher", journalDispatcher)));
        }
        Config plugins = systemConfig.getConfig(LeveldbPersistence.CONFIG_PATH);
        return journal.withFallback(plugins.getConfig("journal"))
                .atPath(journalPluginId())
                .withFallback(
                        snapshots
                                .withFallback(plugins.getConfig("snapshot-store"))
                                .atPath(snapshotPluginId()))
                .withFallback(
                        snapshots
                                .withFallback(plugins.getConfig("query"))
                                .atPath(readJournalPluginId()));
    }

    /** Where the settings of a plugin stand: an instance has those of the journal that it is made like. */
    static String settingsPath(String pluginId) {
        return pluginId.startsWith(INSTANCES)
                ? LeveldbPersistence.CONFIG_PATH + pluginId.substring(pluginId.lastIndexOf('.'))
                : pluginId;
    }

    private String path() {
        return INSTANCES + name;
    }
}
