package io.chainring.node.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainring.node.StartException;
import io.chainring.node.control.NodeControl;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.http.javadsl.Http;
import org.apache.pekko.http.javadsl.ServerBinding;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.server.AllDirectives;
import org.apache.pekko.http.javadsl.server.Route;

/**
 * What can be seen of a node over HTTP: {@code /metrics} for Prometheus, {@code /status} as on the control socket,
 * {@code /health} with 200 while the node serves all its disks and 503 otherwise. Nothing can be changed here.
 */
public final class MetricsServer extends AllDirectives {
    private static final long BIND_LIMIT_SECONDS = 10;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ContentType.NonBinary TEXT = ContentTypes.TEXT_PLAIN_UTF8;

    private final NodeMetrics metrics;
    private final NodeControl node;

    private MetricsServer(NodeMetrics metrics, NodeControl node) {
        this.metrics = metrics;
        this.node = node;
    }

    /**
     * Listens.
     *
     * @return what ends it
     * @throws StartException one line: port in use, no such address
     */
    public static ServerBinding start(
            ActorSystem<?> system, InetSocketAddress address, NodeMetrics metrics, NodeControl node)
            throws StartException {
        MetricsServer server = new MetricsServer(metrics, node);
        CompletionStage<ServerBinding> binding =
                Http.get(system)
                        .newServerAt(address.getHostString(), address.getPort())
                        .bind(server.route());
        try {
            return binding.toCompletableFuture().get(BIND_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            Throwable root = cause.getCause() == null ? cause : cause.getCause();
            throw new StartException(
                    "metrics cannot be shown on "
                            + address.getHostString()
                            + ":"
                            + address.getPort()
                            + ": "
                            + root.getMessage()
                            + "; choose another address with --metrics",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("the start was interrupted", e);
        }
    }

    /** Ends it. */
    public static CompletionStage<?> stop(ServerBinding binding, Duration limit) {
        return binding.terminate(limit);
    }

    private Route route() {
        return get(
                () ->
                        concat(
                                path(
                                        "metrics",
                                        () ->
                                                complete(
                                                        HttpResponse.create()
                                                                .withEntity(
                                                                        HttpEntities.create(
                                                                                TEXT,
                                                                                metrics
                                                                                        .scrape())))),
                                path("status", () -> complete(json(true, node.status()))),
                                path("health", () -> complete(health()))));
    }

    private HttpResponse health() {
        boolean well =
                node.status().state().equals("serving")
                        && node.status().disks().stream()
                                .allMatch(disk -> disk.state().equals("serving"));
        return json(well, Map.of("state", well ? "serving" : "not serving"));
    }

    private static HttpResponse json(boolean well, Object body) {
        try {
            return HttpResponse.create()
                    .withStatus(well ? StatusCodes.OK : StatusCodes.SERVICE_UNAVAILABLE)
                    .withEntity(
                            HttpEntities.create(
                                    ContentTypes.APPLICATION_JSON, JSON.writeValueAsString(body)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot be written as JSON: " + body, e);
        }
    }
}
