package io.chainring.gateway.nbd.access;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.security.auth.x500.X500Principal;

/**
 * Who a client has proved to be, with a certificate of an authority that the server trusts or with a pre-shared key. Two
 * connections that show the same names are the same client.
 *
 * @param subject the certificate's subject in canonical form (RFC 2253, lower case); empty for nobody in particular
 * @param commonName the subject's most specific common name, may be empty
 * @param alternativeNames the subject alternative names, in their order
 * @param preSharedKey the name of the key that it has in common with the server; empty for one with a certificate
 */
public record ClientIdentity(
        String subject,
        String commonName,
        List<AlternativeName> alternativeNames,
        String preSharedKey) {

    /** A client that has shown neither certificate nor key. */
    public static final ClientIdentity ANONYMOUS = new ClientIdentity("", "", List.of(), "");

    /** Types of alternative names that rules know. */
    public enum NameType {
        EMAIL(1),
        DNS(2),
        URI(6),
        IP(7);

        private final int tag;

        NameType(int tag) {
            this.tag = tag;
        }
    }

    /**
     * One alternative name (RFC 5280, section 4.2.1.6).
     *
     * @param name DNS names in lower case, addresses as the JDK writes them
     */
    public record AlternativeName(NameType type, String name) {}

    public ClientIdentity {
        alternativeNames = List.copyOf(alternativeNames);
    }

    /** Who holds a certificate that was verified. */
    public static ClientIdentity of(X509Certificate certificate) {
        X500Principal subject = certificate.getSubjectX500Principal();
        return new ClientIdentity(
                canonical(subject), commonName(subject), alternativeNames(certificate), "");
    }

    /** Who has the key of that name. */
    public static ClientIdentity ofPreSharedKey(String name) {
        return new ClientIdentity("", "", List.of(), name);
    }

    /** One text for each client, such as for its share of places; one with a key is never one with a certificate. */
    public String key() {
        return preSharedKey.isEmpty() ? subject : "psk:" + preSharedKey;
    }

    /** True when neither certificate nor key was shown. */
    public boolean anonymous() {
        return equals(ANONYMOUS);
    }

    static String canonical(X500Principal name) {
        return name.getName(X500Principal.CANONICAL);
    }

    private static String commonName(X500Principal subject) {
        try {
            List<Rdn> parts = new LdapName(subject.getName(X500Principal.RFC2253)).getRdns();
            for (int i = parts.size() - 1; i >= 0; i--) {
                Attribute name = parts.get(i).toAttributes().get("CN");
                if (name != null && name.get() instanceof String text) {
                    return text;
                }
            }
            return "";
        } catch (NamingException e) {
            // No name that a rule could mean; the subject as a whole is still one.
            return "";
        }
    }

    private static List<AlternativeName> alternativeNames(X509Certificate certificate) {
        List<AlternativeName> names = new ArrayList<>();
        try {
            Collection<List<?>> all = certificate.getSubjectAlternativeNames();
            if (all != null) {
                for (List<?> each : all) {
                    add(names, each);
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return names;
    }

    private static void add(List<AlternativeName> names, List<?> encoded) {
        for (NameType type : NameType.values()) {
            if (encoded.get(0).equals(type.tag) && encoded.get(1) instanceof String name) {
                names.add(
                        new AlternativeName(
                                type, type == NameType.DNS ? name.toLowerCase(Locale.ROOT) : name));
            }
        }
    }
}
