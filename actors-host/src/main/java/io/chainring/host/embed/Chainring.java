package io.chainring.host.embed;

import com.typesafe.config.Config;
import io.chainring.host.Host;
import io.chainring.host.HostListener;
import io.chainring.host.HostSettings;
import io.chainring.host.HostWorkers;
import io.chainring.host.SignalMask;
import io.chainring.host.store.BlockStore;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.backend.KillSwitch;
import io.chainring.ring.backend.ProcessingCursor;
import io.chainring.ring.backend.RingListener;
import io.chainring.ring.backend.RingStatistics;
import io.chainring.ring.supervise.LocalRingService;
import io.chainring.ring.supervise.RingDoor;
import io.chainring.ring.supervise.RingSettings;
import io.chainring.ring.supervise.RingSupervisor;
import io.chainring.ring.supervise.SupervisorCommand;
import io.chainring.ring.supervise.SupervisorSetup;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Extension;
import org.apache.pekko.actor.typed.ExtensionId;

/**
 * Disks inside an application's own ActorSystem.
 *
 * <pre>{@code
 * BlockStore store = FileBlockStore.open(path, FileStoreOptions.DEFAULT.withCreateSizeBytes(1L << 30));
 * EmbeddedDisk disk = Chainring.get(system).open("vol0", store, RingListener.NONE);
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
    private final AtomicLong opened = new AtomicLong();
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
     * Opens a disk on the ActorSystem's default dispatcher.
     *
     * @param name names the disk in the journal as {@code disk-NAME}; letters, digits, dot, dash and underscore, at
     *     most 64
     * @param store where its bytes are; the disk closes it when it is stopped
     * @param listener hears of its data path
     * @throws IllegalArgumentException when the name is not one, or open already
     */
    public EmbeddedDisk open(String name, BlockStore store, RingListener listener) {
        return open(name, store, listener, DispatcherSelector.defaultDispatcher());
    }

    /** As {@link #open(String, BlockStore, RingListener)}, on another dispatcher. */
    public EmbeddedDisk open(
            String name, BlockStore store, RingListener listener, DispatcherSelector dispatcher) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a disk cannot be named '" + name + "': " + NAME.pattern());
        }
        if (!names.add(name)) {
            throw new IllegalArgumentException("disk " + name + " is open already");
        }
        RingStatistics statistics = new RingStatistics();
        HostWorkers workers = HostWorkers.create(name, host);
        BackendSetup backend =
                new BackendSetup(
                        "disk-" + name,
                        ring.journal(),
                        ring.limits(),
                        new SignalMask(name),
                        new KillSwitch(),
                        new ProcessingCursor(),
                        statistics,
                        listener);
        SupervisorSetup setup =
                new SupervisorSetup(
                        name,
                        backend,
                        new RingDoor(),
                        incarnation ->
                                Host.create(
                                        store, workers, incarnation, host, name, HostListener.NONE),
                        ring.shape(),
                        store::capacityBytes,
                        dispatcher,
                        ring.backoffFirst(),
                        ring.backoffLongest(),
                        ring.outageLimit());
        ActorRef<SupervisorCommand> supervisor =
                system.systemActorOf(
                        RingSupervisor.create(setup),
                        "chainring-" + opened.incrementAndGet() + "-" + name,
                        dispatcher);
        return new EmbeddedDisk(
                system,
                store,
                workers,
                statistics,
                supervisor,
                new LocalRingService(setup, supervisor),
                queueLimitRequests,
                () -> names.remove(name));
    }
}
