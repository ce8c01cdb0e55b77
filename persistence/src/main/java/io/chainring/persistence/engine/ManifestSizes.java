package io.chainring.persistence.engine;

import io.chainring.base.files.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Corrects the sizes of tables in a MANIFEST that the Java library wrote.
 *
 * <p>For the outputs of a compaction iq80 records four bytes more than the file has: it counts the length of an empty
 * block that is never written. It does not notice, because it takes a table's size from the file; the native library
 * looks for the footer at the end of the recorded size and refuses the table ("Invalid argument"). Where the recorded
 * size is exactly those four bytes too large it is corrected, in a copy that replaces the MANIFEST in one step. Any
 * other difference is left to be found as the damage that it is.
 *
 * <pre>
 *  a record of the MANIFEST is a sequence of fields, each a varint tag and its values (v = varint, b = v length + bytes):
 *  1 comparator b | 2 log v | 3 next file v | 4 last sequence v | 5 compact pointer v b | 6 deleted table v v
 *  7 new table: v level, v number, v size, b smallest key, b largest key | 9 previous log v
 * </pre>
 *
 * <p>Source: db/version_edit.cc and doc/log_format of LevelDB.
 */
final class ManifestSizes {
    private static final int BLOCK_BYTES = 32768;
    private static final int HEADER_BYTES = 7;
    private static final int EMPTY_BLOCK_BYTES = 4;
    private static final byte WHOLE = 1;
    private static final byte LAST = 4;

    private final Path directory;
    private final ByteBuffer bytes;

    /** Where in the file the bytes of the present record are. */
    private final List<Piece> pieces = new ArrayList<>();

    /** Headers whose checksum is out of date. */
    private final List<Piece> changed = new ArrayList<>();

    private int corrected;
    private long logNumber;
    private long lastSequence;
    private final Map<Long, Table> tables = new TreeMap<>();
    private boolean whole;

    private record Piece(int headerAt, int lengthBytes) {}

