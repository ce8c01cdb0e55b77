package io.chainring.chaos.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A server as a child of this process: started until it says that it is ready, killed, started again. Thread-safe. */
public final class ChildProcess implements AutoCloseable {
    private static final int LINES_KEPT = 200;

    private final List<String> command;
    private final Map<String, String> environment;
    private final String readyLine;
    private final long startLimitMillis;
    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private final Thread hook = new Thread(this::destroy, "chaos-child-hook");
    private @Nullable Process process;
    private boolean closed;

    /**
     * @param environment beside this process's own
     * @param readyLine what it prints, as a line, when it serves
     */
    public ChildProcess(
            List<String> command,
            Map<String, String> environment,
            String readyLine,
            long startLimitMillis) {
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.readyLine = readyLine;
        this.startLimitMillis = startLimitMillis;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Starts it and waits until it is ready.
     *
     * @throws IOException it ends or takes too long; the message has what it said last
     */
    public void start() throws IOException, InterruptedException {
        CountDownLatch ready = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Process started;
        synchronized (this) {
            if (closed) {
                throw new IOException("it was ended for good");
            }
            ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
            builder.environment().putAll(environment);
            started = builder.start();
            started.getOutputStream().close();
            process = started;
        }
        Thread reader = new Thread(() -> read(started, ready, ended), "chaos-child-output");
        reader.setDaemon(true);
        reader.start();
        boolean inTime = ready.await(startLimitMillis, TimeUnit.MILLISECONDS);
        if (!inTime || ended.getCount() == 0) {
            started.destroyForcibly();
            throw new IOException(
                    (inTime ? "it ended: " : "it was not ready in time: ") + lastLines());
        }
    }

    private void read(Process from, CountDownLatch ready, CountDownLatch ended) {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(from.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                keep(line);
                if (line.equals(readyLine)) {
                    ready.countDown();
                }
            }
        } catch (IOException e) {
            keep("its output cannot be read: " + e.getMessage());
        } finally {
            if (ready.getCount() > 0) {
                ended.countDown();
                ready.countDown();
            }
        }
    }

    private synchronized void keep(String line) {
        lines.add(line);
        if (lines.size() > LINES_KEPT) {
            lines.remove();
        }
    }

    /** The last that it said. */
    public synchronized String lastLines() {
        return String.join("\n", lines);
    }

    /** Its number; 0 when it was never started. */
    public synchronized long pid() {
        return process == null ? 0 : process.pid();
    }

    /** Whether it lives. */
    public synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** SIGKILL, and waits until it is gone. */
    public void kill() throws InterruptedException {
        Process victim;
        synchronized (this) {
            victim = process;
        }
        if (victim != null) {
            victim.destroyForcibly();
            victim.waitFor();
        }
    }

    /** Sends it a signal by its name, such as STOP. */
    public void signal(String name) throws IOException, InterruptedException {
        Process sent =
                new ProcessBuilder("kill", "-" + name, Long.toString(pid()))
                        .redirectErrorStream(true)
                        .start();
        String said =
                new String(sent.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (sent.waitFor() != 0) {
            throw new IOException("kill -" + name + ": " + said);
        }
    }

    private synchronized void destroy() {
        closed = true;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    /** Ends it for good: asks first, and does not wait for long. */
    @Override
    public void close() {
        Process last;
        synchronized (this) {
            closed = true;
            last = process;
        }
        if (last != null) {
            last.destroy();
            try {
                if (!last.waitFor(10, TimeUnit.SECONDS)) {
                    last.destroyForcibly();
                }
            } catch (InterruptedException e) {
                last.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            destroy();
        }
    }
}
