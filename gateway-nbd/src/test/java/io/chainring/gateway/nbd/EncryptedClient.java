package io.chainring.gateway.nbd;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A hand-written NBD client that encrypts with STARTTLS, and may leave without a goodbye. Reads wait 20 s at most. */
final class EncryptedClient implements Closeable {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int GREETING_BYTES = 18;

    private final Socket clear;
    private final SSLSocket encrypted;
    private final DataInputStream in;

    /** Encrypts and opens an export. */
    EncryptedClient(InetSocketAddress address, Path authority, String export)
            throws IOException, GeneralSecurityException {
        clear = new Socket(address.getAddress(), address.getPort());
        clear.setSoTimeout(PATIENCE_MILLIS);
        DataInputStream greeting = new DataInputStream(clear.getInputStream());
        greeting.readFully(new byte[GREETING_BYTES]);
        clear.getOutputStream().write(ByteBuffer.allocate(4).putInt(3).array());
        clear.getOutputStream().write(option(NbdProtocol.OPT_STARTTLS, new byte[0]));
        expect(greeting, NbdProtocol.REP_ACK);
        encrypted =
                (SSLSocket)
                        trusting(authority)
                                .getSocketFactory()
                                .createSocket(clear, "localhost", address.getPort(), true);
        encrypted.startHandshake();
        in = new DataInputStream(encrypted.getInputStream());
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

    private static SSLContext trusting(Path authority)
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
        context.init(null, trust.getTrustManagers(), null);
        return context;
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
        encrypted.getOutputStream().write(array);
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
