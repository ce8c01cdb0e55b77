package io.chainring.gateway.nbd;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** An authority, a server and a client certificate, made by the JDK's keytool, as PEM files in a folder. RSA: GnuTLS does not read the JDK's EC keys. */
final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private final Path folder;

    TestCertificates(Path folder)
            throws IOException, InterruptedException, GeneralSecurityException {
        this.folder = folder;
        generate("ca", "CN=Test Authority", "bc:c=ca:true");
        issue("server", "CN=localhost", "san=dns:localhost,ip:127.0.0.1");
        issue("client", "CN=somebody", "eku=clientAuth");
        Files.writeString(
                file("ca-cert.pem"),
                pem("CERTIFICATE", store("ca").getCertificate("ca").getEncoded()));
    }

    /** One of ca-cert.pem, server-cert.pem, server-key.pem, client-cert.pem, client-key.pem: the names of libnbd. */
    Path file(String name) {
        return folder.resolve(name);
    }

    Path folder() {
        return folder;
    }

    private void issue(String name, String subject, String extension)
            throws IOException, InterruptedException, GeneralSecurityException {
        generate(name, subject, extension);
        Path request = folder.resolve(name + ".csr");
        Path answer = folder.resolve(name + ".crt");
        keytool(name, "-certreq", "-alias", name, "-file", request.toString());
        keytool(
                "ca",
                "-gencert",
                "-alias",
                "ca",
                "-infile",
                request.toString(),
                "-outfile",
                answer.toString(),
                "-ext",
                extension,
                "-rfc");
        keytool("ca", "-exportcert", "-alias", "ca", "-file", folder.resolve("ca.crt").toString());
        keytool(
                name,
                "-importcert",
                "-noprompt",
                "-alias",
                "root",
                "-file",
                folder.resolve("ca.crt").toString());
        keytool(name, "-importcert", "-noprompt", "-alias", name, "-file", answer.toString());
        KeyStore store = store(name);
        StringBuilder chain = new StringBuilder();
        for (Certificate each : store.getCertificateChain(name)) {
            chain.append(pem("CERTIFICATE", each.getEncoded()));
        }
        Files.writeString(file(name + "-cert.pem"), chain);
        byte[] key = store.getKey(name, PASSWORD.toCharArray()).getEncoded();
        Path keyFile = file(name + "-key.pem");
        Files.writeString(keyFile, pem("PRIVATE KEY", key));
        Files.setPosixFilePermissions(keyFile, PosixFilePermissions.fromString("rw-------"));
    }

    private void generate(String name, String subject, String extension)
            throws IOException, InterruptedException {
        keytool(
                name,
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                subject,
                "-validity",
                "2",
                "-ext",
                extension);
    }

    private void keytool(String store, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(Arrays.asList(arguments));
        command.addAll(
                List.of(
                        "-keystore",
                        folder.resolve(store + ".p12").toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD));
        OutsideProgram.run(60, command.toArray(new String[0])).expectSuccess();
    }

    private KeyStore store(String name) throws IOException, GeneralSecurityException {
        return KeyStore.getInstance(folder.resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
    }

    private static String pem(String what, byte[] der) {
        String body =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(der);
        return "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n";
    }
}
