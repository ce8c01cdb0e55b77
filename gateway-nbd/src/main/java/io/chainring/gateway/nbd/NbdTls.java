package io.chainring.gateway.nbd;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Reads the PEM files of the settings; the JDK's TLS. */
final class NbdTls {
    private NbdTls() {}

    /**
     * @return null when TLS is off
     * @throws IllegalArgumentException for a file that is missing or is not what it should be; one line that names it
     */
    static @Nullable SslContext context(NbdSettings settings) {
        Path certificate = settings.certificate();
        Path privateKey = settings.privateKey();
        if (settings.tlsMode() == TlsMode.OFF || certificate == null || privateKey == null) {
            return null;
        }
        Path authorities = settings.clientAuthorities();
        readable("certificate", certificate);
        readable("private-key", privateKey);
        SslContextBuilder builder =
                builder(certificate, privateKey)
                        .sslProvider(SslProvider.JDK)
                        .protocols(settings.tlsProtocols());
        if (authorities != null) {
            readable("client-authorities", authorities);
            trust(builder, authorities);
        }
        try {
            return builder.build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "chainring.nbd.tls: certificate "
                            + certificate
                            + ", private key "
                            + privateKey
                            + " and client authorities do not work together: "
                            + e.getMessage(),
                    e);
        }
    }

    private static SslContextBuilder builder(Path certificate, Path privateKey) {
        try {
            return SslContextBuilder.forServer(certificate.toFile(), privateKey.toFile());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "chainring.nbd.tls: "
                            + certificate
                            + " must hold PEM certificates and "
                            + privateKey
                            + " a PKCS#8 private key (\"BEGIN PRIVATE KEY\")",
                    e);
        }
    }

    private static void trust(SslContextBuilder builder, Path authorities) {
        try {
            builder.trustManager(authorities.toFile()).clientAuth(ClientAuth.REQUIRE);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "chainring.nbd.tls.client-authorities = "
                            + authorities
                            + " must hold PEM certificates",
                    e);
        }
    }

    private static void readable(String setting, Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(
                    "chainring.nbd.tls."
                            + setting
                            + " = "
                            + file
                            + " cannot be read: give the path of a PEM file");
        }
    }
}
