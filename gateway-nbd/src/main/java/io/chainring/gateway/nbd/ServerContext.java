package io.chainring.gateway.nbd;

import io.chainring.ring.supervise.RingService;
import io.netty.handler.ssl.SslContext;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What all connections of one server share. */
final class ServerContext {
    private final NbdSettings settings;
    private final ExportDirectory exports;
    private final NbdCounters counters;
    private final ConnectionLimits limits;
    private final @Nullable SslContext tls;
    private final Map<RingService, DiskConnections> byDisk = new ConcurrentHashMap<>();
    private final Set<DiskConnection> atDisks = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean shuttingDown;

    ServerContext(
            NbdSettings settings,
            ExportDirectory exports,
            NbdCounters counters,
            @Nullable SslContext tls) {
        this.settings = settings;
        this.exports = exports;
        this.counters = counters;
        this.limits = new ConnectionLimits(settings);
        this.tls = tls;
    }

    NbdSettings settings() {
        return settings;
    }

    ExportDirectory exports() {
        return exports;
    }

    NbdCounters counters() {
        return counters;
    }

    ConnectionLimits limits() {
        return limits;
    }

    @Nullable SslContext tls() {
        return tls;
    }

    /** The connections of an export's disk; called on the disk's loop only. */
    DiskConnections connectionsOf(NbdExport export) {
        return byDisk.computeIfAbsent(
                export.service(),
                service ->
                        new DiskConnections(
                                export.loop(),
                                settings.settleTimeWithoutEpoll(),
                                () -> byDisk.remove(service)));
    }

    boolean shuttingDown() {
        return shuttingDown;
    }

    /** A connection has chosen its disk. */
    void chosen(DiskConnection connection) {
        atDisks.add(connection);
    }

    /** A connection has given up its disk. */
    void gone(DiskConnection connection) {
        atDisks.remove(connection);
        noteDrained();
    }

    int connections(RingService disk) {
        int count = 0;
        for (DiskConnection connection : atDisks) {
            count += connection.isAt(disk) ? 1 : 0;
        }
        return count;
    }

    void disconnect(RingService disk) {
        for (DiskConnection connection : atDisks) {
            if (connection.isAt(disk)) {
                connection.disconnect();
            }
        }
    }

    /** Tells every connection to finish; the answer is complete when none has a disk any more. */
    CompletableFuture<Void> shutDown() {
        shuttingDown = true;
        atDisks.forEach(DiskConnection::shutDown);
        noteDrained();
        return drained;
    }

    private void noteDrained() {
        if (shuttingDown && atDisks.isEmpty()) {
            drained.complete(null);
        }
    }
}
