package io.chainring.gateway.nbd.connection;

import io.chainring.base.log.RateLimitedLog;
import io.chainring.gateway.nbd.access.Access;
import io.chainring.gateway.nbd.access.ClientIdentity;
import io.chainring.gateway.nbd.access.PermittedExports;
import io.chainring.gateway.nbd.places.PlaceLimits;
import io.chainring.gateway.nbd.places.Places;
import io.chainring.gateway.nbd.reload.Reloaded;
import io.chainring.gateway.nbd.setup.ExportDirectory;
import io.chainring.gateway.nbd.setup.NbdCounters;
import io.chainring.gateway.nbd.setup.NbdExport;
import io.chainring.gateway.nbd.setup.NbdSettings;
import io.chainring.gateway.nbd.setup.TlsMode;
import io.chainring.gateway.nbd.tls.Encryption;
import io.chainring.gateway.nbd.tls.PlainTcp;
import io.chainring.gateway.nbd.transmission.HeldBudget;
import io.chainring.ring.supervise.RingService;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What all connections of one server share. */
public final class ServerContext {
    private final NbdSettings settings;
    private final ExportDirectory exports;
    private final NbdCounters counters;
    private final HeldBudget held;
    private final PooledByteBufAllocator buffers = ConnectionBuffers.create();
    private final Places places;
    private final RateLimitedLog log;
    private final @Nullable Encryption encryption;
    private final Access access;
    private final Map<RingService, DiskTurns> byDisk = new ConcurrentHashMap<>();
    private final Set<DiskClient> atDisks = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean shuttingDown;

    /**
     * @throws IllegalArgumentException when a file that the settings name does not serve; one line that names it
     */
    public ServerContext(NbdSettings settings, ExportDirectory exports, NbdCounters counters) {
        this.settings = settings;
        this.exports = exports;
        this.counters = counters;
        this.held = new HeldBudget(settings.heldBudgetBytes());
        this.log = new RateLimitedLog(LoggerFactory.getLogger(ServerContext.class));
        this.places = new Places(PlaceLimits.of(settings), counters, log);
        this.access =
                new Access(settings.access(), () -> atDisks.forEach(DiskClient::accessChanged));
        this.encryption = Encryption.of(settings.tls());
    }

    NbdSettings settings() {
        return settings;
    }

    /** The exports that a client of this channel may see. */
    PermittedExports exports(Channel channel, Supplier<ClientIdentity> client) {
        return access.exports(exports, channel instanceof DomainSocketChannel, client);
    }

    /** Whether a client of this channel may or must encrypt. */
    TlsMode tlsMode(Channel channel) {
        return PlainTcp.mode(
                settings.tls().mode(),
                settings.access().plainTcpBeyondLoopback(),
                channel.localAddress());
    }

    NbdCounters counters() {
        return counters;
    }

    public Places places() {
        return places;
    }

    /** For what clients cause that have no disk yet; as a source {@link Places.Place#source}. */
    RateLimitedLog log() {
        return log;
    }

    /** Where the buffers of connections come from. */
    PooledByteBufAllocator buffers() {
        return buffers;
    }

    /** Direct memory that connections' buffers take at present, in bytes. */
    public long bufferBytes() {
        return buffers.metric().usedDirectMemory();
    }

    /** What all connections may hold. */
    HeldBudget held() {
        return held;
    }

    /** What all connections hold, in bytes. */
    public long heldBytes() {
        return held.usedBytes();
    }

    /** Clients that are connected at present. */
    public int connections() {
        return places.connections();
    }

    /** Null when TLS is off. */
    @Nullable Encryption encryption() {
        return encryption;
    }

    /** What is made of files that may change. */
    public List<Reloaded<?>> files() {
        List<Reloaded<?>> files = new ArrayList<>();
        Reloaded<?> rules = access.file();
        if (rules != null) {
            files.add(rules);
        }
        if (encryption != null) {
            files.add(encryption.files());
        }
        return files;
    }

    /** Nobody connects any more. */
    public void close() {
        if (encryption != null) {
            encryption.close();
        }
    }

    /** Who is next at an export's disk; called on the disk's loop only. */
    DiskTurns turnsAt(NbdExport export) {
        return byDisk.computeIfAbsent(
                export.service(),
                service ->
                        new DiskTurns(
                                export.loop(),
                                settings.settleTimeWithoutEpoll(),
                                gone -> byDisk.remove(service, gone)));
    }

    public boolean shuttingDown() {
        return shuttingDown;
    }

    /** A connection has chosen its disk. */
    void chosen(DiskClient connection) {
        atDisks.add(connection);
    }

    /** A connection has given up its disk. */
    void gone(DiskClient connection) {
        atDisks.remove(connection);
        noteDrained();
    }

    public int connections(RingService disk) {
        int count = 0;
        for (DiskClient connection : atDisks) {
            count += connection.isAt(disk) ? 1 : 0;
        }
        return count;
    }

    public void disconnect(RingService disk) {
        for (DiskClient connection : atDisks) {
            if (connection.isAt(disk)) {
                connection.disconnect(disk);
            }
        }
    }

    /** Tells every connection to finish; the answer is complete when none has a disk any more. */
    public CompletableFuture<Void> shutDown() {
        shuttingDown = true;
        atDisks.forEach(DiskClient::shutDown);
        noteDrained();
        return drained;
    }

    private void noteDrained() {
        if (shuttingDown && atDisks.isEmpty()) {
            drained.complete(null);
        }
    }
}
