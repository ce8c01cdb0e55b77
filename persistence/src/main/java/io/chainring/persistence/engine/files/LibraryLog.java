package io.chainring.persistence.engine.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file {@code LOG} in a directory: what the library tells people, a line for each table and compaction, for as long as
 * the directory is open. Nobody reads it back; {@code iq80} writes none. Emptied when it has grown by a limit. A library that
 * does not append ({@code leveldbjni}) leaves a hole where the text was: the file looks longer, and takes no more space.
 */
public final class LibraryLog {
    /** What it may grow by, in bytes. */
    public static final long LIMIT_BYTES = 1 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(LibraryLog.class);

    private final Path file;
    private final long limitBytes;
    private long cutAtBytes;

    /** Of a directory that is open. */
    public LibraryLog(Path directory, long limitBytes) {
        this.file = directory.resolve("LOG");
        this.limitBytes = limitBytes;
    }

    /** Empties it when it is too long; what fails here costs space and nothing else. */
    public void bound() {
        try {
            long size = Files.size(file);
            // It begins anew with each opening.
            cutAtBytes = size < cutAtBytes ? 0 : cutAtBytes;
            if (size - cutAtBytes < limitBytes) {
                return;
            }
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                channel.truncate(0);
            }
            cutAtBytes = size;
        } catch (NoSuchFileException e) {
            LOG.trace("{} is not written", file, e);
        } catch (IOException e) {
            LOG.debug("{} is not shortened: {}", file, e.toString());
        }
    }
}
