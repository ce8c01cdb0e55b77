package io.chainring.node.service;

import com.typesafe.config.Config;
import io.chainring.gateway.nbd.ExportDirectory;
import io.chainring.gateway.nbd.NbdBindException;
import io.chainring.gateway.nbd.NbdCounters;
import io.chainring.gateway.nbd.NbdServer;
import io.chainring.host.store.FileBlockStore;
import io.chainring.node.StartException;
import io.chainring.node.Version;
import io.chainring.node.control.ControlServer;
import io.chainring.node.control.DiskControl;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.control.NodeControl;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.DiskRecord;
import io.chainring.node.disk.Disk;
import io.chainring.node.disk.NodeGuardian;
import io.chainring.node.loop.EventLoops;
import io.chainring.node.metrics.MetricsServer;
import io.chainring.node.metrics.NodeMetrics;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.BootstrapSetup;
import org.apache.pekko.actor.setup.ActorSystemSetup;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One Chainring node, from its data directory to its sockets.
 *
 * <pre>
 *   start:  data directory (lock) -> loops -> ActorSystem -> journals -> disk registry -> images (locks)
 *           -> names -> disks -> wait until they serve -> NBD -> control socket
 *   stop :  control socket -> NBD takes no more and finishes what is in flight -> disk commands -> disks
 *           -> journals -> ActorSystem -> images (flush, close) -> loops -> unlock
 * </pre>
 *
 * Whatever fails at start takes down what was started before, in the opposite order, and is told in one line.
 */
public final class Node implements NodeControl {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final NodeSettings settings;
    private final Teardown teardown = new Teardown();
    private final ServedDisks served = new ServedDisks();
    private final List<InetSocketAddress> nbdAddresses = new ArrayList<>();
    private final long startedNanos = System.nanoTime();
    private final @Nullable NodeMetrics metrics;
    private @Nullable NbdServer nbd;
    private @Nullable InetSocketAddress shownAt;
    private @Nullable DiskControl diskControl;
    private volatile boolean serving;
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
        return start(settings, FileBlockStore::open);
    }

    /** As {@link #start(NodeSettings)} with other stores. */
    static Node start(NodeSettings settings, DiskOpener.StoreOpener stores) throws StartException {
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

    private void begin(DiskOpener.StoreOpener stores) throws StartException {
        DataDirectory data = DataDirectory.open(settings.dataDirectory());
        teardown.started("data directory", limit -> data.close());
        List<DiskRecord> disksBefore = data.disks();
        teardown.started("list of disks", limit -> takeBack(data, disksBefore));
        EventLoops loops = EventLoops.create(settings.loops());
        teardown.started("event loops", limit -> loops.close());
        teardown.started("disk images", served::closeAll);
        ActorSystem<NodeGuardian.Command> system = actorSystem(loops);
        Journals journals = new Journals(system, data, loops, settings.fsync());
        teardown.started("journals", limit -> journals.close());
        if (metrics != null) {
            LeveldbPersistence.get(system).setListener(metrics.journals());
        }
        Registry registry = Registry.start(system, journals.chooseFor(settings.registry()));
        DiskOpener opener = new DiskOpener(data, loops.count(), stores);
        DiskStarter starter = new DiskStarter(system, loops, journals, settings, metrics);
        teardown.started("disks", limit -> teardown.await(served.stopAll(limit), limit));
        DiskStartup startup = new DiskStartup(data, registry, opener, starter, served);
        teardown.started("names", limit -> takeBack(startup));
        startup.run(settings.disks(), settings.defaultDiskBytes());
        DiskService service =
                new DiskService(data, registry, opener, starter, served, settings.stopLimit());
        teardown.started("disk commands", service::close);
        service.gateway(startNbd(loops));
        diskControl = service;
        ControlServer control =
                ControlServer.start(
                        DataDirectory.controlSocket(data.directory()),
                        settings.config().getConfig(NodeSettings.PATH + ".control"),
                        this);
        teardown.started("control socket", limit -> control.close());
        startMetrics(system);
        serving = true;
        LOG.info(
                "Disks {} are served from {}",
                disks().stream().map(disk -> disk.record().name()).toList(),
                data.directory());
    }

    /** A start that fails leaves no disks behind: their names and images may be given otherwise the next time. */
    private void takeBack(DiskStartup startup) throws DiskRefusedException {
        if (!serving) {
            startup.takeBack();
        }
    }

    private void takeBack(DataDirectory data, List<DiskRecord> before) throws StartException {
        if (!serving && !data.disks().equals(before)) {
            data.replaceAll(before);
        }
    }

    private ActorSystem<NodeGuardian.Command> actorSystem(EventLoops loops) {
        Config config = loops.dispatchers().withFallback(settings.config());
        ActorSystem<NodeGuardian.Command> system =
                ActorSystem.create(
                        NodeGuardian.create(),
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

    private NbdServer startNbd(EventLoops loops) throws StartException {
        NbdServer server;
        NbdCounters counters = metrics == null ? NbdCounters.NONE : metrics.nbd();
        try {
            server = new NbdServer(settings.nbd(), served, loops.group(), counters);
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

    private void startMetrics(ActorSystem<?> system) throws StartException {
        InetSocketAddress address = settings.metricsAddress();
        if (address == null || metrics == null) {
            return;
        }
        ServerBinding binding = MetricsServer.start(system, address, metrics, this);
        shownAt = binding.localAddress();
        LOG.info("Metrics are shown on http://{}/metrics", HostPort.format(binding.localAddress()));
        teardown.started(
                "metrics",
                limit -> {
                    teardown.await(MetricsServer.stop(binding, Duration.ofSeconds(1)), limit);
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
        return served.shown();
    }

    /** What clients find. */
    ExportDirectory exports() {
        return served;
    }

    @Override
    public DiskControl diskControl() {
        DiskControl present = diskControl;
        if (present == null) {
            throw new IllegalStateException("the node is not up yet");
        }
        return present;
    }

    @Override
    public NodeStatus status() {
        NbdServer server = nbd;
        List<String> uris = new ArrayList<>();
        nbdAddresses.forEach(address -> uris.add("nbd://" + HostPort.format(address)));
        settings.nbdSockets()
                .forEach(socket -> uris.add("nbd+unix:///?socket=" + socket.toAbsolutePath()));
        return new NodeStatus(
                Version.text(),
                ProcessHandle.current().pid(),
                Math.round((System.nanoTime() - startedNanos) / 1e6) / 1e3,
                settings.dataDirectory().toAbsolutePath().normalize().toString(),
                settings.fsync(),
                uris,
                server == null ? 0 : server.connections(),
                stopping ? "stopping" : "serving",
                served.all().stream().map(each -> each.disk().status()).toList());
    }

    @Override
    public @Nullable CompletionStage<Boolean> kill(
            String name, SupervisorCommand.Target target, KillMode mode) {
        Disk disk = served.byName(name);
        return disk == null ? null : disk.kill(target, mode);
    }
}
