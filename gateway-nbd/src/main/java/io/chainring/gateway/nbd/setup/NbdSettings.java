package io.chainring.gateway.nbd.setup;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the NBD gateway, read from {@code chainring.nbd}; {@code reference.conf} gives each one's default and
 * what it costs to change it. Sizes are in bytes.
 */
public final class NbdSettings {
    /** Limits are whole sectors, for clients that ask in these. */
    private static final int SECTOR_BYTES = 512;

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(7);

    private final int maxConnections;
    private final int maxHandshakingConnections;
    private final int reservedDescriptors;
    private final double maxSharePerSource;
    private final double maxSharePerCertificate;
    private final double maxSharePerDisk;
    private final Duration giveWayAfter;
    private final int listenBacklog;
    private final Duration firstByteTimeout;
    private final Duration handshakeTimeout;
    private final Duration openingTimeout;
    private final int maxOptionsPerHandshake;
    private final int maxOptionBytes;
    private final int maxRequestsPerConnection;
    private final int maxPayloadBytes;
    private final int maxExtentsPerReply;
    private final int cachePieceBytes;
    private final int receiveBufferBytes;
    private final int maxHeldBytes;
    private final long heldBudgetBytes;
    private final @Nullable Duration idleTimeout;
    private final int keepAliveIdleSeconds;
    private final int keepAliveIntervalSeconds;
    private final int keepAliveProbes;
    private final int tcpUserTimeoutMillis;
    private final Duration shutdownTimeout;
    private final Duration settleTimeWithoutEpoll;
    private final UnixSocketRights unixSocketRights;
    private final Duration reloadInterval;
    private final TlsSettings tls;
    private final AccessSettings access;

    /**
     * @param config the whole configuration, with {@code chainring.nbd} in it
     * @throws io.chainring.base.settings.InvalidSettingException for a value out of its range, missing or malformed
     */
    public NbdSettings(Config config) {
        Settings nbd = Settings.at(config, "chainring.nbd");
        maxConnections = nbd.number("max-connections", 1, 1 << 20);
        maxHandshakingConnections = nbd.number("max-handshaking-connections", 1, 1 << 20);
        reservedDescriptors = nbd.number("reserved-descriptors", 0, 1 << 20);
        maxSharePerSource = share(nbd, "max-share-per-source");
        maxSharePerCertificate = share(nbd, "max-share-per-certificate");
        maxSharePerDisk = share(nbd, "max-share-per-disk");
        giveWayAfter = nbd.duration("give-way-after", SHORTEST, LONGEST);
        listenBacklog = nbd.number("listen-backlog", 1, 1 << 16);
        firstByteTimeout = nbd.duration("first-byte-timeout", SHORTEST, LONGEST);
        handshakeTimeout = nbd.duration("handshake-timeout", SHORTEST, LONGEST);
        openingTimeout = nbd.duration("opening-timeout", SHORTEST, LONGEST);
        maxOptionsPerHandshake = nbd.number("max-options-per-handshake", 1, 1 << 16);
        maxOptionBytes = blocks(nbd, "max-option-size", 2 * NbdProtocol.MAX_STRING_BYTES, 1 << 20);
        maxRequestsPerConnection = nbd.number("max-requests-per-connection", 1, 1 << 15);
        maxPayloadBytes = blocks(nbd, "max-payload-size", 1 << 16, 1 << 28);
        maxExtentsPerReply = nbd.number("max-extents-per-reply", 1, 1 << 15);
        cachePieceBytes = blocks(nbd, "cache-piece-size", 1 << 12, 1 << 25);
        receiveBufferBytes = blocks(nbd, "receive-buffer-size", 1 << 12, 1 << 24);
        maxHeldBytes = blocks(nbd, "max-held-size", 1 << 16, 1 << 30);
        heldBudgetBytes = nbd.bytes("held-budget", 1 << 16, 1L << 40);
        idleTimeout = nbd.durationOrOff("idle-timeout", SHORTEST, LONGEST);
        keepAliveIdleSeconds = seconds(nbd, "tcp-keep-alive.idle");
        keepAliveIntervalSeconds = seconds(nbd, "tcp-keep-alive.interval");
        keepAliveProbes = nbd.number("tcp-keep-alive.probes", 1, 127);
        tcpUserTimeoutMillis = (int) nbd.duration("tcp-user-timeout", SHORTEST, LONGEST).toMillis();
        shutdownTimeout = nbd.duration("shutdown-timeout", SHORTEST, LONGEST);
        settleTimeWithoutEpoll = nbd.duration("settle-time-without-epoll", SHORTEST, LONGEST);
        unixSocketRights = UnixSocketRights.of(nbd);
        reloadInterval = nbd.duration("reload-interval", SHORTEST, LONGEST);
        tls = TlsSettings.from(nbd);
        access = AccessSettings.from(nbd);
    }

