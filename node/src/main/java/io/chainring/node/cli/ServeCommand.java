package io.chainring.node.cli;

import ch.qos.logback.classic.Level;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import io.chainring.base.settings.InvalidSettingException;
import io.chainring.base.settings.UnknownSettings;
import io.chainring.node.StartException;
import io.chainring.node.service.Node;
import io.chainring.node.service.NodeSettings;
import io.chainring.node.service.RequestedDisk;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code chainring serve}: one node, until somebody ends it. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Serves disks to NBD clients.",
            "Without options: one sparse disk of 1 GiB under ./chainring-data, NBD on 127.0.0.1:10809."
        },
        footer = {
            "",
            "Disks are remembered in the data directory: a later 'serve' with the same --data serves them all again.",
            "SIGTERM or Ctrl-C: what is in flight is finished, then the node ends; a second time: it ends at once.",
            "",
            "Examples:",
            "  chainring serve",
            "  chainring serve --disk a=/srv/a.img,size=20G --disk b=/srv/b.img --data /var/lib/chainring",
            "  chainring serve --nbd-socket /run/chainring.sock --fsync on --crash-policy fail",
            "  chainring serve --tls required --tls-certificate server.pem --tls-key server-key.pem",
            "",
            "Exit codes: 0 ended as asked, 1 ended badly (the log says why), 2 wrong usage or could not start."
        })
public final class ServeCommand implements Callable<Integer> {
    private static final String RING = "chainring.ring.";
    private static final String NODE = NodeSettings.PATH + ".";
    private static final String TLS = "chainring.nbd.tls.";
    private static final String ACCESS = "chainring.nbd.access.";

    @Spec private CommandSpec spec;

    @Option(
            names = "--disk",
            paramLabel = "NAME=PATH[,size=SIZE]",
            description =
                    "Serve the image PATH as disk NAME; with a size (K, M, G, T) it is made when it is missing."
                            + " May be given several times.")
    private List<String> disks = new ArrayList<>();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data directory (default: chainring-data).")
    private @Nullable Path data;

    @Option(
            names = "--data-is",
            paramLabel = "original|copy",
            description =
                    "Of a data directory that was moved to another file system (original), or copied while the original"
                            + " goes on (copy): for its first start in the new place.")
    private @Nullable String dataClaim;

    @Option(
            names = "--nbd",
            paramLabel = "HOST:PORT",
            description =
                    "Listen for NBD clients there (default: 127.0.0.1:10809). May be repeated. 0.0.0.0 is every IPv4"
                            + " address of this machine, [::] every one; beyond loopback --tls is needed.")
    private List<String> nbd = new ArrayList<>();

    @Option(
            names = "--nbd-socket",
            paramLabel = "PATH",
            description =
                    "Listen for NBD clients on a unix socket; alone, it replaces the default.")
    private List<Path> nbdSockets = new ArrayList<>();

    @Option(
            names = "--nbd-plain-tcp-beyond-loopback",
            description =
                    "Serve other machines without encryption: whoever reaches the port reads and writes every disk.")
    private boolean plainTcpBeyondLoopback;

