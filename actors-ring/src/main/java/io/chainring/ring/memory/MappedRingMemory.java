package io.chainring.ring.memory;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Ring memory in a mapped file, for rings whose two sides are processes of one machine: put the file
 * in a memory file system. Every process that opens the file sees the same bytes at the same
 * addresses, from {@link #baseAddress()} on.
 *
 * <p>A file longer than one mapping allows is mapped in pieces that touch each other: a single {@link
 * #slice} must lie in one piece, a descriptor's buffer may run over several. The mapping goes back
 * when nothing refers to it any more. Nobody may shorten the file while it is mapped.
 */
public final class MappedRingMemory extends RegionTable {
    /** Longest piece of one mapping; the JVM allows 2 GiB less one byte. */
    static final int PIECE_BYTES = 1 << 30;

    /** Longest file, in bytes. */
    static final long MAX_BYTES = 1L << 40;

    private static final int ZEROES_BYTES = 1 << 20;

    private final Path file;
    private final long sizeBytes;

    private MappedRingMemory(Path file, long sizeBytes, FileChannel channel, int pieceBytes)
            throws IOException {
        this.file = file;
        this.sizeBytes = sizeBytes;
        for (long at = 0; at < sizeBytes; at += pieceBytes) {
            long length = Math.min(pieceBytes, sizeBytes - at);
            MappedByteBuffer piece = channel.map(MapMode.READ_WRITE, at, length);
            addRegionAt(FIRST_ADDRESS + at, piece);
        }
    }

    /**
     * Creates the file, readable and writable by its owner only, with all its space allocated (a sparse
     * file in a full file system would kill the process at the first touch), and maps it.
     *
     * @param sizeBytes 1 byte to 1 TiB
     * @throws IOException when the file exists already or there is no space
     */
    public static MappedRingMemory create(Path file, long sizeBytes) throws IOException {
        return create(file, sizeBytes, PIECE_BYTES);
    }

    static MappedRingMemory create(Path file, long sizeBytes, int pieceBytes) throws IOException {
        checkSize(sizeBytes);
        Set<OpenOption> options =
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(file, options, ownerOnly())) {
            try {
                fillWithZeroes(channel, sizeBytes);
                return new MappedRingMemory(file, sizeBytes, channel, pieceBytes);
            } catch (IOException | RuntimeException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        }
    }

    /**
     * Maps a file that another process created.
     *
     * @throws IOException when the file is missing or its size differs from {@code sizeBytes}
     */
    public static MappedRingMemory open(Path file, long sizeBytes) throws IOException {
        return open(file, sizeBytes, PIECE_BYTES);
    }

    static MappedRingMemory open(Path file, long sizeBytes, int pieceBytes) throws IOException {
        checkSize(sizeBytes);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long actualBytes = channel.size();
            if (actualBytes != sizeBytes) {
                throw new IOException(
                        "ring memory file %s has %s bytes, not %s"
                                .formatted(file, actualBytes, sizeBytes));
            }
            return new MappedRingMemory(file, sizeBytes, channel, pieceBytes);
        }
    }

    /** Address of the file's first byte, the same in every process. */
    public long baseAddress() {
        return FIRST_ADDRESS;
    }

    /** Length of the file in bytes. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** The mapped file. */
    public Path file() {
        return file;
    }

    private static void checkSize(long sizeBytes) {
        if (sizeBytes <= 0 || sizeBytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "ring memory size out of range: " + sizeBytes + " bytes");
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        };
    }

    private static void fillWithZeroes(FileChannel channel, long sizeBytes) throws IOException {
        ByteBuffer zeroes = ByteBuffer.allocateDirect((int) Math.min(ZEROES_BYTES, sizeBytes));
        long at = 0;
        while (at < sizeBytes) {
            zeroes.clear().limit((int) Math.min(zeroes.capacity(), sizeBytes - at));
            at += channel.write(zeroes, at);
        }
    }
}
