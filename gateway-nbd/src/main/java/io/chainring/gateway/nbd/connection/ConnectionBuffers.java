package io.chainring.gateway.nbd.connection;

import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.setup.TlsMode;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.NettyRuntime;

/**
 * The memory of connections outside their rings: what is received, held, encrypted, and the headers of replies. Small
 * chunks, which go back when nothing is in them, and little that threads keep to themselves.
 */
public final class ConnectionBuffers {
    private static final int PAGE_BYTES = 8192;
    private static final int MAX_ORDER = 7;
    private static final int CHUNK_BYTES = PAGE_BYTES << MAX_ORDER;
    private static final int MOST_ARENAS = 4;
    private static final int SMALL_CACHED = 64;
    private static final int NORMAL_CACHED = 8;

    /** Chunks of an arena that are not full. */
    private static final int SLACK_CHUNKS = 4;

    /** Headers of the replies of one turn, which the peer does not take. */
    private static final int REPLY_HEADER_BYTES = 128;

    /** For one read while all connections together hold too much. */
    private static final int SMALLEST_RECEIVE_BYTES = 4096;

    /** A burst into TLS, what it makes of it, and records that are not whole yet. */
    private static final int TLS_BYTES = 160 << 10;

    /** Objects of a connection with its frontend while large reads are under way; measured: 70 KB at rest, 98 KB with eight. */
    private static final int OBJECTS_BYTES = 96 << 10;

    /** What TLS adds; measured: 5 KB at rest with the JDK's and 15 KB with keys, 28 KB while the peer does not read. */
    private static final int TLS_OBJECTS_BYTES = 64 << 10;

    private ConnectionBuffers() {}

    private static int arenas() {
        return Math.min(MOST_ARENAS, NettyRuntime.availableProcessors());
    }

    static PooledByteBufAllocator create() {
        return new PooledByteBufAllocator(
                true, 1, arenas(), PAGE_BYTES, MAX_ORDER, SMALL_CACHED, NORMAL_CACHED, false);
    }

    /** What the objects of all connections of a server take of the heap, in bytes. */
    public static long mostHeapBytes(NbdSettings settings) {
        boolean tls = settings.tls().mode() != TlsMode.OFF;
        return (long) settings.maxConnections() * (OBJECTS_BYTES + (tls ? TLS_OBJECTS_BYTES : 0));
    }

    /** Most direct memory that all connections of a server take, in bytes, beside their rings. */
    public static long mostBytes(NbdSettings settings) {
        long eachBytes =
                (long) settings.maxRequestsPerConnection() * REPLY_HEADER_BYTES
                        + SMALLEST_RECEIVE_BYTES
                        + (settings.tls().mode() == TlsMode.OFF ? 0 : TLS_BYTES);
        // An option and what came with it; the replies that have not left, and the one on top.
        long handshakeBytes = 4L * settings.maxOptionBytes();
        long arenaBytes = (long) SLACK_CHUNKS * CHUNK_BYTES + 2L * settings.receiveBufferBytes();
        return settings.heldBudgetBytes()
                + arenas() * arenaBytes
                + settings.maxConnections() * eachBytes
                + settings.maxHandshakingConnections() * handshakeBytes;
    }
}
