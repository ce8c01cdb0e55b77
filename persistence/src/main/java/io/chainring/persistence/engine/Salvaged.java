package io.chainring.persistence.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is left of a damaged database from its files, without a library: each intact block of each table and each intact
 * record of each log, and of each key the youngest version. Where the MANIFEST tells which files belong to the database,
 * these are read; where it doesn't, all are.
 */
public final class Salvaged {
    private Salvaged() {}

    /**
     * A place that can't be read.
     *
     * @param file where
     * @param offsetBytes at which byte
     * @param fromKey what is lost has no lower key; null if its keys are not known (in a log)
     * @param toKey nor a higher one; null if that isn't known
     */
    public record Lost(
            Path file, long offsetBytes, byte @Nullable [] fromKey, byte @Nullable [] toKey) {
        /** Whether keys of {@code [from, to)} may be among what is lost. */
        public boolean mayHold(byte[] from, byte[] to) {
            byte[] low = fromKey;
            byte[] high = toKey;
            return low != null
                    && Arrays.compareUnsigned(low, to) < 0
                    && (high == null || Arrays.compareUnsigned(high, from) >= 0);
        }

        @Override
        public String toString() {
            return file + ": damaged at byte " + offsetBytes;
        }
    }

    /**
     * Visits all entries in order of their keys.
     *
     * @param visitor gets key and value
     * @param lost hears of each place that can't be read
     */
    public static void read(Path directory, BiConsumer<byte[], byte[]> visitor, Consumer<Lost> lost)
            throws IOException {
        PriorityQueue<Source> sources = new PriorityQueue<>();
        List<EntryVersion> logged = new ArrayList<>();
        for (Path file : files(directory)) {
            if (isLog(file)) {
                LogEntries.read(
                        file, logged::add, at -> lost.accept(new Lost(file, at, null, null)));
            } else {
                add(sources, new TableEntries(file, lost));
            }
        }
        logged.sort(null);
        add(sources, logged.iterator());
        byte[] last = null;
        while (!sources.isEmpty()) {
            Source source = sources.remove();
            EntryVersion version = source.next;
            add(sources, source.rest);
            if (!Arrays.equals(last, version.key())) {
                last = version.key();
                byte[] value = version.value();
                if (value != null && !Fences.is(last)) {
                    visitor.accept(last, value);
                }
            }
        }
    }

    /** What is still to come of one table, or of all logs. */
    private record Source(EntryVersion next, Iterator<EntryVersion> rest)
            implements Comparable<Source> {
        @Override
        public int compareTo(Source other) {
            return next.compareTo(other.next);
        }
    }

    private static void add(PriorityQueue<Source> sources, Iterator<EntryVersion> entries) {
        if (entries.hasNext()) {
            sources.add(new Source(entries.next(), entries));
        }
    }

    private static List<Path> files(Path directory) throws IOException {
        List<Path> all;
        try (Stream<Path> files = Files.list(directory)) {
            all = files.filter(file -> isLog(file) || isTable(file)).sorted().toList();
        }
        ManifestSizes.LiveFiles live = live(directory);
        if (live == null) {
            return all;
        }
        List<Path> those =
                all.stream()
                        .filter(
                                file ->
                                        isLog(file)
                                                ? number(file) >= live.logNumber()
                                                : live.tables().containsKey(number(file)))
                        .toList();
        long tables = those.stream().filter(Salvaged::isTable).count();
        boolean logThere = those.stream().anyMatch(Salvaged::isLog);
        return tables == live.tables().size() && logThere ? those : all;
    }

    private static ManifestSizes.@Nullable LiveFiles live(Path directory) {
        try {
            Path manifest =
                    directory.resolve(Files.readString(directory.resolve("CURRENT")).strip());
            return LogCheck.missingLog(directory, manifest) == null
                    ? ManifestSizes.live(directory, manifest)
                    : null;
        } catch (IOException | RuntimeException e) {
            // Whatever is wrong with them, they don't tell.
            return null;
        }
    }

    private static boolean isLog(Path file) {
        return file.getFileName().toString().matches("[0-9]{1,18}\\.log");
    }

    private static boolean isTable(Path file) {
        return file.getFileName().toString().matches("[0-9]{1,18}\\.(ldb|sst)");
    }

    private static long number(Path file) {
        return Long.parseLong(file.getFileName().toString().replaceAll("\\..*", ""));
    }

    static UncheckedIOException unreadable(Path file, IOException e) {
        return new UncheckedIOException(file + ": cannot be read", e);
    }
}
