package io.chainring.node.service;

import com.typesafe.config.Config;
import io.chainring.gateway.nbd.ExportDirectory;
import io.chainring.gateway.nbd.NbdBindException;
import io.chainring.gateway.nbd.NbdCounters;
import io.chainring.gateway.nbd.NbdExport;
import io.chainring.gateway.nbd.NbdServer;
import io.chainring.node.StartException;
import io.chainring.node.Version;
import io.chainring.node.control.ControlServer;
import io.chainring.node.control.NodeControl;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.disk.Disk;
import io.chainring.node.disk.DiskEvents;
import io.chainring.node.disk.NodeGuardian;
import io.chainring.node.loop.EventLoops;
import io.chainring.node.metrics.MetricsServer;
import io.chainring.node.metrics.NodeMetrics;
import io.chainring.persistence.LeveldbPersistence;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.RingSettings;
import io.chainring.ring.supervise.SupervisorCommand;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
 *   start:  data directory (lock) -> loops -> images (locks) -> ActorSystem -> journals -> disks
 *           -> wait until they serve -> NBD -> control socket
 *   stop :  control socket -> NBD takes no more and finishes what is in flight -> disks -> journals
 *           -> ActorSystem -> images (flush, close) -> loops -> unlock
 * </pre>
 *
 * Whatever fails at start takes down what was started before, in the opposite order, and is told in one line.
 */
public final class Node implements NodeControl {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);

    private final NodeSettings settings;
    private final Teardown teardown = new Teardown();
    private final Map<String, Disk> disks = new LinkedHashMap<>();
    private final List<InetSocketAddress> nbdAddresses = new ArrayList<>();
    private final long startedNanos = System.nanoTime();
    private final @Nullable NodeMetrics metrics;
    private @Nullable NbdServer nbd;
    private @Nullable InetSocketAddress shownAt;
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
        Node node = new Node(settings);
        boolean started = false;
        try {
            node.start();
            started = true;
            return node;
        } finally {
            if (!started) {
                node.stop();
            }
        }
    }

    private void start() throws StartException {
        DataDirectory data = DataDirectory.open(settings.dataDirectory());
        teardown.started("data directory", limit -> data.close());
        EventLoops loops = EventLoops.create(settings.loops());
        teardown.started("event loops", limit -> loops.close());
        List<DiskOpener.OpenDisk> images =
                new DiskOpener(data, loops.count())
                        .open(settings.disks(), settings.defaultDiskBytes());
        teardown.started("disk images", limit -> closeImages(images, limit));
        ActorSystem<NodeGuardian.Command> system = actorSystem(loops);
        Journals journals = new Journals(system, data, loops, settings.fsync());
        teardown.started("journals", limit -> journals.close());
        if (metrics != null) {
            LeveldbPersistence.get(system).setListener(metrics.journals());
        }
        for (DiskOpener.OpenDisk image : images) {
            startDisk(system, loops, journals, image);
        }
        teardown.started("disks", this::stopDisks);
        awaitDisks();
        startNbd(loops);
        ControlServer control =
                ControlServer.start(
                        DataDirectory.controlSocket(data.directory()),
                        settings.config().getConfig(NodeSettings.PATH + ".control"),
                        this);
        teardown.started("control socket", limit -> control.close());
        startMetrics(system);
        LOG.info("Disks {} are served from {}", disks.keySet(), data.directory());
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

    private void startDisk(
            ActorSystem<NodeGuardian.Command> system,
            EventLoops loops,
            Journals journals,
            DiskOpener.OpenDisk image)
            throws StartException {
        String name = image.record().name();
        int journal = image.record().journal();
        RingSettings ring = settings.ring();
        ring = ring.withJournal(journals.choose(journal, ring.journal().snapshotEveryTurns()));
        Disk disk =
                Disk.start(
                        system,
                        new Disk.Parts(
                                image.record(),
                                image.store(),
                                ring,
                                settings.host(),
                                loops,
                                journals.loopOf(journal),
                                metrics == null ? DiskEvents.NONE : metrics.eventsOf(name)));
        disks.put(name, disk);
        if (metrics != null) {
            metrics.show(disk);
        }
    }

    private void awaitDisks() throws StartException {
        long deadline = System.nanoTime() + settings.startLimit().toNanos();
        for (Disk disk : disks.values()) {
            try {
                disk.serving()
                        .toCompletableFuture()
                        .get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw new StartException(
                        "disk "
                                + disk.record().name()
                                + " has not come up within "
                                + settings.startLimit().toSeconds()
                                + " s; run with -v to see why, or raise chainring.node.start-limit",
                        e);
            } catch (ExecutionException e) {
                throw new StartException(
                        "disk " + disk.record().name() + " cannot be started: " + e.getCause(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartException("the start was interrupted", e);
            }
        }
    }

    private void startNbd(EventLoops loops) throws StartException {
        NbdServer server;
        NbdCounters counters = metrics == null ? NbdCounters.NONE : metrics.nbd();
        try {
            server = new NbdServer(settings.nbd(), exports(), loops.group(), counters);
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

    private ExportDirectory exports() {
        Map<String, NbdExport> exports = new LinkedHashMap<>();
        disks.forEach((name, disk) -> exports.put(name, disk.export()));
        List<NbdExport> inOrder = List.copyOf(exports.values());
        return new ExportDirectory() {
            @Override
            public List<NbdExport> list() {
                return inOrder;
            }

            @Override
            public @Nullable NbdExport find(String name) {
                return exports.get(name);
            }
        };
    }

    private void stopDisks(Duration limit) throws Exception {
        CompletableFuture<?>[] stops =
                disks.values().stream()
                        .map(disk -> disk.stop(limit).toCompletableFuture())
                        .toArray(CompletableFuture[]::new);
        teardown.await(CompletableFuture.allOf(stops), limit);
    }

    private void closeImages(List<DiskOpener.OpenDisk> images, Duration limit) throws Exception {
        Exception first = null;
        for (DiskOpener.OpenDisk image : images) {
            Disk disk = disks.get(image.record().name());
            try {
                if (disk == null) {
                    image.store().close();
                } else {
                    disk.close(limit);
                }
            } catch (Exception e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
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

    /** The disks, in the order in which they were made. */
    public List<Disk> disks() {
        return List.copyOf(disks.values());
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
                disks.values().stream().map(Disk::status).toList());
    }

    @Override
    public @Nullable CompletionStage<Boolean> kill(
            String name, SupervisorCommand.Target target, KillMode mode) {
        Disk disk = disks.get(name);
        return disk == null ? null : disk.kill(target, mode);
    }
}
