package io.chainring.gateway.nbd;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.tls.BasicTlsPSKIdentity;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.PSKTlsClient;
import org.bouncycastle.tls.TlsClientProtocol;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCryptoProvider;
import org.jspecify.annotations.Nullable;

/** A hand-written NBD client that encrypts with STARTTLS, and may leave without a goodbye. Reads wait 20 s at most. */
final class EncryptedClient implements Closeable {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int GREETING_BYTES = 18;

    private final Socket clear;
    private final Closeable encrypted;
    private final OutputStream out;
    private final DataInputStream in;

    /** Encrypts and opens an export. */
    EncryptedClient(InetSocketAddress address, Path authority, String export)
            throws IOException, GeneralSecurityException {
        this(address, authority, null, export);
    }

    /**
     * @param holder a folder with client-cert.pem and client-key.pem (EC); null: shows no certificate
     */
    EncryptedClient(InetSocketAddress address, Path authority, @Nullable Path holder, String export)
            throws IOException, GeneralSecurityException {
        clear = startTls(address);
        SSLSocket socket =
                (SSLSocket)
                        trusting(authority, holder)
                                .getSocketFactory()
                                .createSocket(clear, "localhost", address.getPort(), true);
        socket.startHandshake();
        encrypted = socket;
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        open(export);
    }

    /** Encrypts with a pre-shared key, TLS 1.2 with ECDHE (GnuTLS and OpenSSL have that without AEAD), and opens an export. */
    EncryptedClient(InetSocketAddress address, String name, byte[] key, String export)
            throws IOException {
        clear = startTls(address);
        TlsClientProtocol protocol =
                new TlsClientProtocol(clear.getInputStream(), clear.getOutputStream());
        SecureRandom random = new SecureRandom();
        protocol.connect(
                new PSKTlsClient(
                        new JcaTlsCryptoProvider().create(random, random),
                        new BasicTlsPSKIdentity(name, key)) {
                    @Override
                    protected int[] getSupportedCipherSuites() {
                        return new int[] {CipherSuite.TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256};
                    }
                });
        encrypted = protocol::close;
        in = new DataInputStream(protocol.getInputStream());
        out = protocol.getOutputStream();
        open(export);
    }

    private static Socket startTls(InetSocketAddress address) throws IOException {
        Socket clear = new Socket(address.getAddress(), address.getPort());
        clear.setSoTimeout(PATIENCE_MILLIS);
        DataInputStream greeting = new DataInputStream(clear.getInputStream());
        greeting.readFully(new byte[GREETING_BYTES]);
        clear.getOutputStream().write(ByteBuffer.allocate(4).putInt(3).array());
        clear.getOutputStream().write(option(NbdProtocol.OPT_STARTTLS, new byte[0]));
        expect(greeting, NbdProtocol.REP_ACK);
        return clear;
    }

    private void open(String export) throws IOException {
        ByteBuffer data = ByteBuffer.wrap(TestClient.exportData(export));
        send(ByteBuffer.wrap(option(NbdProtocol.OPT_GO, data.array())));
        expect(in, NbdProtocol.REP_ACK);
    }

    private static byte[] option(int option, byte[] data) {
        ByteBuffer bytes = TestClient.optionBytes(option, data);
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        return array;
    }

    private static SSLContext trusting(Path authority, @Nullable Path holder)
            throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(authority)) {
            store.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(holder == null ? null : keys(holder), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyManager[] keys(Path holder) throws IOException, GeneralSecurityException {
        String pem = Files.readString(holder.resolve("client-key.pem"));
        byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
        PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(holder.resolve("client-cert.pem"))) {
            Certificate own = CertificateFactory.getInstance("X.509").generateCertificate(in);
            store.setKeyEntry("own", key, new char[0], new Certificate[] {own});
        }
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, new char[0]);
        return keys.getKeyManagers();
    }

    /** Skips replies to an option up to the one of that type. */
    private static void expect(DataInputStream in, int type) throws IOException {
        int found;
        do {
            in.readLong();
            in.readInt();
            found = in.readInt();
            in.readFully(new byte[in.readInt()]);
            if (found < 0) {
                throw new IOException("the server answered with error " + found);
            }
        } while (found != type);
    }

    void send(ByteBuffer bytes) throws IOException {
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        out.write(array);
    }

    /** Takes whole replies without data up to an orderly end, and counts them; any other end is a failure. */
    int awaitReplies() throws IOException {
        for (int count = 0; ; count++) {
            if (in.read() < 0) {
                return count;
            }
            in.readFully(new byte[15]);
        }
    }

    /** Breaks the connection below the encryption: the kernel sends a reset. */
    void reset() throws IOException {
        clear.setSoLinger(true, 0);
        clear.close();
    }

    @Override
    public void close() throws IOException {
        encrypted.close();
    }
}
