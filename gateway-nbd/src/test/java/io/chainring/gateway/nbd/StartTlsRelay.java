package io.chainring.gateway.nbd;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;

/** A port for TLS clients that know nothing of NBD, such as openssl: says STARTTLS for them, then carries bytes. */
final class StartTlsRelay implements Closeable {
    private static final int GREETING_BYTES = 18;
    private static final int REPLY_BYTES = 20;

    private final InetSocketAddress server;
    private final ServerSocket listener;

    StartTlsRelay(InetSocketAddress server) throws IOException {
        this.server = server;
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    private static void start(Runnable task) {
        Thread thread = new Thread(task, "starttls-relay");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                Socket target = encrypting();
                start(() -> carry(client, target));
                start(() -> carry(target, client));
            }
        } catch (IOException e) {
            // The listener is closed: the test is over.
            return;
        }
    }

    private Socket encrypting() throws IOException {
        Socket target = new Socket(server.getAddress(), server.getPort());
        DataInputStream in = new DataInputStream(target.getInputStream());
        in.readFully(new byte[GREETING_BYTES]);
        target.getOutputStream().write(ByteBuffer.allocate(4).putInt(3).array());
        ByteBuffer option = TestClient.optionBytes(NbdProtocol.OPT_STARTTLS, new byte[0]);
        byte[] bytes = new byte[option.remaining()];
        option.get(bytes);
        target.getOutputStream().write(bytes);
        in.readFully(new byte[REPLY_BYTES]);
        return target;
    }

    private static void carry(Socket from, Socket to) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
        } catch (IOException e) {
            // One side is gone; both are closed now.
            return;
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
