package io.chainring.node.control;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.CONFLICT;
import static io.netty.handler.codec.http.HttpResponseStatus.FORBIDDEN;
import static io.netty.handler.codec.http.HttpResponseStatus.METHOD_NOT_ALLOWED;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_FOUND;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import io.chainring.base.text.Printable;
import io.chainring.node.http.BadRequestException;
import io.chainring.node.http.HttpAnswer;
import io.chainring.node.http.HttpPages;
import io.chainring.node.http.Json;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What can be asked for on the control socket. Each request is answered within its limit, whatever becomes of what it
 * asked for.
 *
 * <pre>
 *   GET  /status                                                  NodeStatus
 *   GET  /health                                                  {"state":"serving"}
 *   GET  /disks                                                   {"disks":[DiskEntry...]}
 *   POST /kill   {"disk":"d","target":"backend","how":"error"}    {"killed":true}
 *   POST /disks/...                                               see DiskAction
 *   GET  /faults                                                  FaultList
 *   POST /fault  FaultRequest                                     {"injected":true,"what":"one line"}
 *   anything else                                                 4xx {"error":"one line"}
 * </pre>
 */
final class ControlPages implements HttpPages {
    private final NodeControl node;
    private final Duration limit;
    private final Duration actionLimit;

    /** The answer to {@code GET /disks}. */
    record Disks(@Json.Required List<DiskEntry> disks) {}

    /**
     * @param limit for what should not take long
     * @param actionLimit for what is done with disks, which may
     */
    ControlPages(NodeControl node, Duration limit, Duration actionLimit) {
        this.node = node;
        this.limit = limit;
        this.actionLimit = actionLimit;
    }

    @Override
    public CompletionStage<HttpAnswer> answer(String method, String page, String body) {
        String only = methodOf(page);
        try {
            if (only == null) {
                return now(HttpAnswer.problem(NOT_FOUND, "there is no such page"));
            }
            if (!method.equals(only)) {
                return now(HttpAnswer.problem(METHOD_NOT_ALLOWED, "only " + only));
            }
            return switch (page) {
                case "/status" -> now(HttpAnswer.json(OK, node.status()));
                case "/health" -> now(HttpAnswer.json(OK, Map.of("state", node.status().state())));
                case "/kill" -> kill(Json.readRequest(body, KillRequest.class));
                case "/faults" -> faults(faults -> now(HttpAnswer.json(OK, faults.list())));
                case "/fault" -> faults(faults -> inject(faults, body));
                case "/disks" -> within(limit, node.diskControl().list().thenApply(Disks::new));
                default -> within(actionLimit, action(page, body).on(node.diskControl()));
            };
        } catch (BadRequestException e) {
            return now(HttpAnswer.problem(BAD_REQUEST, String.valueOf(e.getMessage())));
        }
    }

    private static @Nullable String methodOf(String page) {
        return switch (page) {
            case "/status", "/health", "/disks", "/faults" -> "GET";
            case "/kill", "/fault" -> "POST";
            default -> DiskAction.BY_PAGE.containsKey(page) ? "POST" : null;
        };
    }

    private static DiskAction action(String page, String body) throws BadRequestException {
        return Json.readRequest(body, Objects.requireNonNull(DiskAction.BY_PAGE.get(page)));
    }

    private CompletionStage<HttpAnswer> kill(KillRequest asked) throws BadRequestException {
        CompletionStage<Boolean> killed =
                node.kill(
                        asked.disk(),
                        KillRequest.choice(
                                "target", asked.target(), SupervisorCommand.Target.class),
                        KillRequest.choice("how", asked.how(), KillMode.class));
        return killed == null
                ? now(
                        HttpAnswer.problem(
                                NOT_FOUND, "there is no disk " + Printable.name(asked.disk())))
                : within(limit, killed.thenApply(KillRequest.Outcome::new));
    }

    /** What is asked of a node that takes faults. */
    private interface Ask {
        CompletionStage<HttpAnswer> of(FaultControl faults) throws BadRequestException;
    }

    private CompletionStage<HttpAnswer> faults(Ask ask) throws BadRequestException {
        FaultControl faults = node.faultControl();
        return faults == null
                ? now(HttpAnswer.problem(FORBIDDEN, FaultControl.OFF))
                : ask.of(faults);
    }

    private CompletionStage<HttpAnswer> inject(FaultControl faults, String body)
            throws BadRequestException {
        FaultRequest asked = Json.readRequest(body, FaultRequest.class);
        return within(
                limit,
                faults.inject(
                        asked.fault(),
                        asked.disk(),
                        asked.how(),
                        asked.point(),
                        asked.count(),
                        asked.millis()));
    }

    private static CompletionStage<HttpAnswer> now(HttpAnswer answer) {
        return CompletableFuture.completedFuture(answer);
    }

    private static CompletionStage<HttpAnswer> within(Duration limit, CompletionStage<?> outcome) {
        return outcome.thenApply(document -> HttpAnswer.json(OK, document))
                .toCompletableFuture()
                .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(ControlPages::refused);
    }

    private static HttpAnswer refused(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof DiskRefusedException) {
            return HttpAnswer.problem(CONFLICT, String.valueOf(cause.getMessage()));
        }
        if (cause instanceof TimeoutException) {
            return HttpAnswer.problem(SERVICE_UNAVAILABLE, "the disk does not answer");
        }
        throw new CompletionException(cause);
    }
}
