package io.chainring.node.service;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.chainring.gateway.nbd.NbdSettings;
import io.chainring.host.HostSettings;
import io.chainring.host.registry.RegistrySetup;
import io.chainring.node.StartException;
import io.chainring.node.loop.LoopSettings;
import io.chainring.ring.supervise.RingSettings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that a node is told. Values come from {@code reference.conf}, a configuration file and the command line, the
 * later ones first; {@code reference.conf} says what each means.
 *
 * @param config the whole configuration
 * @param dataDirectory see {@link io.chainring.node.data.DataDirectory}
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
 */
public record NodeSettings(
        Config config,
        Path dataDirectory,
        List<DiskRequest> disks,
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
        RegistrySetup registry) {

    /** Path of a node's own settings. */
    public static final String PATH = "chainring.node";

    /**
     * Reads and checks a configuration.
     *
     * @param config with {@code reference.conf} of all modules below it
     * @param disks named on the command line
     * @throws StartException one line that names the setting
     */
    public static NodeSettings of(Config config, List<DiskRequest> disks) throws StartException {
        try {
            Config node = config.getConfig(PATH);
            String metrics = node.getString("metrics");
            return new NodeSettings(
                    config,
                    Path.of(node.getString("data")),
                    List.copyOf(disks),
                    node.getBytes("default-disk-size"),
                    addresses(node.getStringList("nbd.listen")),
                    node.getStringList("nbd.sockets").stream().map(Path::of).toList(),
                    metrics.equals("off") ? null : HostPort.parse(metrics),
                    LoopSettings.from(config),
                    config.getBoolean("chainring.persistence.leveldb.fsync"),
                    limit(node, "start-limit"),
                    limit(node, "stop-limit"),
                    RingSettings.of(config),
                    HostSettings.from(config),
                    new NbdSettings(config),
                    RegistrySetup.of(config));
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

    private static List<InetSocketAddress> addresses(List<String> texts) {
        List<InetSocketAddress> addresses = new ArrayList<>();
        for (String text : texts) {
            addresses.add(HostPort.parse(text));
        }
        return List.copyOf(addresses);
    }

    private static Duration limit(Config node, String name) {
        Duration limit = node.getDuration(name);
        if (limit.toMillis() < 100 || limit.toDays() > 7) {
            throw new IllegalArgumentException(
                    PATH + "." + name + " = " + limit + ": allowed are 100 milliseconds to 7 days");
        }
        return limit;
    }
}
