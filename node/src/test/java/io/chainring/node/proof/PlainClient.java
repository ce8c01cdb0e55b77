package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** An NBD client with simple replies that does what no library lets one do: ask and not read, announce and not send. */
final class PlainClient implements AutoCloseable {
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final int REPLY_MAGIC = 0x67446698;
    private static final int READ = 0;
    private static final int WRITE = 1;
    private static final int GREETING_BYTES = 18;
    private static final int REQUEST_BYTES = 28;
    private static final int REPLY_BYTES = 16;

    private final SocketChannel socket;

    private PlainClient(SocketChannel socket) {
        this.socket = socket;
    }

    /** Connects and opens an export; when this returns the server has opened its ring. */
    static PlainClient open(Path server, String export) throws IOException {
        PlainClient client =
                new PlainClient(SocketChannel.open(UnixDomainSocketAddress.of(server)));
        client.receive(GREETING_BYTES);
        byte[] name = export.getBytes(StandardCharsets.UTF_8);
        client.send(
                ByteBuffer.allocate(20 + name.length)
                        .putInt(3)
                        .putLong(OPTION_MAGIC)
                        .putInt(1)
                        .putInt(name.length)
                        .put(name)
                        .flip());
        assertTrue(client.receive(10).getLong() > 0);
        return client;
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }

    private ByteBuffer receive(int lengthBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        while (bytes.hasRemaining()) {
            if (socket.read(bytes) < 0) {
                throw new EOFException("closed after " + bytes.position() + " bytes");
            }
        }
        return bytes.flip();
    }

    private static ByteBuffer request(int type, long cookie, long offsetBytes, int lengthBytes) {
        return ByteBuffer.allocate(REQUEST_BYTES)
                .putInt(REQUEST_MAGIC)
                .putShort((short) 0)
                .putShort((short) type)
                .putLong(cookie)
                .putLong(offsetBytes)
                .putInt(lengthBytes)
                .flip();
    }

    /** Asks for data and leaves it to the server to keep it. */
    void askFor(long offsetBytes, int lengthBytes) throws IOException {
        send(request(READ, 7, offsetBytes, lengthBytes));
    }

    /** Takes what was asked for after all. */
    void takeAnswer(int lengthBytes) throws IOException {
        expectReply(7);
        assertEquals(lengthBytes, receive(lengthBytes).remaining());
    }

    /** Announces a WRITE and sends a part of its payload. */
    void announce(long offsetBytes, int lengthBytes, int sentBytes) throws IOException {
        send(request(WRITE, 8, offsetBytes, lengthBytes));
        send(ByteBuffer.allocate(sentBytes));
    }

    private void expectReply(long cookie) throws IOException {
        ByteBuffer reply = receive(REPLY_BYTES);
        assertEquals(REPLY_MAGIC, reply.getInt());
        assertEquals(0, reply.getInt());
        assertEquals(cookie, reply.getLong());
    }

    void write(long offsetBytes, byte[] data) throws IOException {
        send(request(WRITE, offsetBytes, offsetBytes, data.length));
        send(ByteBuffer.wrap(data));
        expectReply(offsetBytes);
    }

    byte[] read(long offsetBytes, int lengthBytes) throws IOException {
        send(request(READ, offsetBytes, offsetBytes, lengthBytes));
        expectReply(offsetBytes);
        return receive(lengthBytes).array();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
