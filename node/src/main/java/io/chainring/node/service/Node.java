package io.chainring.node.service;

import com.typesafe.config.Config;
import io.chainring.gateway.nbd.NbdBindException;
import io.chainring.gateway.nbd.NbdServer;
import io.chainring.gateway.nbd.protocol.NbdUri;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdCounters;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.setup.TlsMode;
import io.chainring.gateway.nbd.tls.PlainTcp;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.store.FileBlockStore;
import io.chainring.host.store.SpaceReserve;
import io.chainring.node.StartException;
import io.chainring.node.Version;
import io.chainring.node.control.ControlServer;
import io.chainring.node.control.DiskControl;
import io.chainring.node.control.FaultControl;
import io.chainring.node.control.NodeControl;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.MissingDisks;
import io.chainring.node.disk.Disk;
import io.chainring.node.fault.NodeFaults;
import io.chainring.node.fault.RegistryKills;
import io.chainring.node.files.DiskPaths;
import io.chainring.node.files.LooseFiles;
import io.chainring.node.files.NativePlace;
import io.chainring.node.http.HostPort;
import io.chainring.node.http.HttpServer;
import io.chainring.node.journals.JournalSweep;
import io.chainring.node.journals.Journals;
import io.chainring.node.loop.EventLoops;
import io.chainring.node.memory.MemoryParts;
import io.chainring.node.metrics.MetricsPages;
import io.chainring.node.metrics.NodeMetrics;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.slab.SlabPool;
import io.chainring.ring.supervise.RingMemory;
import io.chainring.ring.supervise.SupervisorCommand;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Chainring node, from its data directory to its sockets.
 *
 * <pre>
 *   start:  data directory (lock) -> loops -> ActorSystem -> journals -> disk registry
 *           -> disks -> wait until they serve -> NBD -> control socket
 *   stop :  control socket -> NBD takes no more and finishes what is in flight -> disks and their images (flush, close)
 *           -> journals -> ActorSystem -> what of the disks did not end in time -> loops -> unlock
 * </pre>
 *
 * Whatever fails at start takes down what was started before, in the opposite order, and is told in one line.
 */
public final class Node implements NodeControl {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final NodeSettings settings;
    private final Teardown teardown = new Teardown();
    private final List<InetSocketAddress> nbdAddresses = new ArrayList<>();
    private final long startedNanos = System.nanoTime();
    private final @Nullable NodeMetrics metrics;
    private volatile @Nullable NodeDisks disks;
    private @Nullable NbdServer nbd;
    private @Nullable InetSocketAddress shownAt;
    private @Nullable DiskControl diskControl;
    private @Nullable NodeFaults faults;
    private @Nullable JournalSweep sweep;
    private volatile boolean stopping;

    private Node(NodeSettings settings) {
        this.settings = settings;
        this.metrics = settings.metricsAddress() == null ? null : new NodeMetrics();
    }

    /**
     * Starts a node; it serves when this returns.
     *
     * @throws StartException one line: what is wrong, which file or setting, what to do
     */
    public static Node start(NodeSettings settings) throws StartException {
        return start(
                settings,
                settings.chaos()
                        ? (path, options) ->
                                new FaultyStore(FileBlockStore.open(path, options), path.hashCode())
                        : FileBlockStore::open);
    }

    /** As {@link #start(NodeSettings)} with other stores. */
    static Node start(NodeSettings settings, ImageOpener.StoreOpener stores) throws StartException {
        Node node = new Node(settings);
        boolean started = false;
        try {
            node.begin(stores);
            started = true;
            return node;
        } finally {
            if (!started) {
                node.stop();
            }
        }
    }

