package io.chainring.node.journals;

import com.typesafe.config.Config;
import io.chainring.base.files.PrivateFiles;
import io.chainring.base.settings.InvalidSettingException;
import io.chainring.base.settings.Settings;
import io.chainring.host.store.SpaceReserve;
import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.loop.EventLoops;
import io.chainring.persistence.LeveldbInstance;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.fault.JournalFaults;
import io.chainring.persistence.store.Erasure;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.StoreInspection;
import io.chainring.registry.RegistrySetup;
import io.chainring.registry.rules.DiskStorage;
import io.chainring.ring.backend.BackendSetup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorSystem;
import org.jspecify.annotations.Nullable;

/**
 * The journals of a node: one LevelDB each, which records the chains of several disks. Journal n is written on loop
 * n mod loops, so that a disk's records never leave its loop; what a recovery reads is read elsewhere.
 *
 * <p>They are opened before any disk that needs them starts, so that a locked or damaged one is said at once, and kept
 * open. The disk registry has one of its own.
 */
public final class Journals implements AutoCloseable {
    private final DataDirectory data;
    private final EventLoops loops;
    private final boolean fsync;
    private final Config config;
    private final LeveldbPersistence persistence;
    private final Map<String, Store> open = new ConcurrentHashMap<>();

    /** Opens nothing yet. @param fsync whether disks' journals are synced; the registry's always is */
    public Journals(ActorSystem<?> system, DataDirectory data, EventLoops loops, boolean fsync) {
        this.data = data;
        this.loops = loops;
        this.fsync = fsync;
        this.config = system.settings().config();
        this.persistence = LeveldbPersistence.get(system);
    }

    /** What the journals of so many loops, and the registry's, may come to take while they write, in bytes each. */
    private static final long GROWTH_BYTES = 128 << 20;

    /** What an empty journal takes at most, in bytes. */
    private static final long EMPTY_BYTES = 4 << 20;

    /**
     * The space that images leave to the journals of a node.
     *
     * @throws StartException one line, if it is less than what the journals themselves leave free, or if a data directory
     *     that has none yet has no room for them: nothing could be recorded, not even its first disk
     */
    public static SpaceReserve reserve(DataDirectory data, Config config, int loops)
            throws StartException {
        Settings leveldb = Settings.at(config, LeveldbPersistence.CONFIG_PATH);
        long journalsLeave;
        long reserve;
        try {
            journalsLeave = leveldb.bytes("min-free-space", 0, Long.MAX_VALUE);
            reserve =
                    SpaceReserve.configuredBytes(
                            config, journalsLeave + (loops + 1) * GROWTH_BYTES);
        } catch (InvalidSettingException e) {
            throw new StartException(e);
        }
        if (reserve > 0 && reserve <= journalsLeave) {
            throw new StartException(
                    "chainring.host.space-reserve (%s bytes) is not more than %s (%s bytes): the journals would be full before the images; raise it, or set it to auto"
                            .formatted(reserve, leveldb.path("min-free-space"), journalsLeave));
        }
        try {
            checkFirst(data, journalsLeave, (loops + 1) * EMPTY_BYTES);
            return SpaceReserve.on(data.directory(), reserve);
        } catch (IOException e) {
            throw new StartException(
                    "data directory "
                            + data.directory()
                            + ": its free space cannot be found out: "
                            + e,
                    e);
        }
    }

    private static void checkFirst(DataDirectory data, long leaveBytes, long takeBytes)
            throws IOException, StartException {
        long freeBytes = Files.getFileStore(data.directory()).getUsableSpace();
        if (Files.exists(data.registry()) || freeBytes - takeBytes >= leaveBytes) {
            return;
        }
        throw new StartException(
                "data directory %s: its file system has %s bytes free; a first start takes %s, and journals leave %s free (chainring.persistence.leveldb.min-free-space): use another file system, or lower that"
                        .formatted(data.directory(), freeBytes, takeBytes, leaveBytes));
    }

    /** Number of the loop that a journal is written on. */
    public int loopOf(int journal) {
        return journal % loops.count();
    }

