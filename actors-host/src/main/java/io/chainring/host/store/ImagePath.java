package io.chainring.host.store;

import io.chainring.base.files.FileAccess;
import io.chainring.base.files.FileIdentity;
import io.chainring.base.files.PrivateFiles;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What can be told of an image without opening it. Opening is not harmless: a pipe blocks, a device acts, and closing a file
 * of which this process holds another descriptor drops its locks.
 *
 * @param identity of the file; the one that is opened must be it
 * @param isNew true when it was made just now, empty
 */
record ImagePath(FileIdentity identity, boolean isNew) {
    private static final Logger LOG = LoggerFactory.getLogger(ImagePath.class);

    /** Most folders that are warned about in the life of a process. */
    private static final int WARNINGS = 64;

    private static final Set<Path> WARNED = ConcurrentHashMap.newKeySet();

    /** Checks a path, and makes a missing file, for its owner alone, when the options carry a size. */
    static ImagePath check(Path path, FileStoreOptions options) throws IOException {
        checkCreateSize(path, options);
        checkFolder(path);
        boolean made = false;
        BasicFileAttributes attributes;
        try {
            attributes = attributes(path);
        } catch (NoSuchFileException e) {
            if (options.createSizeBytes() == 0 || options.readOnly()) {
                throw new StoreOpenException(
                        "disk image " + path + " does not exist: give a size to create it", e);
            }
            made = make(path);
            attributes = attributes(path);
        }
        mustBePlain(path, attributes);
        if (!options.readOnly() && !writable(path)) {
            throw new StoreOpenException(
                    "disk image "
                            + path
                            + " is write-protected: allow writing to it or open it read-only");
        }
        return new ImagePath(FileIdentity.of(path, attributes), made);
    }

    private static void checkCreateSize(Path path, FileStoreOptions options)
            throws StoreOpenException {
        long size = options.createSizeBytes();
        if (size < 0) {
            throw new StoreOpenException("disk image %s: a size of %s bytes".formatted(path, size));
        }
    }

    private static void checkFolder(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        if (!Files.isDirectory(folder)) {
            throw new StoreOpenException(
                    "disk image "
                            + path
                            + ": "
                            + folder
                            + (Files.exists(folder) ? " is not a folder" : " does not exist"));
        }
        Path open = FileAccess.openToOthersFrom(folder);
        if (open != null && WARNED.size() < WARNINGS && WARNED.add(open)) {
            LOG.warn(
                    "Others than its owner and root may put another file in the place of disk image {}: they may write to"
                            + " {}; chmod go-w mends that",
                    path,
                    open);
        }
    }

    private static BasicFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static boolean make(Path path) throws IOException {
        try {
            PrivateFiles.createNew(path).close();
            return true;
        } catch (FileAlreadyExistsException e) {
            LOG.debug("{} was created by somebody else meanwhile", path);
            return false;
        }
    }

    private static void mustBePlain(Path path, BasicFileAttributes attributes)
            throws StoreOpenException {
        if (attributes.isSymbolicLink()) {
            throw new StoreOpenException(
                    "disk image " + path + " is a symbolic link: name the file that it leads to");
        }
        if (attributes.isDirectory()) {
            throw new StoreOpenException(
                    "disk image " + path + " is a directory: name a file in it");
        }
        if (!attributes.isRegularFile()) {
            throw new StoreOpenException("disk image " + path + " is not a regular file");
        }
    }

    /** A file that nobody may write is protected from root as well, whom the system would let through. */
    private static boolean writable(Path path) throws IOException {
        PosixFileAttributeView posix =
                Files.getFileAttributeView(
                        path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (posix != null) {
            Set<PosixFilePermission> write =
                    EnumSet.of(
                            PosixFilePermission.OWNER_WRITE,
                            PosixFilePermission.GROUP_WRITE,
                            PosixFilePermission.OTHERS_WRITE);
            write.retainAll(posix.readAttributes().permissions());
            if (write.isEmpty()) {
                return false;
            }
        }
        return Files.isWritable(path);
    }
}