    @Option(
            names = "--nbd-access",
            paramLabel = "FILE",
            description = "Rules that say which client may use which disk (docs/access.md).")
    private @Nullable Path accessRules;

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "Show /metrics (Prometheus), /status and /health over HTTP there.")
    private @Nullable String metrics;

    @Option(
            names = "--fsync",
            paramLabel = "on|off",
            description =
                    "on: the journal survives a power loss; off (default): it survives kill -9 of the node.")
    private @Nullable String fsync;

    @Option(
            names = "--crash-policy",
            paramLabel = "resume|fail|abandon",
            description = "What a restarted backend does with chains in flight (default: resume).")
    private @Nullable String crashPolicy;

    @Option(
            names = "--tls",
            paramLabel = "off|on|required",
            description = "Whether NBD clients may or must encrypt (default: off).")
    private @Nullable String tls;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = "PEM chain of the server.")
    private @Nullable Path tlsCertificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "Private key of the server, PEM, PKCS#8.")
    private @Nullable Path tlsKey;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Clients must show a certificate of these authorities (PEM).")
    private @Nullable Path tlsClientAuthorities;

    @Option(
            names = "--tls-crl",
            paramLabel = "FILE",
            description = "Revocation lists of these authorities (PEM or DER).")
    private @Nullable Path tlsRevocations;

    @Option(
            names = "--tls-psk",
            paramLabel = "FILE",
            description =
                    "Pre-shared keys of clients in the place of certificates, a line NAME:HEX each.")
    private @Nullable Path tlsPreSharedKeys;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings in HOCON; reference.conf of each module lists them.")
    private @Nullable Path configFile;

    @Option(names = "-v", description = "Log more.")
    private boolean verbose;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    ServeCommand() {}

    @Override
    public Integer call() throws StartException, InterruptedException {
        if (verbose) {
            logLevel(Level.DEBUG);
        }
        GivenSettings given = given();
        NodeSettings settings;
        Node node;
        try {
            settings = settings(given);
            node = Node.start(settings);
        } catch (StartException e) {
            throw given.named(e);
        }
        Shutdown shutdown = Shutdown.install();
        PrintWriter out = spec.commandLine().getOut();
        out.print(new Welcome(node, settings).text());
        out.println("Ready.");
        out.flush();
        shutdown.await(node);
        return node.stop() ? 0 : 1;
    }

    private NodeSettings settings(GivenSettings given) throws StartException {
        List<RequestedDisk> requests = new ArrayList<>();
        try {
            for (String disk : disks) {
                requests.add(DiskOption.parse(disk));
            }
            Config files = file().withFallback(ConfigFactory.defaultApplication());
            UnknownSettings.refuse(files, "chainring");
            Config all =
                    given.config()
                            .withFallback(ConfigFactory.defaultOverrides())
                            .withFallback(files)
                            .withFallback(ConfigFactory.defaultReferenceUnresolved())
                            .resolve();
            return NodeSettings.of(all, requests);
        } catch (ConfigException e) {
            throw new StartException("configuration: " + NodeSettings.oneLine(e), e);
        } catch (InvalidSettingException e) {
            throw new StartException(e);
        } catch (IllegalArgumentException e) {
            throw new StartException("--disk " + e.getMessage(), e);
        }
    }

    private Config file() throws StartException {
        if (configFile == null) {
            return ConfigFactory.empty();
        }
        try {
            return ConfigFactory.parseFile(
                    configFile.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
        } catch (ConfigException.IO e) {
            throw new StartException(
                    "configuration file " + configFile + " cannot be read; check its name and mode",
                    e);
        }
    }

    /** The options as the settings that they stand for. */
    private GivenSettings given() {
        GivenSettings given = new GivenSettings();
        given.put("--data", NODE + "data", text(data));
        given.put("--data-is", NODE + "data-is", dataClaim);
        given.put("--metrics", NODE + "metrics", metrics);
        given.put("--fsync", "chainring.persistence.leveldb.fsync", fsync);
        given.put("--crash-policy", RING + "crash-policy", crashPolicy);
        given.put("--tls", TLS + "mode", tls);
        given.put("--tls-certificate", TLS + "certificate", text(tlsCertificate));
        given.put("--tls-key", TLS + "private-key", text(tlsKey));
        given.put("--tls-client-ca", TLS + "client-authorities", text(tlsClientAuthorities));
        given.put("--tls-crl", TLS + "revocations", text(tlsRevocations));
        given.put("--tls-psk", TLS + "psk-file", text(tlsPreSharedKeys));
        given.put("--nbd-access", ACCESS + "rules", text(accessRules));
        if (plainTcpBeyondLoopback) {
            given.put(
                    "--nbd-plain-tcp-beyond-loopback", ACCESS + "plain-tcp-beyond-loopback", true);
        }
        if (!nbd.isEmpty() || !nbdSockets.isEmpty()) {
            given.put("--nbd", NODE + "nbd.listen", nbd);
            given.put(
                    "--nbd-socket",
                    NODE + "nbd.sockets",
                    nbdSockets.stream().map(Path::toString).toList());
        }
        return given;
    }

    private static @Nullable String text(@Nullable Path path) {
        return path == null ? null : path.toString();
    }

    private static void logLevel(Level level) {
        if (LoggerFactory.getLogger("io.chainring")
                instanceof ch.qos.logback.classic.Logger logger) {
            logger.setLevel(level);
        }
    }
}
