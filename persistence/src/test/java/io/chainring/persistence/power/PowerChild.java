package io.chainring.persistence.power;

import io.chainring.base.power.Recorder;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.GroupCommit;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The recorded process: actors' worth of events, tagged ones too, snapshots up to some hundred KiB, deletions, and actors
 * that come and go and are forgotten at the next opening, through three openings
 * of one directory. Arguments: directory, engine (or {@code mixed}), fsync, seed, steps of each writer and opening.
 *
 * <p>It notes what it begins and what was acknowledged, in lines: {@code begin}, {@code done}, then what, then the
 * persistence id and numbers ({@link Promises}). With fsync off there is one writer, so that the notes have the log's
 * order.
 */
public final class PowerChild {
    private static final int OPENINGS = 3;
    private static final int IDS_OF_A_WRITER = 3;

    private final OutputStream notes;
    private final boolean fsync;
    private final SnapshotArea snapshots;
    private final Store store;

    private PowerChild(Store store, OutputStream notes, boolean fsync) {
        this.store = store;
        this.notes = notes;
        this.fsync = fsync;
        this.snapshots = new SnapshotArea(store);
    }

    /** Payload of an event. */
    static String text(String id, long sequenceNr) {
        Random random = new Random(id.hashCode() * 31L + sequenceNr);
        int filler = random.nextInt(20) == 0 ? random.nextInt(9000) : random.nextInt(300);
        return id + "/" + sequenceNr + "/" + "p".repeat(filler);
    }

    /** Payload of a snapshot: a third of them are in parts. */
    static byte[] snapshot(String id, long sequenceNr) {
        Random random = new Random(id.hashCode() * 37L + sequenceNr);
        byte[] bytes = new byte[random.nextInt(3) == 0 ? random.nextInt(300_000) : 900];
        random.nextBytes(bytes);
        return bytes;
    }

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        boolean fsync = args[2].equals("on");
        Random random = new Random(Long.parseLong(args[3]));
        int steps = Integer.parseInt(args[4]);
        try (OutputStream notes = new FileOutputStream(System.getenv(Recorder.NOTES))) {
            for (int opening = 0; opening < OPENINGS; opening++) {
                Store store =
                        Store.open(
                                Stores.settings(
                                        directory,
                                        engine(args[1], opening),
                                        fsync,
                                        Duration.ofMillis(1),
                                        200,
                                        0));
                PowerChild child = new PowerChild(store, notes, fsync);
                List<CompletableFuture<Void>> writers = new ArrayList<>();
                for (int i = 0; i < (fsync ? 3 : 1); i++) {
                    String name = "w" + i;
                    String once = "once-" + opening + "-" + i + "-";
                    long seed = random.nextLong();
                    writers.add(
                            CompletableFuture.runAsync(
                                    () -> child.write(name, once, new Random(seed), steps)));
                }
                for (CompletableFuture<Void> each : writers) {
                    each.get(200, TimeUnit.SECONDS);
                }
                store.close();
            }
        }
    }

    /** The engine of one opening: {@code mixed} begins with the Java one, whose files the native one then takes over. */
    static String engine(String name, int opening) {
        return !name.equals("mixed") ? name : opening == 0 ? "iq80" : "leveldbjni";
    }

    private void write(String name, String once, Random random, int steps) {
        for (int step = 0; step < steps; step++) {
            String id = name + "-" + random.nextInt(IDS_OF_A_WRITER);
            append(id, 1 + random.nextInt(3), random.nextInt(4) == 0);
            switch (random.nextInt(30)) {
                case 0, 1 -> snapshotAndDelete(id, random.nextBoolean());
                case 2, 3, 4, 5 -> comesAndGoes(once + step, random.nextBoolean());
                default -> {
                    // Most of a journal's life is events.
                }
            }
        }
    }

    private void append(String id, int count, boolean tagged) {
        long first = store.highestSequenceNr(id) + 1;
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(text(id, first + i));
        }
        String[] tags = tagged ? new String[] {"tag"} : new String[0];
        AtomicAppend append = Stores.events(id, first, texts, tags);
        String line = " events " + id + " " + first + " " + (first + count - 1);
        note("begin" + line);
        if (fsync) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            if (!commit().submit(List.of(append), failure -> complete(done, failure), () -> {})) {
                throw new IllegalStateException("the queue is full");
            }
            done.join();
        } else {
            store.append(List.of(append), false);
        }
        note("done" + line);
    }

    private void snapshotAndDelete(String id, boolean twice) {
        long at = store.highestSequenceNr(id);
        saveSnapshot(id, at);
        if (twice) {
            append(id, 2, false);
            saveSnapshot(id, at + 2);
        }
        long keep = twice ? at + 2 : at;
        delete(id, keep);
        String line = " forget " + id + " " + (keep - 1);
        note("begin" + line);
        snapshots.delete(id, (sequenceNr, time) -> sequenceNr < keep);
        note("done" + line);
    }

    private void saveSnapshot(String id, long at) {
        String line = " snapshot " + id + " " + at;
        note("begin" + line);
        Serialized payload = new Serialized(7, "s", snapshot(id, at));
        snapshots.save(id, new SnapshotArea.Id(at, at), payload, null);
        note("done" + line);
    }

    /** An actor that leaves nothing behind; the next opening forgets its name. */
    private void comesAndGoes(String id, boolean tagged) {
        append(id, 3, tagged);
        delete(id, 3);
    }

    private void delete(String id, long to) {
        String line = " delete " + id + " " + to;
        note("begin" + line);
        if (fsync) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            commit().afterPending(
                            () -> store.deleteTo(id, to, true), failure -> complete(done, failure));
            done.join();
        } else {
            store.deleteTo(id, to, false);
        }
        note("done" + line);
    }

    private static void complete(CompletableFuture<Void> done, @Nullable RuntimeException failure) {
        if (failure == null) {
            done.complete(null);
        } else {
            done.completeExceptionally(failure);
        }
    }

    private GroupCommit commit() {
        return Objects.requireNonNull(store.groupCommit());
    }

    private void note(String line) {
        try {
            notes.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
