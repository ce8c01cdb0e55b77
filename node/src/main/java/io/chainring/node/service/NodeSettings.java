package io.chainring.node.service;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.chainring.base.settings.Settings;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.host.HostSettings;
import io.chainring.node.StartException;
import io.chainring.node.data.DirectoryClaim;
import io.chainring.node.http.HostPort;
import io.chainring.node.http.HttpLimits;
import io.chainring.node.loop.LoopSettings;
import io.chainring.registry.RegistrySetup;
import io.chainring.ring.supervise.RingSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a node is told. Values come from {@code reference.conf}, a configuration file and the command line, the
 * later ones first; {@code reference.conf} says what each means.
 *
 * @param config the whole configuration
 * @param dataDirectory see {@link io.chainring.node.data.DataDirectory}
 * @param dataClaim what is said of a data directory that is not where it was
 * @param disks to serve beside those that the data directory knows
 * @param defaultDiskBytes size of the disk that a node makes when there is none at all
 * @param nbdAddresses where NBD listens on TCP
 * @param nbdSockets where NBD listens on unix sockets
 * @param metricsAddress where metrics are shown over HTTP; null: nowhere
 * @param loops event loops
 * @param fsync true: an acknowledged journal record is on stable storage
 * @param startLimit longest wait for the disks at start
 * @param stopLimit longest wait for what is in flight at the end
 * @param ring of each disk
 * @param host of each disk
 * @param nbd the gateway
 * @param registry of device names; its journal is chosen by the node
 * @param chaos whether it takes faults on purpose
 * @param control limits of the control socket and of the metrics port, each for itself
 */
public record NodeSettings(
        Config config,
        Path dataDirectory,
        DirectoryClaim dataClaim,
        List<RequestedDisk> disks,
        long defaultDiskBytes,
        List<InetSocketAddress> nbdAddresses,
        List<Path> nbdSockets,
        @Nullable InetSocketAddress metricsAddress,
        LoopSettings loops,
        boolean fsync,
        Duration startLimit,
        Duration stopLimit,
        RingSettings ring,
        HostSettings host,
        NbdSettings nbd,
        RegistrySetup registry,
        boolean chaos,
        HttpLimits control) {

    /** Path of a node's own settings. */
    public static final String PATH = "chainring.node";

    private static final long LEAST_DISK_BYTES = 1;
    private static final Duration SHORTEST_LIMIT = Duration.ofMillis(100);
    private static final Duration LONGEST_LIMIT = Duration.ofDays(7);

    /**
     * Reads and checks a configuration.
     *
     * @param config with {@code reference.conf} of all modules below it
     * @param disks named on the command line
     * @throws StartException one line that names the setting
     */
    public static NodeSettings of(Config config, List<RequestedDisk> disks) throws StartException {
        try {
            Settings node = Settings.at(config, PATH);
            return new NodeSettings(
                    config,
                    node.parsed("data", Path::of),
                    node.choice("data-is", DirectoryClaim.class),
                    List.copyOf(disks),
                    node.bytes("default-disk-size", LEAST_DISK_BYTES, Long.MAX_VALUE),
                    node.allParsed("nbd.listen", HostPort::parse),
                    node.allParsed("nbd.sockets", Path::of),
                    node.isOff("metrics") ? null : node.parsed("metrics", HostPort::parse),
                    LoopSettings.from(config),
                    Settings.at(config, "chainring.persistence.leveldb").flag("fsync"),
                    node.duration("start-limit", SHORTEST_LIMIT, LONGEST_LIMIT),
                    node.duration("stop-limit", SHORTEST_LIMIT, LONGEST_LIMIT),
                    RingSettings.of(config),
                    HostSettings.from(config),
                    new NbdSettings(config),
                    RegistrySetup.of(config),
                    node.flag("chaos"),
                    HttpLimits.from(config));
        } catch (ConfigException e) {
            throw new StartException("configuration: " + oneLine(e), e);
        } catch (IllegalArgumentException e) {
            throw new StartException(e);
        }
    }

    /** What a configuration error says, without line ends. */
    public static String oneLine(ConfigException e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    }
}
