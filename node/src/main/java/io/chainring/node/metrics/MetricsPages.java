package io.chainring.node.metrics;

import static io.netty.handler.codec.http.HttpResponseStatus.METHOD_NOT_ALLOWED;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_FOUND;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import io.chainring.node.StartException;
import io.chainring.node.control.NodeControl;
import io.chainring.node.control.NodeStatus;
import io.chainring.node.http.HttpAnswer;
import io.chainring.node.http.HttpLimits;
import io.chainring.node.http.HttpPages;
import io.chainring.node.http.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What can be seen of a node over HTTP: {@code /metrics} for Prometheus, {@code /status} as on the control socket,
 * {@code /health} with 200 while the node serves all its disks and 503 otherwise. Nothing can be changed here.
 */
public final class MetricsPages implements HttpPages {
    private final NodeMetrics metrics;
    private final NodeControl node;

    private MetricsPages(NodeMetrics metrics, NodeControl node) {
        this.metrics = metrics;
        this.node = node;
    }

    /**
     * Shows them.
     *
     * @return what ends that
     * @throws StartException one line: port in use, no such address
     */
    public static HttpServer show(
            InetSocketAddress address, HttpLimits limits, NodeMetrics metrics, NodeControl node)
            throws StartException {
        try {
            if (address.isUnresolved()) {
                throw new IOException("no such host is known");
            }
            return HttpServer.start("metrics", address, limits, new MetricsPages(metrics, node));
        } catch (IOException e) {
            throw new StartException(
                    String.format(
                            "metrics cannot be shown on %s:%s: %s; choose another address with "
                                    + "--metrics",
                            address.getHostString(), address.getPort(), e.getMessage()),
                    e);
        }
    }

    @Override
    public CompletionStage<HttpAnswer> answer(String method, String page, String body) {
        return CompletableFuture.completedFuture(
                method.equals("GET")
                        ? answer(page)
                        : HttpAnswer.text(METHOD_NOT_ALLOWED, "only GET"));
    }

    private HttpAnswer answer(String page) {
        return switch (page) {
            case "/metrics" -> HttpAnswer.text(OK, metrics.scrape());
            case "/status" -> HttpAnswer.json(OK, node.status());
            case "/health" ->
                    servesAll(node.status())
                            ? HttpAnswer.json(OK, Map.of("state", "serving"))
                            : HttpAnswer.json(SERVICE_UNAVAILABLE, Map.of("state", "not serving"));
            default -> HttpAnswer.text(NOT_FOUND, "there is no such page");
        };
    }

    private static boolean servesAll(NodeStatus node) {
        return node.state().equals("serving")
                && node.disks().stream().allMatch(disk -> disk.state().equals("serving"));
    }
}
