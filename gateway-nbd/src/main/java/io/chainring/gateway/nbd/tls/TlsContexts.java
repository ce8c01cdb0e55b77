package io.chainring.gateway.nbd.tls;

import io.chainring.gateway.nbd.setup.TlsSettings;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the JDK's TLS of the files that the settings name. A context never changes; new files make a new one. */
final class TlsContexts {
    private static final Logger LOG = LoggerFactory.getLogger(TlsContexts.class);

    /** With forward secrecy and AEAD, no other; those of TLS 1.3 first. */
    private static final List<String> CIPHERS =
            List.of(
                    "TLS_AES_128_GCM_SHA256",
                    "TLS_AES_256_GCM_SHA384",
                    "TLS_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

    /** Few: connections last, so hardly anybody resumes, and each that is kept holds the chain that its client sent. */
    private static final int SESSIONS_MOST = 16;

    private static final int SESSION_SECONDS = 300;

    private TlsContexts() {}

    /** The files that a context is made of. */
    static List<Path> files(TlsSettings settings) {
        return java.util.stream.Stream.of(
                        settings.certificate(),
                        settings.privateKey(),
                        settings.clientAuthorities(),
                        settings.revocations(),
                        settings.preSharedKeys())
                .filter(Objects::nonNull)
                .toList();
    }

    /**
     * @throws IllegalArgumentException for a file that is missing or is not what it should be; one line that names it
     */
    static SslContext load(Path certificate, Path privateKey, TlsSettings settings) {
        X509Certificate[] chain = PemFiles.certificates("certificate", certificate);
        PrivateKey key = PemFiles.privateKey("private-key", privateKey);
        refuseStrangers(certificate, chain[0], privateKey, key);
        try {
            SslContextBuilder builder =
                    SslContextBuilder.forServer(key, chain)
                            .sslProvider(SslProvider.JDK)
                            .protocols(settings.protocols())
                            .sessionCacheSize(SESSIONS_MOST)
                            .sessionTimeout(SESSION_SECONDS)
                            .ciphers(CIPHERS, SupportedCipherSuiteFilter.INSTANCE);
            Path authorities = settings.clientAuthorities();
            if (authorities != null) {
                builder.trustManager(trust(authorities, settings.revocations()))
                        .clientAuth(ClientAuth.REQUIRE);
            }
            return builder.build();
        } catch (SSLException | GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "chainring.nbd.tls: certificate %s, private key %s and client authorities do not work together: %s"
                            .formatted(certificate, privateKey, e.getMessage()),
                    e);
        }
    }

    private static TrustManagerFactory trust(Path authorities, @Nullable Path revocations)
            throws GeneralSecurityException {
        KeyStore anchors = anchors(PemFiles.certificates("client-authorities", authorities));
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        if (revocations == null) {
            factory.init(anchors);
            return factory;
        }
        Collection<X509CRL> lists = PemFiles.revocations("revocations", revocations);
        warnOfOld(lists, revocations);
        PKIXBuilderParameters rules = new PKIXBuilderParameters(anchors, new X509CertSelector());
        rules.addCertStore(
                CertStore.getInstance("Collection", new CollectionCertStoreParameters(lists)));
        PKIXRevocationChecker checker =
                (PKIXRevocationChecker) CertPathBuilder.getInstance("PKIX").getRevocationChecker();
        // Of these lists alone: nobody is asked over the network while a client waits.
        checker.setOptions(
                EnumSet.of(
                        PKIXRevocationChecker.Option.PREFER_CRLS,
                        PKIXRevocationChecker.Option.NO_FALLBACK));
        rules.addCertPathChecker(checker);
        factory.init(new CertPathTrustManagerParameters(rules));
        return factory;
    }

    private static KeyStore anchors(X509Certificate[] authorities) throws GeneralSecurityException {
        try {
            KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
            anchors.load(null, null);
            for (int i = 0; i < authorities.length; i++) {
                anchors.setCertificateEntry("authority-" + i, authorities[i]);
            }
            return anchors;
        } catch (java.io.IOException e) {
            throw new IllegalStateException("an empty key store reads no file", e);
        }
    }

    private static void warnOfOld(Collection<X509CRL> lists, Path file) {
        Instant now = Instant.now();
        for (X509CRL list : lists) {
            if (list.getNextUpdate() != null && list.getNextUpdate().toInstant().isBefore(now)) {
                LOG.warn(
                        "{}: the list of {} has run out on {}; clients of that authority stay out until there is a newer one",
                        PemFiles.name("revocations", file),
                        list.getIssuerX500Principal(),
                        list.getNextUpdate().toInstant());
            }
        }
    }

    /** A certificate and a key that do not belong together, as in the middle of their replacement, serve nobody. */
    private static void refuseStrangers(
            Path certificate, X509Certificate own, Path privateKey, PrivateKey key) {
        byte[] probe = {1, 2, 3};
        try {
            Signature signer = signature(key.getAlgorithm());
            signer.initSign(key);
            signer.update(probe);
            byte[] signed = signer.sign();
            Signature verifier = signature(key.getAlgorithm());
            verifier.initVerify(own.getPublicKey());
            verifier.update(probe);
            if (verifier.verify(signed)) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw doNotMatch(certificate, privateKey, e);
        }
        throw doNotMatch(certificate, privateKey, null);
    }

    private static IllegalArgumentException doNotMatch(
            Path certificate, Path privateKey, @Nullable Exception cause) {
        return new IllegalArgumentException(
                "chainring.nbd.tls: private key %s does not belong to certificate %s"
                        .formatted(privateKey, certificate),
                cause);
    }

    private static Signature signature(String keyType) throws GeneralSecurityException {
        String algorithm =
                Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA")
                        .getOrDefault(keyType, keyType);
        Signature signature = Signature.getInstance(algorithm);
        if (algorithm.equals("RSASSA-PSS")) {
            signature.setParameter(
                    new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        }
        return signature;
    }
}