    private static int blocks(Settings nbd, String name, int least, int most) {
        int bytes = nbd.intBytes(name, least, most);
        if (bytes % SECTOR_BYTES != 0) {
            throw nbd.refused(
                    name, bytes + " bytes", "allowed are multiples of " + SECTOR_BYTES + " bytes");
        }
        return bytes;
    }

    private static double share(Settings nbd, String name) {
        double share = nbd.share(name);
        if (share == 0) {
            throw nbd.refused(name, share, "allowed are numbers above 0, up to 1");
        }
        return share;
    }

    private static int seconds(Settings nbd, String name) {
        return (int)
                nbd.duration(name, Duration.ofSeconds(1), Duration.ofSeconds(32767)).toSeconds();
    }

    public int maxConnections() {
        return maxConnections;
    }

    public int maxHandshakingConnections() {
        return maxHandshakingConnections;
    }

    /** Descriptors that connections leave to the rest of the process. */
    public int reservedDescriptors() {
        return reservedDescriptors;
    }

    /** Part of the places that others leave which one source may have. */
    public double maxSharePerSource() {
        return maxSharePerSource;
    }

    /** Part of all places which clients with one certificate may have. */
    public double maxSharePerCertificate() {
        return maxSharePerCertificate;
    }

    /** Part of all places which the clients of one disk may have. */
    public double maxSharePerDisk() {
        return maxSharePerDisk;
    }

    /** How long nothing has moved on a connection that gives way when places are short. */
    public Duration giveWayAfter() {
        return giveWayAfter;
    }

    public int listenBacklog() {
        return listenBacklog;
    }

    /** How long a client may take for its first words, and then for its first of TLS. */
    public Duration firstByteTimeout() {
        return firstByteTimeout;
    }

    public Duration handshakeTimeout() {
        return handshakeTimeout;
    }

    /** How long a connection that has chosen its disk may wait for its ring. */
    public Duration openingTimeout() {
        return openingTimeout;
    }

    public int maxOptionsPerHandshake() {
        return maxOptionsPerHandshake;
    }

    public int maxOptionBytes() {
        return maxOptionBytes;
    }

    /** Option data up to here is skipped and answered with an error; beyond it the client is disconnected. */
    public int maxSkippedOptionBytes() {
        return 4 * maxOptionBytes;
    }

    public int maxRequestsPerConnection() {
        return maxRequestsPerConnection;
    }

    public int maxPayloadBytes() {
        return maxPayloadBytes;
    }

    public int maxExtentsPerReply() {
        return maxExtentsPerReply;
    }

    public int cachePieceBytes() {
        return cachePieceBytes;
    }

    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /** Most that all connections together hold, in bytes. */
    public long heldBudgetBytes() {
        return heldBudgetBytes;
    }

    public int maxHeldBytes() {
        return maxHeldBytes;
    }

    /** Null when silent connections stay open. */
    public @Nullable Duration idleTimeout() {
        return idleTimeout;
    }

    public int keepAliveIdleSeconds() {
        return keepAliveIdleSeconds;
    }

    public int keepAliveIntervalSeconds() {
        return keepAliveIntervalSeconds;
    }

    public int keepAliveProbes() {
        return keepAliveProbes;
    }

    public int tcpUserTimeoutMillis() {
        return tcpUserTimeoutMillis;
    }

    public Duration shutdownTimeout() {
        return shutdownTimeout;
    }

    public Duration settleTimeWithoutEpoll() {
        return settleTimeWithoutEpoll;
    }

    /** Who may connect to unix sockets. */
    public UnixSocketRights unixSocketRights() {
        return unixSocketRights;
    }

    /** How often files that the settings name are looked at, to take them over when they changed. */
    public Duration reloadInterval() {
        return reloadInterval;
    }

    /** Encryption. */
    public TlsSettings tls() {
        return tls;
    }

    /** Who may use what. */
    public AccessSettings access() {
        return access;
    }
}
