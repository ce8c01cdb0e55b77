package io.chainring.node.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainring.base.files.FileIdentity;
import io.chainring.base.files.PrivateFiles;
import io.chainring.base.files.ReplacedFile;
import io.chainring.base.text.Printable;
import io.chainring.node.StartException;
import io.chainring.registry.rules.RegisteredDisk;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's data directory, locked by this process while it is open.
 *
 * <pre>
 * DIR/
 *   lock            held (fcntl) by the node that runs on DIR; its content means nothing
 *   node.json       which layout this is, and which directory, see DirectoryPlace; replaced as a whole (temporary file,
 *                   fsync, rename, fsync of DIR)
 *   disks.json      a view of the disks, see DiskList; replaced as a whole. In format 1 it was the list
 *   disks.lost.json  the view when it last named disks that the registry did not know, see MissingDisks
 *   journals/0/     LevelDB: journal and snapshots of the disks that have "journal": 0
 *   journals/1/     ...
 *   registry/       LevelDB: which disks there are, see DiskRegistry
 *   images/         images of disks that were made without a path
 *   control.sock    the node listens here while it runs
 * </pre>
 *
 * All that is read here is untrusted.
 */
public final class DataDirectory implements AutoCloseable {
    private static final int OLD_FORMAT = 1;
    private static final int FORMAT = 2;
    private static final long MAX_FILE_BYTES = 4 << 20;
    private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The lock files that this process holds. */
    private static final Map<FileChannel, FileIdentity> HELD = new HashMap<>();

    private final Path directory;
    private final FileChannel lockFile;
    private final StoredPaths paths;
    private @Nullable DirectoryPlace place;
    private boolean newCopy;
    private @Nullable List<ListedDisk> oldList;
    private final ReplacedFile shown;

    private DataDirectory(Path directory, FileChannel lockFile, StoredPaths paths) {
        this.directory = directory;
        this.lockFile = lockFile;
        this.paths = paths;
        this.shown = new ReplacedFile(directory.resolve("disks.json"));
    }

    /** Where the node that runs on a directory listens. */
    public static Path controlSocket(Path directory) {
        return directory.resolve("control.sock");
    }

    /**
     * Opens a directory and locks it; makes it when it does not exist.
     *
     * @param claim what is said of one that is not where it was; otherwise it means nothing
     * @throws StartException one line: in use, not a directory, no permission, damaged file, perhaps a copy
     */
    public static DataDirectory open(Path directory, DirectoryClaim claim) throws StartException {
        StoredPaths paths;
        try {
            PrivateFiles.createFolders(directory);
            paths = new StoredPaths(directory);
        } catch (IOException e) {
            throw new StartException(
                    "data directory " + directory + " cannot be made: " + reason(e), e);
        }
        DataDirectory data = new DataDirectory(directory, lock(directory), paths);
        try {
            data.readLayout(claim);
            return data;
        } catch (StartException e) {
            data.close();
            throw e;
        }
    }

