package io.chainring.gateway.nbd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An authority, its certificates and its revocation list, made by openssl. Each holder has a folder of its own with the
 * file names of libnbd and qemu: ca-cert.pem, client-cert.pem, client-key.pem.
 */
final class OpenSslAuthority {
    private final Path folder;

    OpenSslAuthority(Path folder) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        Files.writeString(folder.resolve("index.txt"), "");
        Files.writeString(
                folder.resolve("ca.cnf"),
                """
                [req]
                distinguished_name = dn
                x509_extensions = authority
                [dn]
                [authority]
                basicConstraints = critical, CA:true
                keyUsage = critical, keyCertSign, cRLSign
                subjectKeyIdentifier = hash
                [db]
                database = %s/index.txt
                default_md = sha256
                default_crl_days = 2
                """
                        .formatted(folder));
        openssl(
                "req",
                "-x509",
                "-config",
                path("ca.cnf"),
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout",
                path("ca-key.pem"),
                "-out",
                path("ca-cert.pem"),
                "-subj",
                "/CN=Test Authority",
                "-days",
                "2");
        revocations();
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    Path certificate() {
        return folder.resolve("ca-cert.pem");
    }

    /** Certificate and key of a server on this machine: server-cert.pem, server-key.pem, as chainring.nbd.tls has them. */
    String server(String name) throws IOException, InterruptedException {
        String subject = "/CN=" + name;
        openssl(
                "req",
                "-config",
                path("ca.cnf"),
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-keyout",
                path(name + "-key.pem"),
                "-out",
                path(name + ".csr"),
                "-subj",
                subject);
        sign(
                name,
                path(name + ".csr"),
                path(name + "-cert.pem"),
                "DNS:localhost,IP:127.0.0.1,IP:::1");
        return "certificate = \"%s\", private-key = \"%s\""
                .formatted(path(name + "-cert.pem"), path(name + "-key.pem"));
    }

    /**
     * @param subject as openssl -subj has it
     * @param names subject alternative names, as openssl has them; may be empty
     * @return the holder's folder
     */
    Path client(String name, String subject, String names)
            throws IOException, InterruptedException {
        Path own = Files.createDirectories(folder.resolve(name));
        openssl(
                "req",
                "-config",
                path("ca.cnf"),
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout",
                own.resolve("client-key.pem").toString(),
                "-out",
                path(name + ".csr"),
                "-subj",
                subject);
        sign(name, path(name + ".csr"), own.resolve("client-cert.pem").toString(), names);
        Files.copy(certificate(), own.resolve("ca-cert.pem"));
        return own;
    }

    private void sign(String name, String request, String certificate, String names)
            throws IOException, InterruptedException {
        Path extensions =
                Files.writeString(
                        folder.resolve(name + ".ext"),
                        "basicConstraints = CA:false\n"
                                + (names.isEmpty() ? "" : "subjectAltName = " + names + "\n"));
        openssl(
                "x509",
                "-req",
                "-in",
                request,
                "-CA",
                path("ca-cert.pem"),
                "-CAkey",
                path("ca-key.pem"),
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                extensions.toString(),
                "-out",
                certificate);
    }

    /** The authority's list, crl.pem, written anew with what is revoked by then. */
    Path revocations() throws IOException, InterruptedException {
        ca("-gencrl", "-out", path("crl.pem"));
        return folder.resolve("crl.pem");
    }

    void revoke(Path client) throws IOException, InterruptedException {
        ca("-revoke", client.resolve("client-cert.pem").toString());
        revocations();
    }

    private void ca(String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "ca",
                                "-config",
                                path("ca.cnf"),
                                "-name",
                                "db",
                                "-keyfile",
                                path("ca-key.pem"),
                                "-cert",
                                path("ca-cert.pem")));
        command.addAll(Arrays.asList(arguments));
        openssl(command.toArray(new String[0]));
    }

    private static void openssl(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(Arrays.asList(arguments));
        OutsideProgram.run(60, command.toArray(new String[0])).expectSuccess();
    }
}
