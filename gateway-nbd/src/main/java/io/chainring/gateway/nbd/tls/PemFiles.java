package io.chainring.gateway.nbd.tls;

import io.chainring.base.text.ShellQuote;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the files that {@code chainring.nbd.tls} names. All methods throw IllegalArgumentException with one line that names
 * setting and file.
 */
final class PemFiles {
    private static final int MOST_BYTES = 64 << 20;
    private static final Pattern KEY =
            Pattern.compile(
                    "-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> KEY_TYPES = List.of("RSA", "RSASSA-PSS", "EC", "EdDSA");

    private PemFiles() {}

    /** The certificates of a file in their order, at least one. */
    static X509Certificate[] certificates(String setting, Path file) {
        byte[] bytes = bytes(setting, file);
        try {
            X509Certificate[] all =
                    x509().generateCertificates(new ByteArrayInputStream(bytes))
                            .toArray(new X509Certificate[0]);
            if (all.length > 0) {
                return all;
            }
        } catch (CertificateException | ArrayStoreException e) {
            throw new IllegalArgumentException(
                    name(setting, file) + " must hold PEM certificates", e);
        }
        throw new IllegalArgumentException(name(setting, file) + " must hold PEM certificates");
    }

    /** A private key in PKCS#8 that is kept from others. */
    static PrivateKey privateKey(String setting, Path file) {
        byte[] bytes = bytes(setting, file);
        Matcher key = KEY.matcher(new String(bytes, StandardCharsets.US_ASCII));
        if (!key.find()) {
            throw noKey(setting, file);
        }
        refuseOthers(setting, file);
        byte[] der;
        try {
            der = Base64.getMimeDecoder().decode(key.group(1));
        } catch (IllegalArgumentException e) {
            throw noKey(setting, file);
        }
        for (String type : KEY_TYPES) {
            try {
                return KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(der));
            } catch (GeneralSecurityException e) {
                // It is of another type, or of none; that is said when the last one is tried.
                continue;
            }
        }
        throw noKey(setting, file);
    }

    private static IllegalArgumentException noKey(String setting, Path file) {
        return new IllegalArgumentException(
                name(setting, file)
                        + " must hold a PKCS#8 private key without a password (\"BEGIN PRIVATE KEY\"): "
                        + "openssl pkcs8 -topk8 -nocrypt makes one of another");
    }

    /** As sshd: whoever reads the key can be the server. A group of its own is an administrator's choice. */
    static void refuseOthers(String setting, Path file) {
        PosixFileAttributeView view =
                Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        try {
            Set<PosixFilePermission> mode = view.readAttributes().permissions();
            if (mode.contains(PosixFilePermission.OTHERS_READ)
                    || mode.contains(PosixFilePermission.OTHERS_WRITE)
                    || mode.contains(PosixFilePermission.GROUP_WRITE)) {
                throw new IllegalArgumentException(
                        name(setting, file)
                                + " may be read or changed by others: chmod g-w,o-rwx "
                                + ShellQuote.word(file.toString()));
            }
        } catch (IOException e) {
            throw unreadable(setting, file, e);
        }
    }

    /** Certificate revocation lists, PEM or DER, at least one. */
    static Collection<X509CRL> revocations(String setting, Path file) {
        byte[] bytes = bytes(setting, file);
        try {
            List<X509CRL> all =
                    x509().generateCRLs(new ByteArrayInputStream(bytes)).stream()
                            .map(X509CRL.class::cast)
                            .toList();
            if (!all.isEmpty()) {
                return all;
            }
        } catch (CRLException | CertificateException | ClassCastException e) {
            throw new IllegalArgumentException(
                    name(setting, file) + " must hold certificate revocation lists, PEM or DER", e);
        }
        throw new IllegalArgumentException(
                name(setting, file) + " must hold certificate revocation lists, PEM or DER");
    }

    private static CertificateFactory x509() throws CertificateException {
        return CertificateFactory.getInstance("X.509");
    }

    static byte[] bytes(String setting, Path file) {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IllegalArgumentException(
                        name(setting, file) + " has more than " + MOST_BYTES + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw unreadable(setting, file, e);
        }
    }

    private static IllegalArgumentException unreadable(String setting, Path file, IOException e) {
        return new IllegalArgumentException(
                name(setting, file) + " cannot be read: give the path of a file", e);
    }

    static String name(String setting, Path file) {
        return "chainring.nbd.tls." + setting + " = " + file;
    }
}