    /**
     * Asked before the file is opened: the system's lock is the whole process's, and goes when any descriptor of the file is
     * closed.
     */
    private static FileChannel lock(Path directory) throws StartException {
        Path file = directory.resolve("lock");
        synchronized (HELD) {
            try {
                FileIdentity there = FileIdentity.ofExisting(file);
                if (there != null && HELD.containsValue(there)) {
                    throw inUse(directory);
                }
                FileChannel channel = PrivateFiles.openOrCreate(file);
                FileLock lock = tryLock(channel, directory);
                if (lock == null) {
                    closeQuietly(channel);
                    throw inUse(directory);
                }
                HELD.put(channel, FileIdentity.of(file));
                return channel;
            } catch (IOException e) {
                throw new StartException(
                        "data directory "
                                + directory
                                + " cannot be used: its lock file: "
                                + reason(e),
                        e);
            }
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel, Path directory)
            throws StartException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // Held by a copy of this class that another loader has; closing would drop its lock.
            throw inUse(directory);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new StartException(
                    "data directory " + directory + " cannot be locked: " + reason(e), e);
        }
    }

    private static StartException inUse(Path directory) {
        return new StartException(
                "data directory "
                        + directory
                        + " is in use by another running node; stop that one or choose another"
                        + " directory with --data");
    }

    private void readLayout(DirectoryClaim claim) throws StartException {
        Path file = layoutFile();
        String text = readIfThere(file);
        int format = FORMAT;
        DirectoryPlace then = null;
        if (text == null) {
            format = Files.exists(listFile()) ? OLD_FORMAT : FORMAT;
        } else {
            try {
                JsonNode root = JsonText.object(JSON, text);
                if (!root.path("format").isInt() || root.path("format").intValue() != OLD_FORMAT) {
                    JsonText.checkFormat(root, FORMAT);
                    then = DirectoryPlace.read(root);
                } else {
                    format = OLD_FORMAT;
                }
            } catch (IllegalArgumentException e) {
                throw damaged(file, e);
            }
        }
        place = placeNow(then, claim);
        if (format == OLD_FORMAT) {
            oldList = readOldList();
        } else if (!newCopy && !place.equals(then)) {
            writeLayout();
        }
    }

    private DirectoryPlace placeNow(@Nullable DirectoryPlace then, DirectoryClaim claim)
            throws StartException {
        DirectoryPlace now;
        try {
            now = DirectoryPlace.of(then == null ? UUID.randomUUID() : then.id(), directory);
        } catch (IOException e) {
            throw new StartException(
                    "data directory " + directory + " cannot be looked at: " + reason(e), e);
        }
        if (then == null || then.isTaken(now)) {
            if (then != null && !then.equals(now)) {
                boolean moved = !then.path().equals(now.path());
                LOG.info(
                        moved
                                ? "Data directory {} was {} when a node last ran on it"
                                : "Data directory {} is not the one on which a node last ran, but stands in its place (restored?)",
                        directory,
                        Printable.name(then.path()));
            }
            return now;
        }
        if (claim == DirectoryClaim.UNKNOWN) {
            throw new StartException(then.doubt(directory));
        }
        newCopy = claim == DirectoryClaim.COPY;
        return newCopy ? new DirectoryPlace(UUID.randomUUID(), now.path(), now.file()) : now;
    }

    private Path layoutFile() {
        return directory.resolve("node.json");
    }

    private Path listFile() {
        return shown.path();
    }

    private void writeLayout() throws StartException {
        replace(layoutFile(), Objects.requireNonNull(place).layout(FORMAT));
    }

    private List<ListedDisk> readOldList() throws StartException {
        String text = readIfThere(listFile());
        try {
            return text == null ? List.of() : List.copyOf(DiskList.read(text));
        } catch (StoredPaths.LocaleException e) {
            throw new StartException(listFile() + ": " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw damaged(listFile(), e);
        }
    }

    private static StartException damaged(Path file, IllegalArgumentException e) {
        return new StartException(
                file + " cannot be used: " + e.getMessage() + "; mend the file or restore a copy",
                e);
    }

    /** The directory. */
    public Path directory() {
        return directory;
    }

    /** How paths of images are kept. */
    public StoredPaths paths() {
        return paths;
    }

    /** Whether this is the first start of a copy: what it knows outside of the directory is the original's. */
    public boolean isNewCopy() {
        return newCopy;
    }

    /** The copy knows nothing of the original's any more, and is a data directory like any other from now on. */
    public void separated() throws StartException {
        writeLayout();
        newCopy = false;
    }

    /** Directory of a journal; it may not exist yet. */
    public Path journal(int number) {
        return directory.resolve("journals").resolve(Integer.toString(number));
    }

    /** Directory of the disk registry's journal; it may not exist yet. */
    public Path registry() {
        return directory.resolve("registry");
    }

    /** The one folder in it whose files may be disks; it may not exist yet. */
    public Path images() {
        return directory.resolve("images");
    }

    /** Where the image of a disk that was made without a path is. */
    public Path image(String diskName) {
        return images().resolve(diskName + ".img");
    }

    /** The list of disks of a directory of the format before; null when the registry is the list. */
    public @Nullable List<ListedDisk> oldList() {
        return oldList;
    }

    /**
     * The registry has what the old list had, and is the list from now on. The format comes first: a process that dies
     * before it is written finds the old list as it was, and one that dies behind it needs no list.
     *
     * @param disks all that it knows
     */
    public void converted(List<RegisteredDisk> disks) throws StartException {
        writeLayout();
        oldList = null;
        export(disks);
    }

    /** Shows the registry's disks to who looks into the directory; on a failure the view may be behind until the next call. */
    public void export(List<RegisteredDisk> disks) {
        try {
            shown.write(DiskList.write(disks, paths).getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("{} cannot be written: {}", listFile(), reason(e));
        }
    }

    /**
     * What {@link #export} showed last; empty when there is no view of the present format.
     *
     * @throws StartException one line: it is there and cannot be read
     */
    List<ListedDisk> view() throws StartException {
        String text = readIfThere(listFile());
        try {
            return text == null ? List.of() : DiskList.readView(text);
        } catch (IllegalArgumentException e) {
            throw new StartException(listFile() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Keeps the view as it is beside the one that replaces it.
     *
     * @return where
     */
    Path keepView() throws IOException {
        Path kept = directory.resolve("disks.lost.json");
        PrivateFiles.replace(kept, Files.readAllBytes(listFile()));
        return kept;
    }

    private static @Nullable String readIfThere(Path file) throws StartException {
        try {
            long sizeBytes = Files.size(file);
            if (sizeBytes > MAX_FILE_BYTES) {
                throw new StartException(
                        "%s has %s bytes, at most %s are possible; restore a copy"
                                .formatted(file, sizeBytes, MAX_FILE_BYTES));
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new StartException(file + " cannot be read: " + reason(e), e);
        }
    }

    private void replace(Path file, String text) throws StartException {
        try {
            PrivateFiles.replace(file, text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new StartException(file + " cannot be written: " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "no permission";
        }
        if (e instanceof java.nio.file.FileAlreadyExistsException) {
            return "there is a file of that name that is not a directory";
        }
        if (e instanceof java.nio.charset.CharacterCodingException) {
            return "it is not UTF-8 text";
        }
        String text = e instanceof FileSystemException named ? named.getReason() : e.getMessage();
        return text == null ? e.toString() : text;
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            // It was opened for its lock alone, which is gone with it either way.
            LOG.debug("lock file cannot be closed", e);
        }
    }

    /** Gives the lock back. */
    @Override
    public void close() {
        synchronized (HELD) {
            closeQuietly(lockFile);
            HELD.remove(lockFile);
        }
    }
}
