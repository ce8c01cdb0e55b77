package io.chainring.host.embed;

import com.typesafe.config.Config;
import io.chainring.host.HostSettings;
import io.chainring.host.disk.DiskListener;
import io.chainring.host.disk.DiskParts;
import io.chainring.host.disk.RunningDisk;
import io.chainring.host.store.BlockStore;
import io.chainring.ring.supervise.RingSettings;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;

/**
 * Disks inside an application's own ActorSystem.
 *
 * <pre>{@code
 * BlockStore store = FileBlockStore.open(path, FileStoreOptions.DEFAULT.withCreateSizeBytes(1L << 30));
 * EmbeddedDisk disk = Chainring.get(system).open("vol0", store);
 * disk.whenServing().toCompletableFuture().join(); // or fails, and says why
 * BlockClient client = disk.openClient();
 * client.write(0, data).thenCompose(done -> client.flush());
 * }</pre>
 *
 * Settings are {@code chainring.ring} and {@code chainring.host} of the ActorSystem's configuration; the journal is the
 * ActorSystem's, or the one that {@code chainring.ring.journal-plugin} names. A journal that keeps nothing over a
 * restart of the process keeps no promise over it either.
 */
public final class Chainring implements Extension {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Id ID = new Id();

    private final ActorSystem<?> system;
    private final RingSettings ring;
    private final HostSettings host;
    private final int queueLimitRequests;
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    private static final class Id extends ExtensionId<Chainring> {
        @Override
        public Chainring createExtension(ActorSystem<?> system) {
            return new Chainring(system);
        }
    }

    private Chainring(ActorSystem<?> system) {
        this.system = system;
        Config config = system.settings().config();
        this.ring = RingSettings.of(config);
        this.host = HostSettings.from(config);
        this.queueLimitRequests = config.getInt(RingSettings.PATH + ".client.queue-limit-requests");
    }

    /** The ActorSystem's Chainring. */
    public static Chainring get(ActorSystem<?> system) {
        return ID.apply(system);
    }

    /**
     * Opens a disk on the ActorSystem's default dispatcher. Returns at once; {@link EmbeddedDisk#whenServing} tells when it
     * serves, or why it cannot.
     *
     * @param name names the disk in the journal as {@code disk-NAME}; letters, digits, dot, dash and underscore, at
     *     most 64
     * @param store where its bytes are; the disk closes it when it is stopped, or when the ActorSystem ends
     * @throws IllegalArgumentException when the name is not one, or open already
     */
    public EmbeddedDisk open(String name, BlockStore store) {
        return open(name, store, DiskListener.NONE);
    }

    /** As {@link #open(String, BlockStore)}, with somebody who hears of its work. */
    public EmbeddedDisk open(String name, BlockStore store, DiskListener listener) {
        return open(name, store, listener, DispatcherSelector.defaultDispatcher());
    }

    /**
     * As {@link #open(String, BlockStore)}, with all actors of the disk on another dispatcher. One with a single thread is
     * the fastest for a disk.
     */
    public EmbeddedDisk open(
            String name, BlockStore store, DiskListener listener, DispatcherSelector dispatcher) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a disk cannot be named '" + name + "': " + NAME.pattern());
        }
        if (!names.add(name)) {
            throw new IllegalArgumentException("disk " + name + " is open already");
        }
        boolean started = false;
        try {
            RunningDisk disk =
                    RunningDisk.start(
                            system,
                            new DiskParts(
                                    name,
                                    "disk-" + name,
                                    store,
                                    name,
                                    ring,
                                    host,
                                    listener,
                                    dispatcher));
            started = true;
            EmbeddedDisk embedded =
                    new EmbeddedDisk(
                            system,
                            disk,
                            queueLimitRequests,
                            disk.ended().whenComplete((done, failure) -> names.remove(name)));
            embedded.watch();
            return embedded;
        } finally {
            if (!started) {
                names.remove(name);
            }
        }
    }
}