    private void begin(ImageOpener.StoreOpener stores) throws StartException {
        MemoryParts.of(
                        settings.config(),
                        settings.ring().shape(),
                        settings.nbd(),
                        settings.control(),
                        settings.metricsAddress() == null ? 1 : 2)
                .check();
        DataDirectory data = DataDirectory.open(settings.dataDirectory(), settings.dataClaim());
        teardown.started("data directory", limit -> data.close());
        LooseFiles loose = new LooseFiles(data.directory());
        NativePlace.use(settings.config());
        EventLoops loops = EventLoops.create(settings.loops());
        teardown.started("event loops", limit -> loops.close());
        teardown.started(
                "disk images",
                limit -> {
                    NodeDisks present = disks;
                    if (present != null) {
                        try {
                            teardown.await(present.imagesClosed(), limit);
                        } finally {
                            present.threads().close();
                        }
                    }
                });
        ActorSystem<Void> system = actorSystem(loops);
        SpaceReserve reserve = Journals.reserve(data, settings.config(), loops.count());
        teardown.started("space reserve", limit -> reserve.close());
        Journals journals = new Journals(system, data, loops, settings.fsync());
        teardown.started("journals", limit -> journals.close());
        if (metrics != null) {
            LeveldbPersistence.get(system).setListener(metrics.journals());
        }
        Registry registry =
                Registry.start(system, journals.chooseFor(settings.registry()), data.paths());
        registry.keepPaths();
        OldListConversion.run(data, registry);
        MissingDisks.tell(data, Registry.await(registry.list()));
        NewCopy.separate(data, registry);
        NodeDisks known =
                new NodeDisks(
                        data,
                        registry,
                        new ImageOpener(
                                stores,
                                new DiskPaths(data.directory(), data.images()),
                                loose,
                                reserve),
                        new DiskLauncher(system, loops, journals, settings, metrics),
                        settings.stopLimit());
        disks = known;
        teardown.started("disks", limit -> teardown.await(known.end(), limit));
        DiskPlaces places = new DiskPlaces(data, loops.count());
        new FirstDisks(known, places).run(settings.disks(), settings.defaultDiskBytes());
        loose.started();
        DiskService service = new DiskService(known, places);
        NbdServer server = startNbd(loops, known);
        known.gateway(server);
        diskControl = service;
        if (settings.chaos()) {
            faults =
                    new NodeFaults(
                            known::running,
                            journals::faults,
                            new RegistryKills(settings.registry().points(), registry::kill));
        }
        JournalSweep started = JournalSweep.start(journals, registry::persistenceIds);
        teardown.started("journal sweep", started::end);
        sweep = started;
        ControlServer control =
                ControlServer.start(
                        DataDirectory.controlSocket(data.directory()), settings.control(), this);
        teardown.started("control socket", limit -> control.close());
        startMetrics(RingMemory.get(system).slabs(), server);
        LOG.info(
                "Disks {} are served from {}",
                disks().stream().map(Disk::name).toList(),
                data.directory());
    }

    private ActorSystem<Void> actorSystem(EventLoops loops) {
        Config config = loops.dispatchers().withFallback(settings.config());
        ActorSystem<Void> system =
                ActorSystem.create(
                        Behaviors.empty(),
                        "chainring",
                        ActorSystemSetup.create(BootstrapSetup.create(config), loops.setup()));
        teardown.started(
                "actors",
                limit -> {
                    system.terminate();
                    teardown.await(system.getWhenTerminated(), limit);
                });
        return system;
    }

    private NbdServer startNbd(EventLoops loops, NodeDisks exports) throws StartException {
        NbdServer server;
        NbdCounters counters = metrics == null ? NbdCounters.NONE : metrics.nbd();
        try {
            server = new NbdServer(settings.nbd(), exports, loops.group(), counters);
        } catch (IllegalArgumentException e) {
            throw new StartException(e);
        }
        nbd = server;
        teardown.started(
                "NBD",
                limit -> {
                    try {
                        teardown.await(server.shutDown(), limit);
                    } finally {
                        server.close();
                    }
                });
        try {
            for (InetSocketAddress address : settings.nbdAddresses()) {
                nbdAddresses.add(server.listen(address));
            }
            for (Path socket : settings.nbdSockets()) {
                server.listen(socket);
            }
            return server;
        } catch (NbdBindException e) {
            throw new StartException(e);
        }
    }

