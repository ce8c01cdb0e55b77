package io.chainring.host.fault;

import io.chainring.chaos.check.Checker;
import io.chainring.chaos.check.Verdict;
import io.chainring.chaos.history.Action;
import io.chainring.chaos.history.HistoryEvent;
import io.chainring.host.embed.EmbeddedDisk;
import io.chainring.ring.client.BlockIoException;
import io.chainring.ring.client.BlockingClient;
import io.chainring.ring.request.ChainStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that come, work and go on one disk, and note what they asked and heard. What a client asked and has no good answer
 * to may have happened or not.
 */
final class Load implements AutoCloseable {
    static final int CELL_BYTES = 512;
    static final int CELLS = 512;
    private static final int CELLS_MOST = 5;
    private static final int OPERATIONS_A_CLIENT = 30;

    private final EmbeddedDisk disk;
    private final List<HistoryEvent> history = new ArrayList<>();
    private final Map<String, Integer> errors = new TreeMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong done = new AtomicLong();
    private volatile boolean ending;

    Load(EmbeddedDisk disk, long seed, int clients) {
        this.disk = disk;
        for (int i = 0; i < clients; i++) {
            int client = i;
            Thread thread = new Thread(() -> run(client, new SplittableRandom(seed + client)));
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    /** Operations that had a good answer. */
    long done() {
        return done.get();
    }

    /** What clients were told beside good answers, and how often. */
    Map<String, Integer> errors() {
        synchronized (history) {
            return new TreeMap<>(errors);
        }
    }

    /** Ends the clients, which have their answers then. */
    void end() throws InterruptedException {
        ending = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Override
    public void close() {
        ending = true;
    }

    /** After {@link #end}: reads the whole disk, and says whether the history is one that a disk may have. */
    Verdict verdict() throws IOException {
        try (BlockingClient client = disk.openBlocking()) {
            for (int cell = 0; cell < CELLS; cell += 64) {
                operate(client, threads.size(), Action.READ, cell, 64);
            }
        }
        return Checker.check(history);
    }

    private void run(int client, SplittableRandom random) {
        while (!ending) {
            try (BlockingClient open = disk.openBlocking()) {
                for (int i = 0; i < OPERATIONS_A_CLIENT && !ending; i++) {
                    Action action = draw(random);
                    int cells = action == Action.FLUSH ? 0 : 1 + random.nextInt(CELLS_MOST);
                    int first = action == Action.FLUSH ? 0 : random.nextInt(CELLS - cells);
                    operate(open, client, action, first, cells);
                }
            } catch (IOException | IllegalStateException lost) {
                note(lost);
                // As clients do before they come back.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    private static Action draw(SplittableRandom random) {
        int drawn = random.nextInt(20);
        return drawn < 8
                ? Action.WRITE
                : drawn < 15
                        ? Action.READ
                        : drawn < 17
                                ? Action.WRITE_THROUGH
                                : drawn < 18 ? Action.ZERO : Action.FLUSH;
    }

    private void note(Exception lost) {
        String what =
                lost instanceof BlockIoException told
                        ? told.status() == ChainStatus.NOSPC
                                ? "NOSPC"
                                : told.status() == ChainStatus.IOERR ? "IOERR" : "" + told.status()
                        : "refused";
        synchronized (history) {
            errors.merge(what, 1, Integer::sum);
        }
    }

    private void operate(BlockingClient client, int number, Action action, int first, int cells)
            throws IOException {
        long operation;
        boolean writes = action == Action.WRITE || action == Action.WRITE_THROUGH;
        synchronized (history) {
            operation = numbers.incrementAndGet();
            history.add(
                    new HistoryEvent.Call(
                            System.nanoTime(),
                            number,
                            operation,
                            0,
                            action,
                            first,
                            cells,
                            writes ? operation : HistoryEvent.ZEROES));
        }
        boolean answered = false;
        try {
            long offset = (long) first * CELL_BYTES;
            int length = cells * CELL_BYTES;
            long[] found = null;
            switch (action) {
                case READ -> {
                    ByteBuffer into = ByteBuffer.allocate(length);
                    client.read(offset, into);
                    found = values(into, cells);
                }
                case WRITE -> client.write(offset, filled(operation, length));
                case WRITE_THROUGH -> client.writeThrough(offset, filled(operation, length));
                case ZERO -> client.writeZeroes(offset, length);
                case TRIM -> client.discard(offset, length);
                case FLUSH -> client.flush();
            }
            synchronized (history) {
                history.add(new HistoryEvent.Done(System.nanoTime(), operation, found));
            }
            done.incrementAndGet();
            answered = true;
        } finally {
            if (!answered) {
                synchronized (history) {
                    history.add(new HistoryEvent.Unknown(System.nanoTime(), operation));
                }
            }
        }
    }

    private static ByteBuffer filled(long value, int length) {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            bytes.putLong(value);
        }
        return bytes.flip();
    }

    private static long[] values(ByteBuffer read, int cells) {
        long[] values = new long[cells];
        for (int cell = 0; cell < cells; cell++) {
            values[cell] = read.getLong(cell * CELL_BYTES);
            for (int at = Long.BYTES; at < CELL_BYTES; at += Long.BYTES) {
                if (read.getLong(cell * CELL_BYTES + at) != values[cell]) {
                    values[cell] = HistoryEvent.GARBAGE;
                }
            }
        }
        return values;
    }
}
