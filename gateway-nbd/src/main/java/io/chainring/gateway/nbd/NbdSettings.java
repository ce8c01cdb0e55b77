package io.chainring.gateway.nbd;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the NBD gateway, read from {@code chainring.nbd}; {@code reference.conf} gives each one's default and
 * what it costs to change it. Sizes are in bytes.
 */
public final class NbdSettings {
    private final int maxConnections;
    private final int maxHandshakingConnections;
    private final int listenBacklog;
    private final Duration handshakeTimeout;
    private final int maxOptionsPerHandshake;
    private final int maxOptionBytes;
    private final int maxRequestsPerConnection;
    private final int maxPayloadBytes;
    private final int maxExtentsPerReply;
    private final int cachePieceBytes;
    private final int receiveBufferBytes;
    private final int maxHeldBytes;
    private final @Nullable Duration idleTimeout;
    private final int keepAliveIdleSeconds;
    private final int keepAliveIntervalSeconds;
    private final int keepAliveProbes;
    private final int tcpUserTimeoutMillis;
    private final Duration shutdownTimeout;
    private final Duration settleTimeWithoutEpoll;
    private final TlsMode tlsMode;
    private final @Nullable Path certificate;
    private final @Nullable Path privateKey;
    private final @Nullable Path clientAuthorities;
    private final List<String> tlsProtocols;

    /**
     * @param config the whole configuration, with {@code chainring.nbd} in it
     * @throws IllegalArgumentException for a value out of its range; the message names setting and range
     * @throws com.typesafe.config.ConfigException for a missing or malformed value
     */
    public NbdSettings(Config config) {
        Config nbd = config.getConfig("chainring.nbd");
        maxConnections = number(nbd, "max-connections", 1, 1 << 20);
        maxHandshakingConnections = number(nbd, "max-handshaking-connections", 1, 1 << 20);
        listenBacklog = number(nbd, "listen-backlog", 1, 1 << 16);
        handshakeTimeout = duration(nbd, "handshake-timeout");
        maxOptionsPerHandshake = number(nbd, "max-options-per-handshake", 1, 1 << 16);
        maxOptionBytes = size(nbd, "max-option-size", 2 * NbdProtocol.MAX_STRING_BYTES, 1 << 20);
        maxRequestsPerConnection = number(nbd, "max-requests-per-connection", 1, 1 << 15);
        maxPayloadBytes = size(nbd, "max-payload-size", 1 << 16, 1 << 28);
        maxExtentsPerReply = number(nbd, "max-extents-per-reply", 1, 1 << 15);
        cachePieceBytes = size(nbd, "cache-piece-size", 1 << 12, 1 << 25);
        receiveBufferBytes = size(nbd, "receive-buffer-size", 1 << 12, 1 << 24);
        maxHeldBytes = size(nbd, "max-held-size", 1 << 16, 1 << 30);
        idleTimeout = isOff(nbd, "idle-timeout") ? null : duration(nbd, "idle-timeout");
        keepAliveIdleSeconds = seconds(nbd, "tcp-keep-alive.idle");
        keepAliveIntervalSeconds = seconds(nbd, "tcp-keep-alive.interval");
        keepAliveProbes = number(nbd, "tcp-keep-alive.probes", 1, 127);
        tcpUserTimeoutMillis = Math.toIntExact(duration(nbd, "tcp-user-timeout").toMillis());
        shutdownTimeout = duration(nbd, "shutdown-timeout");
        settleTimeWithoutEpoll = duration(nbd, "settle-time-without-epoll");
        tlsMode = tlsMode(nbd);
        certificate = path(nbd, "tls.certificate");
        privateKey = path(nbd, "tls.private-key");
        clientAuthorities = path(nbd, "tls.client-authorities");
        tlsProtocols = tlsProtocols(nbd, clientAuthorities != null);
        if (tlsMode != TlsMode.OFF && (certificate == null || privateKey == null)) {
            throw new IllegalArgumentException(
                    "chainring.nbd.tls.mode = "
                            + nbd.getString("tls.mode")
                            + " needs chainring.nbd.tls.certificate and chainring.nbd.tls.private-key");
        }
    }

    private static int number(Config nbd, String path, int least, int most) {
        return inRange(path, nbd.getLong(path), least, most);
    }

    private static int size(Config nbd, String path, int least, int most) {
        int bytes = inRange(path, nbd.getBytes(path), least, most);
        if (bytes % NbdProtocol.MIN_BLOCK_BYTES != 0) {
            throw new IllegalArgumentException(
                    "chainring.nbd."
                            + path
                            + " = "
                            + bytes
                            + " bytes is not a multiple of "
                            + NbdProtocol.MIN_BLOCK_BYTES);
        }
        return bytes;
    }

    private static int inRange(String path, long value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "chainring.nbd."
                            + path
                            + " = "
                            + value
                            + ": allowed are "
                            + least
                            + " to "
                            + most);
        }
        return (int) value;
    }

    private static Duration duration(Config nbd, String path) {
        Duration duration = nbd.getDuration(path);
        if (duration.toMillis() < 1 || duration.toDays() > 7) {
            throw new IllegalArgumentException(
                    "chainring.nbd."
                            + path
                            + " = "
                            + duration
                            + ": allowed are 1 millisecond to 7 days");
        }
        return duration;
    }

    private static int seconds(Config nbd, String path) {
        return inRange(path, duration(nbd, path).toSeconds(), 1, 32767);
    }

    private static boolean isOff(Config nbd, String path) {
        return nbd.getString(path).toLowerCase(Locale.ROOT).equals("off");
    }

    private static TlsMode tlsMode(Config nbd) {
        String mode = nbd.getString("tls.mode").toLowerCase(Locale.ROOT);
        return switch (mode) {
            case "off", "false" -> TlsMode.OFF;
            case "on", "true" -> TlsMode.ON;
            case "required" -> TlsMode.REQUIRED;
            default ->
                    throw new IllegalArgumentException(
                            "chainring.nbd.tls.mode = "
                                    + mode
                                    + ": allowed are off, on and required");
        };
    }

    private static List<String> tlsProtocols(Config nbd, boolean clientCertificates) {
        List<String> named = nbd.getStringList("tls.protocols");
        if (!Set.of("TLSv1.3", "TLSv1.2").containsAll(named)) {
            throw new IllegalArgumentException(
                    "chainring.nbd.tls.protocols = "
                            + named
                            + ": allowed are \"TLSv1.3\" and \"TLSv1.2\"");
        }
        if (!named.isEmpty()) {
            return List.copyOf(named);
        }
        return clientCertificates ? List.of("TLSv1.2") : List.of("TLSv1.3", "TLSv1.2");
    }

    private static @Nullable Path path(Config nbd, String path) {
        String text = nbd.getString(path);
        return text.isEmpty() ? null : Path.of(text);
    }

    public int maxConnections() {
        return maxConnections;
    }

    public int maxHandshakingConnections() {
        return maxHandshakingConnections;
    }

    public int listenBacklog() {
        return listenBacklog;
    }

    public Duration handshakeTimeout() {
        return handshakeTimeout;
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

    public TlsMode tlsMode() {
        return tlsMode;
    }

    public @Nullable Path certificate() {
        return certificate;
    }

    public @Nullable Path privateKey() {
        return privateKey;
    }

    public @Nullable Path clientAuthorities() {
        return clientAuthorities;
    }

    /** Versions of TLS, at least one. */
    public List<String> tlsProtocols() {
        return tlsProtocols;
    }
}