    private void startMetrics(SlabPool memory, NbdServer server) throws StartException {
        InetSocketAddress address = settings.metricsAddress();
        if (address == null || metrics == null) {
            return;
        }
        metrics.showMemory(memory, server);
        HttpServer shown = MetricsPages.show(address, settings.control(), metrics, this);
        InetSocketAddress bound = (InetSocketAddress) shown.address();
        shownAt = bound;
        LOG.info("Metrics are shown on http://{}/metrics", HostPort.format(bound));
        teardown.started(
                "metrics",
                limit -> {
                    shown.close();
                    metrics.close();
                });
    }

    /**
     * Ends the node in order, within {@link NodeSettings#stopLimit}.
     *
     * @return false when something did not end as it should; the log says what
     */
    public boolean stop() {
        stopping = true;
        return teardown.run(settings.stopLimit());
    }

    /** Makes a {@link #stop} that is under way wait for nothing any more. Any thread. */
    public void hurry() {
        teardown.hurry();
    }

    /** Where NBD listens on TCP, with the ports that were taken. */
    public List<InetSocketAddress> nbdAddresses() {
        return List.copyOf(nbdAddresses);
    }

    /** Where metrics are shown, with the port that was taken; null when they are not. */
    public @Nullable InetSocketAddress metricsAddress() {
        return shownAt;
    }

    /** The disks that are served, in the order in which they came. */
    public List<Disk> disks() {
        return present().shown();
    }

    /** Complete when the journals know forgotten disks no longer, with how many there were. */
    CompletableFuture<Integer> journalsSwept() {
        return Objects.requireNonNull(sweep).erased();
    }

    /** What clients find. */
    ExportDirectory exports() {
        return present();
    }

    @Override
    public @Nullable FaultControl faultControl() {
        return faults;
    }

    private NodeDisks present() {
        NodeDisks present = disks;
        if (present == null) {
            throw new IllegalStateException("the node is not up yet");
        }
        return present;
    }

    @Override
    public DiskControl diskControl() {
        DiskControl present = diskControl;
        if (present == null) {
            throw new IllegalStateException("the node is not up yet");
        }
        return present;
    }

    /**
     * Where clients find an export, as NBD URIs: what only some of this machine can use comes first.
     *
     * @param export empty: the default one
     */
    public List<NbdEndpoint> nbdEndpoints(String export) {
        NbdSettings nbdSettings = settings.nbd();
        TlsMode mode = nbdSettings.tls().mode();
        boolean plainAllowed = nbdSettings.access().plainTcpBeyondLoopback();
        List<NbdEndpoint> endpoints = new ArrayList<>();
        for (Path socket : settings.nbdSockets()) {
            boolean encrypted = mode == TlsMode.REQUIRED;
            endpoints.add(
                    new NbdEndpoint(NbdUri.of(socket, export, encrypted), null, socket, encrypted));
        }
        for (InetSocketAddress address : nbdAddresses) {
            boolean encrypted = PlainTcp.mode(mode, plainAllowed, address) == TlsMode.REQUIRED;
            endpoints.add(
                    new NbdEndpoint(
                            NbdUri.of(address, export, encrypted), address, null, encrypted));
        }
        return endpoints;
    }

    @Override
    public NodeStatus status() {
        NbdServer server = nbd;
        return new NodeStatus(
                Version.text(),
                ProcessHandle.current().pid(),
                Math.round((System.nanoTime() - startedNanos) / 1e6) / 1e3,
                settings.dataDirectory().toAbsolutePath().normalize().toString(),
                settings.fsync(),
                nbdEndpoints("").stream().map(NbdEndpoint::uri).toList(),
                server == null ? 0 : server.connections(),
                stopping ? "stopping" : "serving",
                present().running().stream().map(Disk::status).toList());
    }

    @Override
    public @Nullable CompletionStage<Boolean> kill(
            String name, SupervisorCommand.Target target, KillMode mode) {
        Disk disk = present().byName(name);
        return disk == null ? null : disk.kill(target, mode);
    }
}
