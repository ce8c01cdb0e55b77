package io.chainring.node.http;

import com.typesafe.config.Config;
import io.chainring.base.settings.Settings;
import java.time.Duration;
import java.util.List;

/**
 * What the clients of one server may take; {@code reference.conf} says more.
 *
 * @param maxConnections at once; for a further one the oldest gives way whose request is not whole
 * @param maxRequestLineBytes longest first line of a request
 * @param maxHeaderBytes longest headers together
 * @param maxHeaders most headers
 * @param maxRequestBytes longest request body
 * @param maxAnswersBytes of answers that clients have not taken yet, together; one always has room
 * @param requestTimeout from the first byte of a request to its last; of the first one, from the connection on
 * @param idleTimeout between two requests
 * @param answerTimeout until an answer is taken as a whole
 * @param reservedDescriptors that clients of the network leave to others; those of the control socket leave half of them
 * @param hostNames that a {@code Host} header may have beside the server's own: {@code name} or {@code name:port}
 */
public record HttpLimits(
        int maxConnections,
        int maxRequestLineBytes,
        int maxHeaderBytes,
        int maxHeaders,
        int maxRequestBytes,
        long maxAnswersBytes,
        Duration requestTimeout,
        Duration idleTimeout,
        Duration answerTimeout,
        int reservedDescriptors,
        List<String> hostNames) {
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofDays(1);

    private static final int HEADER_OVERHEAD_BYTES = 256;

    private static final int CONNECTION_OVERHEAD_BYTES = 16 << 10;
    private static final int SERVER_OVERHEAD_BYTES = 1 << 20;

    /**
     * Reads {@code chainring.node.control}.
     *
     * @param config the whole configuration
     * @throws io.chainring.base.settings.InvalidSettingException one line that names the setting
     */
    public static HttpLimits from(Config config) {
        Settings control = Settings.at(config, "chainring.node.control");
        return new HttpLimits(
                control.number("max-connections", 1, 1024),
                control.intBytes("max-request-line-size", 64, 64 << 10),
                control.intBytes("max-header-size", 256, 64 << 10),
                control.number("max-headers", 4, 1024),
                control.intBytes("max-request-size", 1 << 10, 1 << 20),
                control.bytes("max-answers-size", 64 << 10, 1 << 30),
                control.duration("request-timeout", SHORTEST, LONGEST),
                control.duration("idle-timeout", SHORTEST, LONGEST),
                control.duration("answer-timeout", SHORTEST, LONGEST),
                control.number("reserved-descriptors", 0, 1 << 16),
                control.allParsed("host-names", HostNames::checked));
    }

    /** The most that all clients of one server together can make it hold, in bytes of the heap. */
    public long mostHeapBytes() {
        long eachBytes =
                2L * maxRequestLineBytes
                        + 3L * maxHeaderBytes
                        + (long) HEADER_OVERHEAD_BYTES * maxHeaders
                        + 3L * maxRequestBytes
                        + CONNECTION_OVERHEAD_BYTES;
        return maxConnections * eachBytes + 2 * maxAnswersBytes + SERVER_OVERHEAD_BYTES;
    }
}
