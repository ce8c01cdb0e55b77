package io.chainring.persistence.crash;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A child process writes from sixteen actors and is killed with SIGKILL at a random moment, again and again on the same
 * directory. After each kill: everything acknowledged is there, in order, nothing twice, and no group of events half.
 *
 * <p>{@code -Dchainring.crash.kills} sets how often (100), {@code -Dchainring.seed} repeats the moments.
 */
@Tag("slow")
final class CrashTest {
    /** By turns: each goes on where another was killed. */
    private static final String[] ENGINES = {"leveldbjni", "auto", "leveldbjni", "auto", "iq80"};

    private static final int KILLS = Integer.getInteger("chainring.crash.kills", 100);

    /** Directories that are written and killed side by side: most of the time is the start of a JVM. */
    private static final int LANES = 2;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path root;

    private record Result(int kills, long events) {}

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void everythingAcknowledgedIsThere() throws Exception {
        long seed = Long.getLong("chainring.seed", System.nanoTime());
        System.out.println("chainring.seed=" + seed);
        ChildCommand command = ChildCommand.prepare(root);
        ExecutorService threads = Executors.newFixedThreadPool(LANES);
        try {
            List<Future<Result>> lanes = new ArrayList<>();
            for (int i = 0; i < LANES; i++) {
                Lane lane = new Lane(command, root.resolve("lane-" + i), new Random(seed + i));
                lanes.add(threads.submit(lane::run));
            }
            int kills = 0;
            long events = 0;
            for (Future<Result> lane : lanes) {
                kills += lane.get().kills;
                events += lane.get().events;
            }
            System.out.println(kills + " kills, " + events + " events");
            assertTrue(events > kills, "only " + events + " events were written");
            assertEquals(KILLS / LANES * LANES, kills);
        } finally {
            threads.shutdownNow();
        }
    }

    /** One directory. */
    private static final class Lane {
        private final ChildCommand command;
        private final Path directory;
        private final Random random;
        private final Map<String, Long> acknowledged = new HashMap<>();

        Lane(ChildCommand command, Path directory, Random random) {
            this.command = command;
            this.directory = directory;
            this.random = random;
        }

        Result run() throws IOException, InterruptedException {
            int kills = 0;
            long events = 0;
            while (kills < KILLS / LANES) {
                boolean synced = kills % 4 == 3;
                runAndKill(ENGINES[kills % ENGINES.length], synced);
                kills++;
                events = check(kills);
            }
            return new Result(kills, events);
        }

        private void runAndKill(String engine, boolean synced)
                throws IOException, InterruptedException {
            Process child =
                    command.builder(directory, engine, synced)
                            .redirectError(errors().toFile())
                            .start();
            try (BufferedReader lines =
                            new BufferedReader(
                                    new InputStreamReader(
                                            child.getInputStream(), StandardCharsets.UTF_8));
                    Silence silence = new Silence(child)) {
                int before = 1 + random.nextInt(random.nextInt(10) == 0 ? 4000 : 400);
                int seen = 0;
                String line = lines.readLine();
                while (line != null) {
                    // A line that the kill cut off has no end, and is not counted as acknowledged.
                    silence.broken();
                    note(line);
                    if (++seen == before) {
                        // Not the Process's own method: that one closes the stream, which is to be
                        // read to its end.
                        child.toHandle().destroyForcibly();
                    }
                    line = lines.readLine();
                }
                if (seen < before) {
                    throw new AssertionError(
                            "the child ended by itself after "
                                    + seen
                                    + " lines with code "
                                    + child.waitFor()
                                    + ": "
                                    + Files.readString(errors()));
                }
            } finally {
                child.destroyForcibly().waitFor();
            }
        }

        /** Ends a child that says nothing more, after it has printed what its threads do. */
        private static final class Silence implements AutoCloseable {
            private static final long LIMIT_SECONDS = 120;

            private final Process child;
            private final CountDownLatch ended = new CountDownLatch(1);
            private volatile long lastLineNanos = System.nanoTime();

            Silence(Process child) {
                this.child = child;
                Thread watch = new Thread(this::watch, "silence");
                watch.setDaemon(true);
                watch.start();
            }

            void broken() {
                lastLineNanos = System.nanoTime();
            }

            private void watch() {
                try {
                    while (System.nanoTime() - lastLineNanos
                            < TimeUnit.SECONDS.toNanos(LIMIT_SECONDS)) {
                        if (ended.await(500, TimeUnit.MILLISECONDS)) {
                            return;
                        }
                    }
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "jstack")
                                            .toString(),
                                    String.valueOf(child.pid()))
                            .inheritIO()
                            .start()
                            .waitFor(120, TimeUnit.SECONDS);
                    child.toHandle().destroyForcibly();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            @Override
            public void close() {
                ended.countDown();
            }
        }

        private Path errors() {
            return directory.resolveSibling(directory.getFileName() + ".err");
        }

        private void note(String line) {
            String[] words = line.split(" ");
            if (words.length == 3 && words[0].equals("A")) {
                acknowledged.merge(words[1], parse(words[2]), Math::max);
            } else if (words.length == 3 && words[0].equals("R")) {
                assertTrue(
                        parse(words[2]) >= acknowledged.getOrDefault(words[1], 0L),
                        words[1] + " recovered only " + words[2]);
            }
        }

        private static long parse(String number) {
            return number.matches("[0-9]+") ? Long.parseLong(number) : 0;
        }

        private long check(int kill) {
            Store store = open(kill);
            long sum = 0;
            try {
                for (int i = 0; i < CrashChild.ACTORS; i++) {
                    String id = "w" + i;
                    List<String> events = Stores.read(store, id);
                    checkGroups(id, events);
                    assertTrue(
                            events.size() >= acknowledged.getOrDefault(id, 0L),
                            "kill "
                                    + kill
                                    + ": "
                                    + id
                                    + " has "
                                    + events.size()
                                    + " of "
                                    + acknowledged);
                    assertEquals(events.size(), store.highestSequenceNr(id));
                    sum += events.size();
                }
            } finally {
                store.close();
            }
            return sum;
        }

        private Store open(int kill) {
            String before = listing();
            try {
                return Store.open(Stores.settings(directory, "leveldbjni", false));
            } catch (StoreException e) {
                throw new AssertionError(
                        "cannot be opened after kill "
                                + kill
                                + "\nbefore opening:\n"
                                + before
                                + "\nnow:\n"
                                + listing(),
                        e);
            }
        }

        /** Names and sizes of the directory's files. */
        private String listing() {
            try (Stream<Path> files = Files.list(directory)) {
                return files.sorted()
                        .map(file -> file.getFileName() + " " + file.toFile().length())
                        .collect(Collectors.joining("\n"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void checkGroups(String id, List<String> events) {
            int at = 0;
            while (at < events.size()) {
                int size = Integer.parseInt(events.get(at).split("/")[2]);
                assertTrue(at + size <= events.size(), id + " has half a group at " + (at + 1));
                for (int i = 0; i < size; i++) {
                    assertEquals(CrashChild.text(id, at + 1, size), events.get(at + i));
                }
                at += size;
            }
        }
    }
}
