package io.chainring.gateway.nbd.tls;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.BasicTlsPSKExternal;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ExtensionType;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.PRFAlgorithm;
import org.bouncycastle.tls.PSKTlsServer;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.PskIdentity;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsPSKExternal;
import org.bouncycastle.tls.TlsPSKIdentityManager;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCrypto;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;
import org.jspecify.annotations.Nullable;

/**
 * What is negotiated with a client that has a pre-shared key: TLS 1.3 or 1.2, with forward secrecy and AEAD only, never
 * without the key. One thread at a time.
 */
final class PskServer extends PSKTlsServer {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Computes with what the JDK has; with it AES is done by the processor. */
    private static final TlsCrypto CRYPTO = new JcaTlsCryptoProvider().create(RANDOM, RANDOM);

    /** Of TLS 1.3 the one whose hash is that of GnuTLS' keys (RFC 8446, section 4.2.11); GnuTLS has ECDHE without it. */
    private static final int[] CIPHERS = {
        CipherSuite.TLS_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_PSK_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_DHE_PSK_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_DHE_PSK_WITH_AES_128_GCM_SHA256,
    };

    /** Not the larger finite fields: the client would choose how long the server computes. */
    private static final int[] GROUPS = {
        NamedGroup.x25519,
        NamedGroup.secp256r1,
        NamedGroup.secp384r1,
        NamedGroup.ffdhe2048,
        NamedGroup.ffdhe3072,
    };

    private static final int[] OF_CERTIFICATES = {
        ExtensionType.status_request,
        ExtensionType.status_request_v2,
        ExtensionType.trusted_ca_keys,
        ExtensionType.certificate_authorities,
    };

    private final Identities identities;
    private final ProtocolVersion[] versions;
    private boolean complete;

    /** Remembers which identity the client has named last: the one whose key it has to know. */
    private static final class Identities implements TlsPSKIdentityManager {
        private final PskKeys keys;
        private byte[] named = new byte[0];

        Identities(PskKeys keys) {
            this.keys = keys;
        }

        @Override
        public byte @Nullable [] getHint() {
            return null;
        }

        @Override
        public byte[] getPSK(byte[] identity) {
            named = identity.clone();
            return keys.key(named);
        }
    }

    /**
     * @param protocols names of versions as settings have them
     */
    PskServer(PskKeys keys, List<String> protocols) {
        this(new Identities(keys), protocols);
    }

    private PskServer(Identities identities, List<String> protocols) {
        super(CRYPTO, identities);
        this.identities = identities;
        this.versions =
                List.of(ProtocolVersion.TLSv13, ProtocolVersion.TLSv12).stream()
                        .filter(version -> protocols.contains(name(version)))
                        .toArray(ProtocolVersion[]::new);
    }

    private static String name(ProtocolVersion version) {
        return version.equals(ProtocolVersion.TLSv13) ? "TLSv1.3" : "TLSv1.2";
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return versions.clone();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return TlsUtils.getSupportedCipherSuites(CRYPTO, CIPHERS);
    }

    @Override
    public int[] getSupportedGroups() {
        return GROUPS.clone();
    }

    /** What is about certificates is not looked at: it would be parsed as ASN.1 of somebody who has proved nothing yet. */
    @Override
    public void processClientExtensions(@Nullable Hashtable offered) throws IOException {
        if (offered != null) {
            for (int about : OF_CERTIFICATES) {
                offered.remove(about);
            }
        }
        super.processClientExtensions(offered);
    }

    @Override
    protected int selectDH(int minimumFiniteFieldBits) {
        int[] offered = context.getSecurityParametersHandshake().getClientSupportedGroups();
        boolean anyFiniteField = false;
        for (int group : offered == null ? new int[0] : offered) {
            anyFiniteField |= NamedGroup.isFiniteField(group);
            if (group == NamedGroup.ffdhe2048 || group == NamedGroup.ffdhe3072) {
                return group;
            }
        }
        // RFC 7919, section 4: who names none leaves it to the server.
        return anyFiniteField ? -1 : NamedGroup.ffdhe2048;
    }

    /** TLS 1.2 with a key has none; asked for in TLS 1.3, the client has offered no key. */
    @Override
    public @Nullable TlsCredentials getCredentials() throws IOException {
        if (TlsUtils.isTLSv13(context)) {
            throw new TlsFatalAlert(
                    AlertDescription.handshake_failure, "the client has no pre-shared key");
        }
        return super.getCredentials();
    }

    /** The first identity that is known; of a client without one the first, so that it fails as with a wrong key. */
    @Override
    public @Nullable TlsPSKExternal getExternalPSK(Vector offered) {
        if (offered.isEmpty()) {
            return null;
        }
        byte[] chosen = ((PskIdentity) offered.get(0)).getIdentity();
        for (Object each : offered) {
            byte[] identity = ((PskIdentity) each).getIdentity();
            if (identities.keys.name(identity) != null) {
                chosen = identity;
                break;
            }
        }
        return new BasicTlsPSKExternal(
                chosen,
                CRYPTO.createSecret(identities.getPSK(chosen)),
                PRFAlgorithm.tls13_hkdf_sha256);
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
        super.notifyHandshakeComplete();
        if (identities.keys.name(identities.named) == null) {
            throw new TlsFatalAlert(AlertDescription.internal_error, "nobody's key was used");
        }
        complete = true;
    }

    /** The name that the client has proved to have the key of; null before that. */
    @Nullable String client() {
        return complete ? identities.keys.name(identities.named) : null;
    }
}
