package io.chainring.gateway.nbd;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A hand-written NBD client that can also be rude. Every wait has a limit. */
@SuppressWarnings("ArrayRecordComponent") // never compared
final class TestClient implements Closeable {
    private static final long PATIENCE_MILLIS = 20_000;

    private final SocketChannel socket;
    private final Selector selector = Selector.open();

    /** A reply to an option. */
    record OptionReply(int option, int type, byte[] data) {
        boolean isError() {
            return type < 0;
        }

        String text() {
            return new String(data, StandardCharsets.UTF_8);
        }
    }

    /** A simple reply, or one chunk of a structured one. */
    record Reply(boolean structured, int flags, int type, int error, long cookie, byte[] data) {}

    private TestClient(SocketChannel socket) throws IOException {
        this.socket = socket;
        socket.configureBlocking(false);
        socket.register(selector, SelectionKey.OP_READ);
    }

    static TestClient connect(InetSocketAddress address) throws IOException {
        return new TestClient(SocketChannel.open(address));
    }

    /** From another address of this machine. */
    static TestClient connectFrom(String local, SocketAddress address) throws IOException {
        SocketChannel channel = SocketChannel.open();
        channel.bind(new InetSocketAddress(local, 0));
        channel.connect(address);
        return new TestClient(channel);
    }

