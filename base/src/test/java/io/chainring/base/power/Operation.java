package io.chainring.base.power;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One thing that a recorded process did.
 *
 * @param kind what
 * @param inode the file it was done to; 0 where a name says it
 * @param offsetBytes where in the file; the new length for {@code LENGTH}
 * @param lengthBytes of a range; 0 where the data say it
 * @param name path of a file or folder, or empty
 * @param data what was written, the second name of a rename or link, or the text of a note
 */
public record Operation(
        Kind kind, long inode, long offsetBytes, long lengthBytes, String name, byte[] data) {
    private static final int HEADER_BYTES = 40;

    /** In the order of {@code record.c}. */
    public enum Kind {
        /** Of the record only. */
        NONE,
        /** A file is made. */
        CREATE,
        /** Bytes are written, by a call or through a mapping. */
        WRITE,
        /** A file gets a length. */
        LENGTH,
        /** fsync or fdatasync of a file. */
        SYNC,
        /** msync of a part of a file. */
        SYNC_RANGE,
        /** fsync of a folder. */
        SYNC_FOLDER,
        /** A name changes. */
        RENAME,
        /** A name goes. */
        UNLINK,
        /** A folder is made. */
        MKDIR,
        /** A folder goes. */
        RMDIR,
        /** A second name. */
        LINK,
        /** A range becomes zeros. */
        ZERO,
        /** What the process said about itself at this place. */
        NOTE
    }

    /** The data as text. */
    public String text() {
        return new String(data, StandardCharsets.UTF_8);
    }

    /** Reads a record; what a kill left half at its end is left out. */
    public static List<Operation> readAll(Path record) throws IOException {
        List<Operation> all = new ArrayList<>();
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(record)))) {
            byte[] head = new byte[HEADER_BYTES];
            while (true) {
                in.readFully(head);
                ByteBuffer fields = ByteBuffer.wrap(head).order(ByteOrder.nativeOrder());
                Kind kind = Kind.values()[fields.getInt(0)];
                byte[] name = new byte[fields.getInt(4)];
                byte[] data = new byte[Math.toIntExact(fields.getLong(32))];
                in.readFully(name);
                in.readFully(data);
                all.add(
                        new Operation(
                                kind,
                                fields.getLong(8),
                                fields.getLong(16),
                                fields.getLong(24),
                                new String(name, StandardCharsets.UTF_8),
                                data));
            }
        } catch (EOFException e) {
            return all;
        }
    }
}
