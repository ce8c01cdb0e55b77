package io.chainring.persistence.fault;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One opening of a journal whose writes go wrong when {@link JournalFaults} says so.
 *
 * <p>A torn write is stored whole and cut in the middle when the engine is closed, which the store does at once after a
 * write that failed: its record is the last one of the log, since no other write is let through any more.
 */
final class InjectedEngine extends PassingEngine {
    private final JournalFaults faults;
    private volatile long tornBytes;

    InjectedEngine(Engine engine, JournalFaults faults) {
        super(engine);
        this.faults = faults;
    }

    @Override
    public void write(List<Change> changes, boolean sync) {
        write(changes, () -> super.write(changes, sync));
    }

    @Override
    public void put(byte[] key, byte[] value, boolean sync) {
        write(List.of(Change.put(key, value)), () -> super.put(key, value, sync));
    }

    private void write(List<Change> changes, Runnable write) {
        faults.delay();
        if (faults.meets(JournalFault.FAIL)) {
            throw new EngineException("injected: nothing is written", null);
        }
        if (faults.meets(JournalFault.TORN)) {
            tear(changes, write);
        }
        if (tornBytes != 0) {
            throw new EngineException("injected: behind a torn write", null);
        }
        write.run();
    }

    private synchronized void tear(List<Change> changes, Runnable write) {
        if (tornBytes == 0) {
            write.run();
            tornBytes = Math.max(1, bytes(changes) / 2);
        }
        throw new EngineException("injected: the write is torn", null);
    }

    private static long bytes(List<Change> changes) {
        long sum = 0;
        for (Change change : changes) {
            byte[] value = change.value();
            sum += change.key().length + (value == null ? 0 : value.length);
        }
        return sum;
    }

    @Override
    public void close() {
        super.close();
        long cutBytes = tornBytes;
        if (cutBytes == 0) {
            return;
        }
        try (Stream<Path> files = Files.list(faults.directory())) {
            // Numbers of logs have six digits, and more when those are not enough.
            Path log =
                    files.filter(file -> file.toString().endsWith(".log"))
                            .max(
                                    Comparator.<Path>comparingInt(file -> file.toString().length())
                                            .thenComparing(Comparator.naturalOrder()))
                            .orElseThrow(() -> new IOException("there is no log"));
            try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
                channel.truncate(Math.max(0, channel.size() - cutBytes));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(faults.directory() + " cannot be torn", e);
        }
    }
}
