package io.chainring.chaos.nbd;

import io.chainring.chaos.tested.TargetFeatures;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * The client's side of the fixed newstyle handshake, with NBD_OPT_GO; simple replies, no TLS.
 *
 * <p>Source: doc/proto.md of the NBD project, "Newstyle negotiation".
 */
final class NbdHandshake {
    private static final long MAGIC = 0x4e42444d41474943L;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final long REPLY_MAGIC = 0x3e889045565a9L;
    private static final int FIXED_NEWSTYLE = 1;
    private static final int NO_ZEROES = 2;
    private static final int OPTION_GO = 7;
    private static final int REPLY_ACK = 1;
    private static final int REPLY_INFO = 3;
    private static final int INFO_EXPORT = 0;
    private static final int INFO_BLOCK_SIZE = 3;
    private static final int REPLY_BYTES_MOST = 1 << 16;
    private static final int SEND_FLUSH = 1 << 2;
    private static final int SEND_FUA = 1 << 3;
    private static final int SEND_TRIM = 1 << 5;
    private static final int SEND_WRITE_ZEROES = 1 << 6;
    private static final int READ_ONLY = 1 << 1;

    private final SocketChannel channel;
    private long sizeBytes = -1;
    private int flags;
    private int blockBytes = 1;

    NbdHandshake(SocketChannel channel) {
        this.channel = channel;
    }

    TargetFeatures run(String export) throws IOException {
        ByteBuffer greeting = receive(18);
        if (greeting.getLong() != MAGIC || greeting.getLong() != OPTION_MAGIC) {
            throw new IOException("this is no NBD server, or one of the oldstyle");
        }
        int server = greeting.getShort();
        if ((server & FIXED_NEWSTYLE) == 0) {
            throw new IOException("the server does not speak the fixed newstyle");
        }
        byte[] name = export.getBytes(StandardCharsets.UTF_8);
        ByteBuffer request = ByteBuffer.allocate(4 + 16 + 4 + name.length + 2 + 2);
        request.putInt(FIXED_NEWSTYLE | (server & NO_ZEROES));
        request.putLong(OPTION_MAGIC).putInt(OPTION_GO).putInt(4 + name.length + 2 + 2);
        request.putInt(name.length).put(name);
        request.putShort((short) 1).putShort((short) INFO_BLOCK_SIZE);
        send(request.flip());
        while (reply()) {
            // One information after the other.
        }
        if (sizeBytes < 0) {
            throw new IOException("the server does not say how large the disk is");
        }
        if ((flags & READ_ONLY) != 0) {
            throw new IOException("the disk is read-only");
        }
        return new TargetFeatures(
                sizeBytes,
                blockBytes,
                (flags & SEND_FLUSH) != 0,
                (flags & SEND_FUA) != 0,
                (flags & SEND_TRIM) != 0,
                (flags & SEND_WRITE_ZEROES) != 0);
    }

    /** Takes one reply; whether more of them come. */
    private boolean reply() throws IOException {
        ByteBuffer header = receive(20);
        if (header.getLong() != REPLY_MAGIC || header.getInt() != OPTION_GO) {
            throw new IOException("the server's answer to NBD_OPT_GO cannot be read");
        }
        int type = header.getInt();
        int lengthBytes = header.getInt();
        if (lengthBytes < 0 || lengthBytes > REPLY_BYTES_MOST) {
            throw new IOException("an answer of " + lengthBytes + " bytes to NBD_OPT_GO");
        }
        ByteBuffer content = receive(lengthBytes);
        if (type < 0) {
            throw new IOException(
                    "the server refuses the disk (error %s): %s"
                            .formatted(
                                    type & 0x7FFFFFFF,
                                    StandardCharsets.UTF_8.decode(content).toString().strip()));
        }
        if (type == REPLY_INFO && lengthBytes >= 2) {
            int information = content.getShort();
            if (information == INFO_EXPORT && content.remaining() >= 10) {
                sizeBytes = content.getLong();
                flags = content.getShort();
            } else if (information == INFO_BLOCK_SIZE && content.remaining() >= 4) {
                blockBytes = content.getInt();
            }
        }
        return type != REPLY_ACK;
    }

    private ByteBuffer receive(int lengthBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        readFully(channel, bytes);
        return bytes.flip();
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    static void readFully(SocketChannel from, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (from.read(bytes) < 0) {
                throw new EOFException("the server has ended the connection");
            }
        }
    }
}
