package io.chainring.node.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Talks to the node that runs on a data directory. Each request has a connection of its own and a limit of time; an
 * answer has a limit of length.
 */
public final class ControlClient {
    private static final ObjectMapper JSON =
            new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);
    private static final int MAX_ANSWER_BYTES = 8 << 20;
    private static final Duration LIMIT = Duration.ofSeconds(15);

    /** A disk that comes or goes may take its time, which the node limits. */
    private static final Duration DISK_LIMIT = Duration.ofMinutes(10);

    private final Path directory;

    /**
     * @param directory the node's data directory
     */
    public ControlClient(Path directory) {
        this.directory = directory;
    }

    /** How the node is. */
    public NodeStatus status() throws StartException {
        return read(request("GET", "/status", ""), NodeStatus.class);
    }

    /** The same as the node's own text. */
    public String statusJson() throws StartException {
        return request("GET", "/status", "");
    }

    /**
     * Kills a disk's backend or host.
     *
     * @param target backend or host
     * @param how interrupt, error or stop
     * @return whether there was somebody to kill
     */
    public boolean kill(String disk, String target, String how) throws StartException {
        String body;
        try {
            body = JSON.writeValueAsString(Map.of("disk", disk, "target", target, "how", how));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot be written as JSON: " + disk, e);
        }
        return read(request("POST", "/kill", body), JsonNode.class).path("killed").asBoolean();
    }

    /** All disks. */
    public List<DiskEntry> disks() throws StartException, DiskRefusedException {
        return read(disksJson(), Disks.class).disks();
    }

    /** The same as the node's own text. */
    public String disksJson() throws StartException, DiskRefusedException {
        return ask(LIMIT, "GET", "/disks", "");
    }

    /**
     * A request about one disk, see {@link DiskRequests}.
     *
     * @param what lookup, create, insert, eject, rename, resize, forget
     * @param body fields that are null are left out
     * @return the disk as it is after it
     * @throws DiskRefusedException when the node does not do it
     */
    public String disk(String what, Map<String, ? extends @Nullable Object> body)
            throws StartException, DiskRefusedException {
        ObjectNode fields = JSON.createObjectNode();
        body.forEach(
                (field, value) -> {
                    if (value != null) {
                        fields.putPOJO(field, value);
                    }
                });
        return ask(DISK_LIMIT, "POST", "/disks/" + what, fields.toString());
    }

    /** An answer of {@link #disk} as a record. */
    public DiskEntry entry(String answer) throws StartException {
        return read(answer, DiskEntry.class);
    }

    private record Disks(List<DiskEntry> disks) {}

    private <T> T read(String text, Class<T> type) throws StartException {
        try {
            return JSON.readValue(text, type);
        } catch (JsonProcessingException e) {
            throw strange("it is not the JSON that was expected", e);
        }
    }

    private String request(String method, String page, String body) throws StartException {
        try {
            return ask(LIMIT, method, page, body);
        } catch (DiskRefusedException e) {
            throw new StartException(e);
        }
    }

    private String ask(Duration limit, String method, String page, String body)
            throws StartException, DiskRefusedException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        String head =
                method
                        + " "
                        + page
                        + " HTTP/1.1\r\nHost: chainring\r\nConnection: close\r\n"
                        + "Content-Type: application/json\r\nContent-Length: "
                        + content.length
                        + "\r\n\r\n";
        ByteBuffer bytes = ByteBuffer.wrap((head + body).getBytes(StandardCharsets.UTF_8));
        String answer;
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(DataDirectory.controlSocket(directory)));
            channel.configureBlocking(false);
            answer = exchange(channel, bytes, limit);
        } catch (IOException | IllegalArgumentException e) {
            throw new StartException(
                    "no node answers on data directory "
                            + directory
                            + "; start one with 'chainring serve', or name its directory with --data",
                    e);
        }
        return content(answer);
    }

    private String exchange(SocketChannel channel, ByteBuffer request, Duration limit)
            throws IOException, StartException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(16 << 10);
        long deadline = System.nanoTime() + limit.toNanos();
        try (Selector selector = Selector.open()) {
            SelectionKey key = channel.register(selector, SelectionKey.OP_WRITE);
            while (true) {
                long leftMillis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (leftMillis <= 0 || selector.select(leftMillis) == 0) {
                    throw new StartException(
                            "the node on data directory "
                                    + directory
                                    + " has not answered within "
                                    + limit.toSeconds()
                                    + " s");
                }
                selector.selectedKeys().clear();
                if (request.hasRemaining()) {
                    channel.write(request);
                    key.interestOps(
                            request.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
                } else if (channel.read(buffer) < 0) {
                    return answer.toString(StandardCharsets.UTF_8);
                } else {
                    answer.write(buffer.array(), 0, buffer.position());
                    buffer.clear();
                    if (answer.size() > MAX_ANSWER_BYTES) {
                        throw strange("it is longer than " + MAX_ANSWER_BYTES + " bytes", null);
                    }
                }
            }
        }
    }

    /** The body of an answer, or the error that it carries. */
    private String content(String answer) throws StartException, DiskRefusedException {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0 || !answer.matches("(?s)HTTP/1\\.1 [0-9]{3} .*")) {
            throw strange("it is not HTTP", null);
        }
        String body = answer.substring(end + 4);
        if (answer.startsWith("200", 9)) {
            return body;
        }
        String error = read(body, JsonNode.class).path("error").asText("refused");
        if (answer.startsWith("409", 9)) {
            throw new DiskRefusedException(error);
        }
        throw new StartException(error);
    }

    private StartException strange(String why, @Nullable Exception e) {
        String text = "the answer of the node on " + directory + " cannot be read: " + why;
        return e == null ? new StartException(text) : new StartException(text, e);
    }
}
