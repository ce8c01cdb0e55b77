package io.chainring.gateway.nbd.access;

import io.chainring.gateway.nbd.access.ClientIdentity.NameType;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.function.Predicate;
import javax.security.auth.x500.X500Principal;

/**
 * Whom a rule means:
 *
 * <pre>
 *   anybody                       whoever gets in, with or without a certificate or key
 *   cn:NAME                       the common name of the certificate's subject
 *   subject:CN=a,O=b              the whole subject, as openssl -nameopt RFC2253 prints it; no wildcards
 *   dns:NAME  email:NAME  uri:NAME  one of the certificate's alternative names
 *   ip:ADDRESS                    the same; no wildcards
 *   psk:NAME                      the name of its pre-shared key
 * </pre>
 *
 * In a NAME each {@code *} stands for any characters, dots too.
 */
record ClientPattern(String text, Predicate<ClientIdentity> means) {
    private static final String ANYBODY = "anybody";
    private static final String EXPECTED =
            "a client is anybody, or cn:, subject:, dns:, email:, uri:, ip: or psk: with a name behind it";

    boolean matches(ClientIdentity client) {
        return means.test(client);
    }

    /**
     * @throws IllegalArgumentException one line that says what is expected
     */
    static ClientPattern parse(String text) {
        if (text.equals(ANYBODY)) {
            return new ClientPattern(text, client -> true);
        }
        int colon = text.indexOf(':');
        String name = text.substring(colon + 1);
        if (colon < 0 || name.isBlank()) {
            throw new IllegalArgumentException("'" + text + "': " + EXPECTED);
        }
        return new ClientPattern(
                text,
                switch (text.substring(0, colon)) {
                    case "cn" -> commonName(new NamePattern(name));
                    case "subject" -> subject(name);
                    case "dns" ->
                            alternative(
                                    NameType.DNS, new NamePattern(name.toLowerCase(Locale.ROOT)));
                    case "email" -> alternative(NameType.EMAIL, new NamePattern(name));
                    case "uri" -> alternative(NameType.URI, new NamePattern(name));
                    case "ip" -> alternative(NameType.IP, new NamePattern(address(name)));
                    case "psk" -> preSharedKey(new NamePattern(name));
                    default -> throw new IllegalArgumentException("'" + text + "': " + EXPECTED);
                });
    }

    private static Predicate<ClientIdentity> preSharedKey(NamePattern pattern) {
        return client -> !client.preSharedKey().isEmpty() && pattern.matches(client.preSharedKey());
    }

    private static Predicate<ClientIdentity> commonName(NamePattern pattern) {
        return client ->
                client.preSharedKey().isEmpty()
                        && !client.anonymous()
                        && pattern.matches(client.commonName());
    }

    private static Predicate<ClientIdentity> subject(String name) {
        String wanted = ClientIdentity.canonical(new X500Principal(name));
        return client ->
                client.preSharedKey().isEmpty()
                        && !client.anonymous()
                        && client.subject().equals(wanted);
    }

    private static Predicate<ClientIdentity> alternative(NameType type, NamePattern pattern) {
        return client ->
                client.alternativeNames().stream()
                        .anyMatch(name -> name.type() == type && pattern.matches(name.name()));
    }

    /** An address as the JDK writes those of certificates; never looked up as a host name. */
    private static String address(String text) {
        if (!text.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            throw new IllegalArgumentException("'ip:" + text + "' is not an address");
        }
        try {
            return InetAddress.getByName(text).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("'ip:" + text + "' is not an address", e);
        }
    }
}
