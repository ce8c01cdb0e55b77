package io.chainring.node.cli;

import io.chainring.base.text.ShellQuote;
import io.chainring.gateway.nbd.protocol.NbdUri;
import io.chainring.gateway.nbd.setup.TlsSettings;
import io.chainring.node.service.NbdEndpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Commands of NBD clients that work as they stand, but for what only the reader knows: {@code SOURCE.img}, and with
 * certificates the folder {@code CLIENT}.
 */
final class TryCommands {
    private static final String WRITE_AND_READ = "-c 'write -P 0x5a 0 1M' -c 'read -P 0x5a 0 1M'";
    private static final String FOLDER = "CLIENT";

    /** What qemu's tools call a file of pre-shared keys. */
    private static final String QEMU_KEYS = "keys.psk";

    private TryCommands() {}

    /** For one export at one place. */
    static List<String> of(NbdEndpoint endpoint, String export, TlsSettings tls) {
        if (!endpoint.encrypted()) {
            return plain(endpoint, export);
        }
        Path keys = tls.preSharedKeys();
        return keys == null
                ? withCertificates(endpoint, export, tls)
                : withKeys(endpoint, export, keys.toAbsolutePath());
    }

    /** One word whatever stands in it: what a URI needs is encoded, and & and ? are the shell's as well. */
    private static String word(String uri) {
        return "'" + uri + "'";
    }

    private static List<String> plain(NbdEndpoint endpoint, String export) {
        String uri = word(endpoint.uri());
        List<String> commands = new ArrayList<>(libnbd(uri));
        commands.add("qemu-img convert -n -O raw SOURCE.img " + uri);
        commands.add("qemu-io -f raw " + WRITE_AND_READ + " " + uri);
        commands.add(
                "fio --name=try --ioengine=nbd --uri="
                        + uri
                        + " --rw=randrw --bs=4k --iodepth=16 --size=64M --verify=crc32c --time_based --runtime=60");
        InetSocketAddress address = endpoint.address();
        if (address != null) {
            commands.add(
                    "sudo nbd-client %s %d /dev/nbd0 -N %s -persist"
                            .formatted(
                                    address.getAddress().getHostAddress(),
                                    address.getPort(),
                                    ShellQuote.word(export)));
        }
        return commands;
    }

    private static List<String> libnbd(String uri) {
        return List.of("nbdinfo " + uri, "nbdcopy SOURCE.img " + uri);
    }

    private static List<String> qemu(String credentials, NbdEndpoint endpoint, String export) {
        String object = "--object " + ShellQuote.word(credentials + ",id=tls,endpoint=client");
        String options = ShellQuote.word(options(endpoint, export) + ",tls-creds=tls");
        return List.of(
                "qemu-img convert -n %s --target-image-opts SOURCE.img %s"
                        .formatted(object, options),
                "qemu-io %s --image-opts %s %s".formatted(object, WRITE_AND_READ, options));
    }

    private static String options(NbdEndpoint endpoint, String export) {
        InetSocketAddress address = endpoint.address();
        String where =
                address == null
                        ? "server.type=unix,server.path=" + value(absolute(endpoint.socket()))
                        : "host=%s,port=%d"
                                .formatted(
                                        address.getAddress().getHostAddress(), address.getPort());
        return "driver=nbd," + where + ",export=" + value(export);
    }

    /** QEMU doubles a comma that is none of its own. */
    private static String value(String text) {
        return text.replace(",", ",,");
    }

    private static String absolute(@Nullable Path path) {
        return String.valueOf(path == null ? null : path.toAbsolutePath());
    }

    private static List<String> withCertificates(
            NbdEndpoint endpoint, String export, TlsSettings tls) {
        List<String> commands =
                new ArrayList<>(
                        libnbd(word(NbdUri.withFile(endpoint.uri(), "tls-certificates", FOLDER))));
        commands.addAll(qemu("tls-creds-x509,dir=" + FOLDER, endpoint, export));
        commands.add(
                "where %s is a folder with ca-cert.pem, of the authority of %s%s"
                        .formatted(
                                FOLDER,
                                tls.certificate(),
                                tls.clientAuthorities() == null
                                        ? ""
                                        : ", client-cert.pem and client-key.pem"));
        return commands;
    }

    private static List<String> withKeys(NbdEndpoint endpoint, String export, Path keys) {
        String name = firstName(keys);
        String uri =
                NbdUri.withFile(
                        NbdUri.withUser(endpoint.uri(), name), "tls-psk-file", keys.toString());
        List<String> commands = new ArrayList<>(libnbd(word(uri)));
        if (keys.endsWith(QEMU_KEYS)) {
            String credentials =
                    "tls-creds-psk,dir=%s,username=%s"
                            .formatted(value(String.valueOf(keys.getParent())), value(name));
            commands.addAll(qemu(credentials, endpoint, export));
        } else {
            commands.add("and with qemu's tools where the file of keys is called " + QEMU_KEYS);
        }
        return commands;
    }

    /** The server has read the file before; should it be gone since, the reader knows a name. */
    private static String firstName(Path keys) {
        try (Stream<String> lines = Files.lines(keys, StandardCharsets.UTF_8)) {
            return lines.filter(line -> line.indexOf(':') > 0)
                    .map(line -> line.strip().substring(0, line.strip().indexOf(':')))
                    .findFirst()
                    .orElse("NAME");
        } catch (IOException | UncheckedIOException e) {
            return "NAME";
        }
    }
}
