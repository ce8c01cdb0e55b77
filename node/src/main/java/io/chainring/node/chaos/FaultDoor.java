package io.chainring.node.chaos;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.chainring.chaos.plan.Fault;
import io.chainring.chaos.plan.FaultDriver;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.http.HttpAnswer;
import io.chainring.node.http.HttpCall;
import io.chainring.node.http.Json;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks a node for faults inside of it, over its control socket. A node that was not started with
 * {@code chainring.node.chaos = on} refuses; one that is older knows no such page, and can only have backends and hosts killed.
 *
 * <pre>
 *   GET  /faults   {"faults":[{"name","how":[...],"points":[...],"lasting"}],"passed":[{"point","passed","killed"}]}
 *   POST /fault    {"fault","disk","how","point","count","millis"}    {"injected":true,"what":"one line"}
 *   POST /kill     {"disk","target","how"}                            {"killed":true}
 * </pre>
 */
final class FaultDoor implements FaultDriver {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final int ANSWER_BYTES_MOST = 4 << 20;
    private static final String KILL = "-kill";

    private final Path data;
    private final List<String> disks;
    private final boolean knowsFaults;

    /** What a node can do. @param passed how often each point was passed, and killed at */
    record Menu(@Json.Required List<Offer> faults, @Nullable List<Passed> passed) {}

    /** One fault. @param lasting whether it goes on until its time is over */
    record Offer(
            @Json.Required String name,
            @Nullable List<String> how,
            @Nullable List<String> points,
            boolean lasting) {}

    /** A point of a node's work at which something can be killed. */
    record Passed(@Json.Required String point, long passed, long killed) {}

    private record Request(
            String fault,
            @Nullable String disk,
            @Nullable String how,
            @Nullable String point,
            @Nullable Integer count,
            @Nullable Long millis) {}

    private record Injected(boolean injected, @Nullable String what) {}

    private record KillRequest(String disk, String target, String how) {}

    private record Killed(boolean killed) {}

    /**
     * @param data the node's data directory
     * @param disks names of its disks, by their number
     * @param knowsFaults whether it has the pages for faults
     */
    FaultDoor(Path data, List<String> disks, boolean knowsFaults) {
        this.data = data;
        this.disks = List.copyOf(disks);
        this.knowsFaults = knowsFaults;
    }

    /**
     * What the node can do; null when it does not know the page.
     *
     * @throws IOException it does not answer, or refuses
     */
    static @Nullable Menu menu(Path data) throws IOException, InterruptedException {
        HttpAnswer answer = ask(data, "GET", "/faults", "");
        if (answer.status().equals(HttpResponseStatus.NOT_FOUND)) {
            return null;
        }
        return read(content(answer), Menu.class);
    }

    @Override
    public Outcome carryOut(Fault fault) throws IOException, InterruptedException {
        String disk = disks.get(fault.disk());
        if (!knowsFaults) {
            String target = fault.name().substring(0, fault.name().length() - KILL.length());
            String how = fault.how() == null ? "error" : fault.how();
            String body = Json.writeRequest(new KillRequest(disk, target, how));
            boolean killed = read(content(ask(data, "POST", "/kill", body)), Killed.class).killed();
            return new Outcome(killed, target + " of " + disk + " killed by " + how);
        }
        boolean kill = fault.name().endsWith(KILL);
        Request request =
                new Request(
                        fault.name(),
                        disk,
                        fault.how(),
                        fault.point(),
                        kill ? 1 : null,
                        kill ? null : fault.millis());
        Injected injected =
                read(
                        content(ask(data, "POST", "/fault", Json.writeRequest(request))),
                        Injected.class);
        return new Outcome(
                injected.injected(), injected.what() == null ? fault.label() : injected.what());
    }

    private static HttpAnswer ask(Path data, String method, String page, String body)
            throws IOException, InterruptedException {
        try {
            return HttpCall.ask(
                    UnixDomainSocketAddress.of(DataDirectory.controlSocket(data)),
                    method,
                    page,
                    body,
                    LIMIT,
                    ANSWER_BYTES_MOST);
        } catch (HttpCall.NoAnswerException e) {
            throw new IOException("the node's answer cannot be read: " + e.getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("the node has not answered within " + LIMIT, e);
        }
    }

    private static String content(HttpAnswer answer) throws IOException {
        if (answer.status().equals(HttpResponseStatus.OK)) {
            return answer.body();
        }
        throw new IOException(
                answer.body().isEmpty()
                        ? "the node refuses: " + answer.status()
                        : read(answer.body(), HttpAnswer.Problem.class).error());
    }

    private static <T> T read(String text, Class<T> type) throws IOException {
        try {
            return Json.readAnswer(text, type);
        } catch (JsonProcessingException e) {
            throw new IOException("the node's answer is not the JSON that was expected", e);
        }
    }
}