    static TestClient connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        return new TestClient(channel);
    }

    static TestClient connect(SocketAddress address) throws IOException {
        return address instanceof UnixDomainSocketAddress unix
                ? connect(unix.getPath())
                : connect((InetSocketAddress) address);
    }

    // --- bytes ---

    void send(ByteBuffer bytes) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (bytes.hasRemaining()) {
            if (socket.write(bytes) == 0) {
                Thread.onSpinWait();
                if (System.nanoTime() > deadline) {
                    throw new IOException("the server does not read");
                }
            }
        }
    }

    /** Sends as much as the connection takes without waiting; returns the number of bytes. */
    int sendWithoutWaiting(ByteBuffer bytes) throws IOException {
        int sent = 0;
        for (int n = socket.write(bytes); n > 0; n = socket.write(bytes)) {
            sent += n;
        }
        return sent;
    }

    ByteBuffer receive(int lengthBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        long deadline = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (bytes.hasRemaining()) {
            int n = socket.read(bytes);
            if (n < 0) {
                throw new EOFException(
                        "closed after " + bytes.position() + " of " + lengthBytes + " bytes");
            }
            if (n == 0) {
                long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMillis <= 0) {
                    throw new IOException(
                            "nothing arrives: "
                                    + bytes.position()
                                    + " of "
                                    + lengthBytes
                                    + " bytes");
                }
                selector.select(leftMillis);
                selector.selectedKeys().clear();
            }
        }
        return bytes.flip();
    }

    /** Waits until the server has closed; returns how many bytes came before. */
    int awaitClose() throws IOException {
        int count = 0;
        try {
            while (true) {
                receive(1);
                count++;
            }
        } catch (EOFException closed) {
            return count;
        } catch (java.net.SocketException reset) {
            return count;
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("reset")) {
                return count;
            }
            throw e;
        }
    }

    /** Waits until the server has closed in order, with nothing before; a connection that was reset is a failure. */
    void awaitEnd() throws IOException {
        int replies = awaitReplies();
        if (replies > 0) {
            throw new IOException(replies + " replies instead of the end");
        }
    }

    /** Takes whole replies without data up to an orderly end, and counts them. */
    int awaitReplies() throws IOException {
        for (int count = 0; ; count++) {
            try {
                receive(1);
            } catch (EOFException closed) {
                return count;
            }
            receive(15);
        }
    }

    /** True when nothing has arrived for that long. */
    boolean silentFor(long millis) throws IOException {
        selector.selectedKeys().clear();
        return selector.select(millis) == 0;
    }

    /** Breaks the connection without a goodbye on any level: the kernel sends a reset. */
    void reset() throws IOException {
        socket.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
        close();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        socket.close();
    }

    // --- handshake ---

    void greet(int clientFlags) throws IOException {
        ByteBuffer greeting = receive(18);
        if (greeting.getLong() != NbdProtocol.INIT_PASSWD
                || greeting.getLong() != NbdProtocol.IHAVEOPT) {
            throw new IOException("not an NBD server");
        }
        send(ByteBuffer.allocate(4).putInt(clientFlags).flip());
    }

    void option(int option, byte[] data) throws IOException {
        send(optionBytes(option, data));
    }

    static ByteBuffer optionBytes(int option, byte[] data) {
        return ByteBuffer.allocate(16 + data.length)
                .putLong(NbdProtocol.IHAVEOPT)
                .putInt(option)
                .putInt(data.length)
                .put(data)
                .flip();
    }

    OptionReply optionReply() throws IOException {
        ByteBuffer header = receive(20);
        if (header.getLong() != NbdProtocol.OPTION_REPLY_MAGIC) {
            throw new IOException("bad option reply magic");
        }
        int option = header.getInt();
        int type = header.getInt();
        byte[] data = new byte[header.getInt()];
        receive(data.length).get(data);
        return new OptionReply(option, type, data);
    }

    /** All replies to one option, the last being an acknowledgement or an error. */
    List<OptionReply> optionReplies() throws IOException {
        List<OptionReply> all = new ArrayList<>();
        while (true) {
            OptionReply reply = optionReply();
            all.add(reply);
            if (reply.isError() || reply.type() == NbdProtocol.REP_ACK) {
                return all;
            }
        }
    }

    static byte[] exportData(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(6 + bytes.length)
                .putInt(bytes.length)
                .put(bytes)
                .putShort((short) 0)
                .array();
    }

    static byte[] contextData(String name, String... queries) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer data =
                ByteBuffer.allocate(4096).putInt(bytes.length).put(bytes).putInt(queries.length);
        for (String query : queries) {
            byte[] text = query.getBytes(StandardCharsets.UTF_8);
            data.putInt(text.length).put(text);
        }
        byte[] all = new byte[data.flip().remaining()];
        data.get(all);
        return all;
    }

    /** A whole handshake up to the transmission phase. */
    List<OptionReply> go(String name, boolean structured, boolean allocation) throws IOException {
        greet(3);
        if (structured) {
            option(NbdProtocol.OPT_STRUCTURED_REPLY, new byte[0]);
            optionReplies();
        }
        if (allocation) {
            option(
                    NbdProtocol.OPT_SET_META_CONTEXT,
                    contextData(name, NbdProtocol.BASE_ALLOCATION));
            optionReplies();
        }
        option(NbdProtocol.OPT_GO, exportData(name));
        return optionReplies();
    }

    // --- transmission ---

    static ByteBuffer requestBytes(
            int flags, int type, long cookie, long offset, int length, byte[] payload) {
        return ByteBuffer.allocate(28 + payload.length)
                .putInt(NbdProtocol.REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) type)
                .putLong(cookie)
                .putLong(offset)
                .putInt(length)
                .put(payload)
                .flip();
    }

    void request(int flags, int type, long cookie, long offset, int length) throws IOException {
        send(requestBytes(flags, type, cookie, offset, length, new byte[0]));
    }

    void write(int flags, long cookie, long offset, byte[] payload) throws IOException {
        send(requestBytes(flags, NbdProtocol.CMD_WRITE, cookie, offset, payload.length, payload));
    }

    /** One reply; data is read only where the form says how much there is, or as much as given. */
    Reply reply(int dataBytes) throws IOException {
        int magic = receive(4).getInt();
        if (magic == NbdProtocol.SIMPLE_REPLY_MAGIC) {
            ByteBuffer header = receive(12);
            int error = header.getInt();
            long cookie = header.getLong();
            byte[] data = new byte[error == 0 ? dataBytes : 0];
            receive(data.length).get(data);
            return new Reply(false, 0, 0, error, cookie, data);
        }
        if (magic != NbdProtocol.STRUCTURED_REPLY_MAGIC) {
            throw new IOException("bad reply magic " + Integer.toHexString(magic));
        }
        ByteBuffer header = receive(16);
        int flags = header.getShort();
        int type = header.getShort() & 0xffff;
        long cookie = header.getLong();
        byte[] data = new byte[header.getInt()];
        receive(data.length).get(data);
        int error = (type & 0x8000) != 0 ? ByteBuffer.wrap(data).getInt() : 0;
        return new Reply(true, flags, type, error, cookie, data);
    }

    /** Sends a request without payload and takes its reply, which must be for it. */
    Reply ask(int flags, int type, long offset, int length) throws IOException {
        long cookie = System.nanoTime();
        request(flags, type, cookie, offset, length);
        Reply reply = reply(type == NbdProtocol.CMD_READ ? length : 0);
        if (reply.cookie() != cookie) {
            throw new IOException("reply to another request");
        }
        return reply;
    }

    byte[] read(long offset, int length) throws IOException {
        Reply reply = ask(0, NbdProtocol.CMD_READ, offset, length);
        if (reply.error() != 0) {
            throw new IOException("error " + reply.error());
        }
        return reply.data();
    }

    int writeAndWait(long offset, byte[] payload) throws IOException {
        write(0, 4711, offset, payload);
        return reply(0).error();
    }
}
