package io.chainring.gateway.nbd.setup;

import io.chainring.base.settings.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code chainring.nbd.tls}.
 *
 * @param mode whether clients may or must encrypt
 * @param certificate PEM chain of the server; null only when TLS is off or has pre-shared keys
 * @param privateKey PEM, PKCS#8; null only when TLS is off or has pre-shared keys
 * @param clientAuthorities PEM; null: clients need no certificate
 * @param revocations revocation lists of these authorities, PEM or DER; null: nothing is revoked
 * @param preSharedKeys file of keys in the place of certificates; null: none
 * @param protocols versions of TLS, at least one
 * @param handshakeThreads how many handshakes are computed at once
 */
public record TlsSettings(
        TlsMode mode,
        @Nullable Path certificate,
        @Nullable Path privateKey,
        @Nullable Path clientAuthorities,
        @Nullable Path revocations,
        @Nullable Path preSharedKeys,
        List<String> protocols,
        int handshakeThreads) {
    private static final int MOST_THREADS = 64;

    static TlsSettings from(Settings nbd) {
        TlsMode mode = nbd.parsed("tls.mode", TlsSettings::mode);
        Path certificate = path(nbd, "tls.certificate");
        Path privateKey = path(nbd, "tls.private-key");
        Path clientAuthorities = path(nbd, "tls.client-authorities");
        Path revocations = path(nbd, "tls.revocations");
        Path preSharedKeys = path(nbd, "tls.psk-file");
        if (preSharedKeys != null
                && (certificate != null || privateKey != null || clientAuthorities != null)) {
            throw nbd.refused(
                    "tls.psk-file",
                    preSharedKeys,
                    "a server has either pre-shared keys or certificates: leave out chainring.nbd.tls.certificate,"
                            + " private-key and client-authorities");
        }
        if (mode != TlsMode.OFF
                && preSharedKeys == null
                && (certificate == null || privateKey == null)) {
            throw nbd.refused(
                    "tls.mode",
                    nbd.text("tls.mode"),
                    "needs chainring.nbd.tls.certificate and chainring.nbd.tls.private-key, or chainring.nbd.tls.psk-file");
        }
        if (revocations != null && clientAuthorities == null) {
            throw nbd.refused(
                    "tls.revocations",
                    revocations,
                    "needs chainring.nbd.tls.client-authorities, whose lists these are");
        }
        return new TlsSettings(
                mode,
                certificate,
                privateKey,
                clientAuthorities,
                revocations,
                preSharedKeys,
                protocols(nbd, clientAuthorities != null),
                nbd.number("tls.handshake-threads", 1, MOST_THREADS));
    }

    private static TlsMode mode(String text) {
        // HOCON's words for off and on are read as booleans by some who write them.
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "false" -> TlsMode.OFF;
            case "true" -> TlsMode.ON;
            default -> Settings.choiceOf(text, TlsMode.class);
        };
    }

    private static List<String> protocols(Settings nbd, boolean clientCertificates) {
        List<String> named = nbd.texts("tls.protocols");
        if (!Set.of("TLSv1.3", "TLSv1.2").containsAll(named)) {
            throw nbd.refused("tls.protocols", named, "allowed are \"TLSv1.3\" and \"TLSv1.2\"");
        }
        if (!named.isEmpty()) {
            return named;
        }
        return clientCertificates ? List.of("TLSv1.2") : List.of("TLSv1.3", "TLSv1.2");
    }

    static @Nullable Path path(Settings nbd, String name) {
        String text = nbd.text(name);
        return text.isEmpty() ? null : Path.of(text);
    }
}
