package io.chainring.base.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A small file that is replaced as a whole, and only when it would change. What is in it is known from a write that
 * succeeded and from nothing else: one that failed may have replaced it or not, so that the next one is made whatever
 * its content.
 *
 * <pre>
 *            write succeeded: known is what it wrote
 *   UNKNOWN --------------------------------------> KNOWN --- write of the same: nothing to do
 *      ^                                              |
 *      +--------------- write failed -----------------+
 * </pre>
 *
 * For one thread at a time.
 */
public final class ReplacedFile {
    private final Path file;
    private final PrivateFiles.FolderSync folderSync;
    private byte @Nullable [] known;

    /** @param file which need not be there */
    public ReplacedFile(Path file) {
        this(file, PrivateFiles::syncFolder);
    }

    ReplacedFile(Path file, PrivateFiles.FolderSync folderSync) {
        this.file = file;
        this.folderSync = folderSync;
    }

    /** The file. */
    public Path path() {
        return file;
    }

    /**
     * Makes this the content, as {@link PrivateFiles#replace}; does nothing when it is known to be.
     *
     * @throws IOException when it is not known to be there to stay; the next write tries again
     */
    public void write(byte[] content) throws IOException {
        if (known != null && Arrays.equals(known, content)) {
            return;
        }
        known = null;
        PrivateFiles.replace(file, content, folderSync);
        known = content.clone();
    }
}