    private ManifestSizes(Path directory, byte[] bytes) {
        this.directory = directory;
        this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Corrects the MANIFEST of a directory that nobody has open.
     *
     * @param manifest the file that CURRENT names
     * @return how many sizes were corrected
     */
    static int correct(Path directory, Path manifest) throws IOException {
        ManifestSizes sizes = new ManifestSizes(directory, Files.readAllBytes(manifest));
        sizes.walk();
        if (sizes.corrected > 0) {
            sizes.replace(manifest);
        }
        return sizes.corrected;
    }

    /**
     * What a MANIFEST says of the logs, as of its last intact record.
     *
     * @param logNumber of the oldest log that still holds changes which are in no table; 0 if no record names a log: a new or
     *     a repaired directory
     * @param lastSequence number of the last change when it was written, at least that of all that is in tables
     */
    record Logs(long logNumber, long lastSequence) {}

    /**
     * A table that is in use.
     *
     * @param level 0 for the youngest, which may overlap each other
     * @param smallestKey its first key, without the eight bytes that libraries put behind it
     */
    record Table(int level, byte[] smallestKey) {}

    /**
     * The files that a database consists of.
     *
     * @param logNumber as in {@link Logs}
     * @param tables its tables, by number
     */
    record LiveFiles(long logNumber, Map<Long, Table> tables) {}

    /**
     * Reads it.
     *
     * @param manifest the file that CURRENT names
     */
    static Logs logs(Path directory, Path manifest) throws IOException {
        ManifestSizes sizes = new ManifestSizes(directory, Files.readAllBytes(manifest));
        sizes.walk();
        return new Logs(sizes.logNumber, sizes.lastSequence);
    }

    /** What belongs to the database, or null if the MANIFEST does not tell it to its end. */
    static @Nullable LiveFiles live(Path directory, Path manifest) throws IOException {
        ManifestSizes sizes = new ManifestSizes(directory, Files.readAllBytes(manifest));
        sizes.walk();
        return sizes.whole ? new LiveFiles(sizes.logNumber, sizes.tables) : null;
    }

    /** Ends at the first thing that is not a record: the library reports it if it is damage. */
    private void walk() throws IOException {
        for (int start = 0; start < bytes.capacity(); start += BLOCK_BYTES) {
            int end = Math.min(start + BLOCK_BYTES, bytes.capacity());
            int at = start;
            while (at + HEADER_BYTES <= end) {
                int length = bytes.getShort(at + 4) & 0xFFFF;
                byte type = bytes.get(at + 6);
                Piece piece = new Piece(at, length);
                if (type == 0 && length == 0) {
                    break;
                }
                if (type < WHOLE
                        || type > LAST
                        || at + HEADER_BYTES + length > end
                        || checksum(piece) != bytes.getInt(at)) {
                    return;
                }
                pieces.add(piece);
                if (type == WHOLE || type == LAST) {
                    if (!new Fields().correct()) {
                        return;
                    }
                    pieces.clear();
                }
                at += HEADER_BYTES + length;
            }
        }
        whole = pieces.isEmpty();
    }

    private int checksum(Piece piece) {
        return MaskedChecksum.of(bytes.array(), piece.headerAt + 6, 1 + piece.lengthBytes);
    }

    private void replace(Path manifest) throws IOException {
        for (Piece piece : changed) {
            bytes.putInt(piece.headerAt, checksum(piece));
        }
        // A name that both libraries take for a left-over and remove.
        String number = manifest.getFileName().toString().replaceAll("[^0-9]", "");
        Path copy = directory.resolve(number + ".dbtmp");
        Files.deleteIfExists(copy);
        try (FileChannel out = PrivateFiles.createNew(copy)) {
            ByteBuffer rest = bytes.duplicate().rewind();
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
        Files.move(copy, manifest, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(directory, StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    /** The fields of one record, over the pieces that it is made of. */
    private final class Fields {
        private static final int COMPARATOR = 1;
        private static final int LOG = 2;
        private static final int NEXT_FILE = 3;
        private static final int LAST_SEQUENCE = 4;
        private static final int COMPACT_POINTER = 5;
        private static final int DELETED_TABLE = 6;
        private static final int NEW_TABLE = 7;
        private static final int PREVIOUS_LOG = 9;

        private final int lengthBytes = pieces.stream().mapToInt(Piece::lengthBytes).sum();
        private int next;

        /** False if this is no record that a MANIFEST may have. */
        boolean correct() throws IOException {
            while (next < lengthBytes) {
                switch ((int) varint()) {
                    case COMPARATOR -> skipBytes();
                    case LOG -> logNumber = varint();
                    case LAST_SEQUENCE -> lastSequence = varint();
                    case NEXT_FILE, PREVIOUS_LOG -> varint();
                    case COMPACT_POINTER -> {
                        varint();
                        skipBytes();
                    }
                    case DELETED_TABLE -> {
                        varint();
                        tables.remove(varint());
                    }
                    case NEW_TABLE -> newTable();
                    default -> {
                        return false;
                    }
                }
            }
            return next == lengthBytes;
        }

        private void newTable() throws IOException {
            int level = (int) varint();
            long number = varint();
            int sizeAt = next;
            long sizeBytes = varint();
            int sizeEnd = next;
            byte[] smallest = takeBytes();
            skipBytes();
            int userBytes = Math.max(0, smallest.length - EntryVersion.TRAILER_BYTES);
            tables.put(number, new Table(level, Arrays.copyOf(smallest, userBytes)));
            Path table = directory.resolve(String.format(Locale.ROOT, "%06d.sst", number));
            if (Files.exists(table) && Files.size(table) == sizeBytes - EMPTY_BLOCK_BYTES) {
                overwrite(sizeAt, sizeEnd, sizeBytes - EMPTY_BLOCK_BYTES);
                corrected++;
            }
        }

        /** In as many bytes as before; a varint may be longer than it needs. */
        private void overwrite(int from, int to, long value) {
            long rest = value;
            for (int at = from; at < to; at++) {
                boolean more = at + 1 < to;
                bytes.put(fileOffset(at), (byte) ((rest & 0x7F) | (more ? 0x80 : 0)));
                rest >>>= 7;
            }
        }

        private int fileOffset(int at) {
            int before = 0;
            for (Piece piece : pieces) {
                if (at < before + piece.lengthBytes) {
                    changed.add(piece);
                    return piece.headerAt + HEADER_BYTES + at - before;
                }
                before += piece.lengthBytes;
            }
            throw new IllegalStateException("byte " + at + " of a record of " + lengthBytes);
        }

        private void skipBytes() {
            takeBytes();
        }

        private byte[] takeBytes() {
            long length = varint();
            boolean fits = length >= 0 && length <= lengthBytes - next;
            byte[] taken = new byte[fits ? (int) length : 0];
            for (int i = 0; i < taken.length; i++) {
                taken[i] = byteAt(next + i);
            }
            next = fits ? next + taken.length : lengthBytes + 1;
            return taken;
        }

        private long varint() {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE && next < lengthBytes; shift += 7) {
                byte b = byteAt(next++);
                value |= (long) (b & 0x7F) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            // Not a varint: the record ends here, as one that it may not have.
            next = lengthBytes + 1;
            return 0;
        }

        private byte byteAt(int at) {
            int before = 0;
            for (Piece piece : pieces) {
                if (at < before + piece.lengthBytes) {
                    return bytes.get(piece.headerAt + HEADER_BYTES + at - before);
                }
                before += piece.lengthBytes;
            }
            throw new IllegalStateException("byte " + at + " of a record of " + lengthBytes);
        }
    }
}