    /**
     * Opens a journal, or shares it when it is open, and gives what a backend needs to use it.
     *
     * @param snapshotEveryTurns records between snapshots
     * @throws StartException one line: locked, damaged, no permission, disk full
     */
    public BackendSetup.JournalChoice choose(int journal, int snapshotEveryTurns)
            throws StartException {
        LeveldbInstance instance = instance(journal);
        Config plugins = instance.config(config);
        open(instance, plugins);
        Supplier<@Nullable String> problem = problemOf(journal);
        return new BackendSetup.JournalChoice(
                instance.journalPluginId(),
                instance.snapshotPluginId(),
                plugins,
                snapshotEveryTurns,
                () -> problem.get() == null);
    }

    private LeveldbInstance instance(int journal) {
        return new LeveldbInstance(
                nameOf(journal),
                data.journal(journal),
                fsync,
                EventLoops.dispatcherPath(loopOf(journal)));
    }

    private StoreSettings settings(LeveldbInstance instance, Config plugins) throws StartException {
        try {
            Config own = plugins.getConfig(instance.journalPluginId());
            return StoreSettings.from(persistence.settings(own, instance.journalPluginId()));
        } catch (InvalidSettingException e) {
            throw new StartException(e);
        }
    }

    /** Says why a journal that was chosen takes no writes now; null while it does. */
    public Supplier<@Nullable String> problemOf(int journal) {
        return Objects.requireNonNull(open.get(nameOf(journal)))::problem;
    }

    private static String nameOf(int journal) {
        return "journal-" + journal;
    }

    /**
     * Opens the disk registry's journal and makes its setup use it. It is always synced, and off the loops: names are
     * few, and one that was given may not be given again after a power loss.
     *
     * @throws StartException as {@link #choose}
     */
    public RegistrySetup chooseFor(RegistrySetup registry) throws StartException {
        LeveldbInstance instance = new LeveldbInstance("registry", data.registry(), true, null);
        Config plugins = instance.config(config);
        open(instance, plugins);
        return registry.withJournal(
                instance.journalPluginId(), instance.snapshotPluginId(), plugins);
    }

    /** What may go wrong with a journal on purpose. Of one that was open before this was asked for nothing does. */
    public JournalFaults faults(int journal) {
        return persistence.faults(data.journal(journal), journal);
    }

    private synchronized void open(LeveldbInstance instance, Config plugins) throws StartException {
        if (open.containsKey(instance.name())) {
            return;
        }
        try {
            PrivateFiles.createFolders(instance.directory());
            open.put(instance.name(), persistence.acquire(settings(instance, plugins)));
        } catch (StoreException e) {
            throw new StartException(e);
        } catch (IOException e) {
            throw new StartException(
                    "journal directory " + instance.directory() + " cannot be made: " + e, e);
        }
    }

    /**
     * Erases persistence ids of which no actor runs. A journal that no disk is in now is opened for it, and closed again.
     *
     * @throws StoreException as of {@link Erasure#erase}, and when it cannot be opened
     */
    public void erase(int journal, List<String> persistenceIds) throws StartException {
        with(journal, store -> new Erasure(store).erase(persistenceIds));
    }

    List<Integer> present() throws IOException {
        Path folder = Objects.requireNonNull(data.journal(0).getParent());
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        List<Integer> numbers = new ArrayList<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                String name = String.valueOf(entry.getFileName());
                if (name.matches("0|[1-9][0-9]{0,3}")
                        && Integer.parseInt(name) < DiskStorage.JOURNAL_LIMIT) {
                    numbers.add(Integer.parseInt(name));
                }
            }
        }
        numbers.sort(null);
        return numbers;
    }

    /** All persistence ids of a journal. */
    List<String> persistenceIds(int journal) throws StartException {
        List<String> ids = new ArrayList<>();
        with(
                journal,
                store ->
                        new StoreInspection(store)
                                .persistenceIds(null, Integer.MAX_VALUE, ids::add));
        return ids;
    }

    private void with(int journal, Consumer<Store> work) throws StartException {
        LeveldbInstance instance = instance(journal);
        Store store = persistence.acquire(settings(instance, instance.config(config)));
        try {
            work.accept(store);
        } finally {
            persistence.release(store);
        }
    }

    /** Gives the journals back; the last user of each closes it. */
    @Override
    public void close() {
        open.values().forEach(persistence::release);
        open.clear();
    }
}
