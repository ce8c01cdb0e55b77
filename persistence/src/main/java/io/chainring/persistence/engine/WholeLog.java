package io.chainring.persistence.engine;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sees whether a log got the whole of each batch. iq80 does not look how much the system took of what it writes: where a file
 * system has no page more, it takes a part, and the batch would count as written. How records are put into blocks is drawn in
 * {@link LogCheck}; so the length of the log after a batch is known before.
 */
final class WholeLog {
    private static final String SUFFIX = ".log";

    /** Of a batch, before its changes: a number and their count. */
    private static final int BATCH_BYTES = 12;

    private final Path directory;
    private @Nullable Path log;
    private long lengthBytes;

    WholeLog(Path directory) {
        this.directory = directory;
    }

    /**
     * Called after each batch, by one thread at a time.
     *
     * @throws IOException if the log has not all of it
     */
    void mustHave(List<Engine.Change> changes) throws IOException {
        long batchBytes = BATCH_BYTES;
        for (Engine.Change change : changes) {
            byte[] value = change.value();
            batchBytes += 1 + sized(change.key()) + (value == null ? 0 : sized(value));
        }
        Path current = log;
        long expected = end(lengthBytes, batchBytes);
        if (current == null || size(current) != expected) {
            Path newest = newest();
            expected = newest.equals(current) ? expected : end(0, batchBytes);
            long found = Files.size(newest);
            if (found != expected) {
                throw new IOException(
                        "%s has %s bytes instead of %s: the system took a part of the record (is there space left on the device?)"
                                .formatted(newest.getFileName(), found, expected));
            }
            log = newest;
        }
        lengthBytes = expected;
    }

    private static long sized(byte[] bytes) {
        int varint = 1;
        for (int left = bytes.length >>> 7; left != 0; left >>>= 7) {
            varint++;
        }
        return varint + (long) bytes.length;
    }

    /** Where a record ends that begins at a length of the log. */
    static long end(long lengthBytes, long recordBytes) {
        long at = lengthBytes;
        long left = recordBytes;
        do {
            long room = LogCheck.BLOCK_BYTES - at % LogCheck.BLOCK_BYTES;
            if (room < LogCheck.HEADER_BYTES) {
                at += room;
                room = LogCheck.BLOCK_BYTES;
            }
            long piece = Math.min(left, room - LogCheck.HEADER_BYTES);
            at += LogCheck.HEADER_BYTES + piece;
            left -= piece;
        } while (left > 0);
        return at;
    }

    private static long size(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            // A table was made of it, and it was removed.
            return -1;
        }
    }

    private Path newest() throws IOException {
        Path newest = null;
        long highest = -1;
        try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path each : logs) {
                String name = each.getFileName().toString();
                String number = name.substring(0, name.length() - SUFFIX.length());
                if (number.matches("[0-9]{1,18}") && Long.parseLong(number) > highest) {
                    highest = Long.parseLong(number);
                    newest = each;
                }
            }
        }
        if (newest == null) {
            throw new IOException("it has no log");
        }
        return newest;
    }
}
