package io.chainring.chaos.work;

import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import io.chainring.chaos.history.HistoryFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Notes events as they happen, those of all clients in one order: a call before it is sent, an answer after it came. Thread-safe.
 */
public final class Recorder implements AutoCloseable {
    private final HistoryFile.Output out;
    private final AtomicLong values = new AtomicLong();
    private long operations;

    /** Begins a history in a file. */
    public Recorder(Path file, int cellBytes) throws IOException {
        out = HistoryFile.create(file, cellBytes);
    }

    /** A value that no other write has. */
    long nextValue() {
        return values.incrementAndGet();
    }

    /** Notes a call and gives it its number. */
    synchronized long call(
            int client, int disk, Action action, long firstCell, int cells, long value) {
        long operation = ++operations;
        write(
                new HistoryEvent.Call(
                        System.nanoTime(),
                        client,
                        operation,
                        disk,
                        action,
                        firstCell,
                        cells,
                        value));
        return operation;
    }

    /** Notes an answer. @param found what a read found, otherwise null */
    synchronized void done(long operation, long @Nullable [] found) {
        write(new HistoryEvent.Done(System.nanoTime(), operation, found));
    }

    /** Notes that nobody will ever know. */
    synchronized void unknown(long operation) {
        write(new HistoryEvent.Unknown(System.nanoTime(), operation));
    }

    private void write(HistoryEvent event) {
        try {
            out.write(event);
        } catch (IOException e) {
            throw new UncheckedIOException("the history cannot be written", e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        out.close();
    }
}
