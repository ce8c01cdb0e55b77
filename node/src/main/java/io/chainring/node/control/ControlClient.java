package io.chainring.node.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.chainring.base.settings.Settings;
import io.chainring.base.text.Printable;
import io.chainring.node.StartException;
import io.chainring.node.data.DataDirectory;
import io.chainring.node.http.HttpAnswer;
import io.chainring.node.http.HttpCall;
import io.chainring.node.http.Json;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Talks to the node that runs on a data directory. Each request has a connection of its own and a limit of time; an
 * answer has a limit of length.
 */
public final class ControlClient {
    /** For what should not take long. */
    static final Duration LIMIT = Duration.ofSeconds(15);

    /** A disk that comes or goes may take its time, which the node limits. */
    static final Duration ACTION_LIMIT = Duration.ofMinutes(10);

    static final int MAX_ANSWER_BYTES = 8 << 20;

    private final Path directory;
    private final Duration limit;

    /**
     * @param directory the node's data directory
     */
    public ControlClient(Path directory) {
        this(directory, LIMIT);
    }

    ControlClient(Path directory, Duration limit) {
        this.directory = directory;
        this.limit = limit;
    }

    /** How the node is. */
    public NodeStatus status() throws StartException {
        return read(statusJson(), NodeStatus.class);
    }

    /** The same as the node's own text. */
    public String statusJson() throws StartException {
        return request("GET", "/status", "");
    }

    /**
     * Kills a disk's backend or host.
     *
     * @return whether there was somebody to kill
     */
    public boolean kill(String disk, SupervisorCommand.Target target, KillMode how)
            throws StartException {
        String body =
                Json.writeRequest(
                        new KillRequest(disk, Settings.label(target), Settings.label(how)));
        return read(request("POST", "/kill", body), KillRequest.Outcome.class).killed();
    }

    /** All disks. */
    public List<DiskEntry> disks() throws StartException, DiskRefusedException {
        return read(disksJson(), ControlPages.Disks.class).disks();
    }

    /** The same as the node's own text. */
    public String disksJson() throws StartException, DiskRefusedException {
        return ask(limit, "GET", "/disks", "");
    }

    /**
     * Does something with one disk.
     *
     * @return the disk as it is after it
     * @throws DiskRefusedException when the node does not do it, or it is not known whether it has
     */
    public String disk(DiskAction action) throws StartException, DiskRefusedException {
        try {
            return ask(
                    ACTION_LIMIT,
                    "POST",
                    DiskAction.page(action.getClass()),
                    Json.writeRequest(action));
        } catch (StartException e) {
            if (mayHaveArrived(e.getCause())) {
                throw new DiskRefusedException(
                        "%s; whether the command was carried out is not known: 'chainring disk ls' shows it, when a node runs"
                                .formatted(e.getMessage()),
                        e);
            }
            throw e;
        }
    }

    /** Whether the node may have had the request that failed so: it dies without an answer, or is too slow. */
    private static boolean mayHaveArrived(@Nullable Throwable failure) {
        if (failure instanceof IOException broken) {
            String why = words(broken);
            return why.contains("Broken pipe") || why.contains("Connection reset");
        }
        return failure instanceof HttpCall.NoAnswerException || failure instanceof TimeoutException;
    }

    /** An answer of {@link #disk} as a record. */
    public DiskEntry entry(String answer) throws StartException {
        return read(answer, DiskEntry.class);
    }

    private <T> T read(String text, Class<T> type) throws StartException {
        try {
            return Json.readAnswer(text, type);
        } catch (JsonProcessingException e) {
            throw strange("it is not the JSON that was expected", e);
        }
    }

    private String request(String method, String page, String body) throws StartException {
        try {
            return ask(limit, method, page, body);
        } catch (DiskRefusedException e) {
            throw new StartException(e);
        }
    }

    private String ask(Duration longest, String method, String page, String body)
            throws StartException, DiskRefusedException {
        try {
            return content(
                    HttpCall.ask(
                            UnixDomainSocketAddress.of(DataDirectory.controlSocket(directory)),
                            method,
                            page,
                            body,
                            longest,
                            MAX_ANSWER_BYTES));
        } catch (IOException e) {
            throw new StartException(unreachable(directory, e), e);
        } catch (HttpCall.NoAnswerException e) {
            throw strange(String.valueOf(e.getMessage()), e);
        } catch (TimeoutException e) {
            throw new StartException(
                    "the node on data directory %s has not answered within %s s"
                            .formatted(directory, longest.toSeconds()),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("the command was interrupted", e);
        }
    }

    /**
     * Why a node can't be talked to. The JVM has no types for most of what connect(2) and write(2) say, so it is told by its
     * words.
     */
    static String unreachable(Path directory, IOException failure) {
        String why = words(failure);
        String data = Printable.whole(directory);
        if (why.contains("Permission denied") || why.contains("Operation not permitted")) {
            return "no permission to talk to the node on data directory "
                    + data
                    + ": its control socket is open to the user alone who runs it; run the command as that user";
        }
        if (why.contains("Broken pipe") || why.contains("Connection reset")) {
            return "the node on data directory "
                    + data
                    + " has ended the connection: it ends, or has all clients that it takes; try again";
        }
        if (why.contains("Too many open files")) {
            return "this command may open no more files (ulimit -n), and can't ask the node on data directory "
                    + data;
        }
        boolean nobody =
                why.contains("Connection refused")
                        || why.contains("No such file or directory")
                        || why.contains("Not a directory");
        return "no node answers on data directory "
                + data
                + (nobody ? "" : " (" + why + ")")
                + "; start one with 'chainring serve', or name its directory with --data";
    }

    private static String words(IOException failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return Printable.reason(cause);
    }

    /** The body of an answer, or the error that it carries. */
    private String content(HttpAnswer answer) throws StartException, DiskRefusedException {
        if (answer.status().equals(HttpResponseStatus.OK)) {
            return answer.body();
        }
        String error =
                answer.body().isEmpty()
                        ? "the node refuses: " + answer.status()
                        : read(answer.body(), HttpAnswer.Problem.class).error();
        if (answer.status().equals(HttpResponseStatus.CONFLICT)) {
            throw new DiskRefusedException(error);
        }
        throw new StartException(error);
    }

    private StartException strange(String why, Exception e) {
        return new StartException(
                "the answer of the node on " + directory + " cannot be read: " + why, e);
    }
}
