package io.chainring.node.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainring.node.StartException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A node's data directory, locked by this process while it is open.
 *
 * <pre>
 * DIR/
 *   lock            held (fcntl) by the node that runs on DIR; its content means nothing
 *   node.json       { "format": 1 }: which layout this is
 *   disks.json      the disks, see DiskList; replaced as a whole (temporary file, fsync, rename, fsync of DIR)
 *   journals/0/     LevelDB: journal and snapshots of the disks that have "journal": 0
 *   journals/1/     ...
 *   registry/       LevelDB: who holds which device name, see DiskRegistry
 *   images/         images of disks that were made without a path
 *   control.sock    the node listens here while it runs
 * </pre>
 *
 * All that is read here is untrusted.
 */
public final class DataDirectory implements AutoCloseable {
    private static final int FORMAT = 1;
    private static final long MAX_FILE_BYTES = 4 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final FileChannel lockFile;
    private volatile List<DiskRecord> disks = List.of();

    private DataDirectory(Path directory, FileChannel lockFile) {
        this.directory = directory;
        this.lockFile = lockFile;
    }

    /** Where the node that runs on a directory listens. */
    public static Path controlSocket(Path directory) {
        return directory.resolve("control.sock");
    }

    /**
     * Opens a directory and locks it; makes it when it does not exist.
     *
     * @throws StartException one line: in use, not a directory, no permission, damaged file
     */
    public static DataDirectory open(Path directory) throws StartException {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new StartException(
                    "data directory " + directory + " cannot be made: " + reason(e), e);
        }
        DataDirectory data = new DataDirectory(directory, lock(directory));
        try {
            data.checkLayout();
            data.disks = data.readDisks();
            data.writeWhatWasAdded();
            return data;
        } catch (StartException e) {
            data.close();
            throw e;
        }
    }

    private static FileChannel lock(Path directory) throws StartException {
        Path file = directory.resolve("lock");
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new StartException(
                    "data directory " + directory + " cannot be used: " + reason(e), e);
        }
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            closeQuietly(channel);
            throw inUse(directory);
        } catch (IOException e) {
            closeQuietly(channel);
            throw new StartException("lock file " + file + " cannot be locked: " + reason(e), e);
        }
        closeQuietly(channel);
        throw inUse(directory);
    }

    private static StartException inUse(Path directory) {
        return new StartException(
                "data directory "
                        + directory
                        + " is in use by another running node; stop that one or choose another"
                        + " directory with --data");
    }

    private void checkLayout() throws StartException {
        Path file = directory.resolve("node.json");
        String text = readIfThere(file);
        if (text == null) {
            replace(file, "{\n  \"format\" : " + FORMAT + "\n}\n");
            return;
        }
        try {
            JsonNode root = JsonText.object(JSON, text);
            JsonText.checkFormat(root, FORMAT);
        } catch (IllegalArgumentException e) {
            throw damaged(file, e);
        }
    }

    private List<DiskRecord> readDisks() throws StartException {
        Path file = directory.resolve("disks.json");
        String text = readIfThere(file);
        if (text == null) {
            return List.of();
        }
        try {
            return List.copyOf(DiskList.read(text));
        } catch (IllegalArgumentException e) {
            throw damaged(file, e);
        }
    }

    /** A disk that had no UUID keeps the one that it got. */
    private void writeWhatWasAdded() throws StartException {
        String text = readIfThere(directory.resolve("disks.json"));
        if (text == null) {
            return;
        }
        for (DiskRecord disk : disks) {
            if (!text.contains(disk.uuid().toString())) {
                replaceAll(disks);
                return;
            }
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

    /** Directory of a journal; it may not exist yet. */
    public Path journal(int number) {
        return directory.resolve("journals").resolve(Integer.toString(number));
    }

    /** Directory of the disk registry's journal; it may not exist yet. */
    public Path registry() {
        return directory.resolve("registry");
    }

    /** Where the image of a disk that was made without a path is. */
    public Path image(String diskName) {
        return directory.resolve("images").resolve(diskName + ".img");
    }

    /** The disks, in the order in which they were made. */
    public List<DiskRecord> disks() {
        return disks;
    }

    /** The disk of a name, or null. */
    public @Nullable DiskRecord disk(String name) {
        for (DiskRecord disk : disks) {
            if (disk.name().equals(name)) {
                return disk;
            }
        }
        return null;
    }

    /**
     * The journal with the fewest disks among the first ones, for a new disk.
     *
     * @param disks that there are; one may be there twice
     * @param journals how many there are to choose from, at least 1
     */
    public static int leastUsedJournal(List<DiskRecord> disks, int journals) {
        int[] users = new int[journals];
        for (DiskRecord disk : Set.copyOf(disks)) {
            if (disk.journal() < journals) {
                users[disk.journal()]++;
            }
        }
        int least = 0;
        for (int i = 1; i < journals; i++) {
            if (users[i] < users[least]) {
                least = i;
            }
        }
        return least;
    }

    /** The disk of a UUID, or null. */
    public @Nullable DiskRecord disk(UUID uuid) {
        for (DiskRecord disk : disks) {
            if (disk.uuid().equals(uuid)) {
                return disk;
            }
        }
        return null;
    }

    /** What the journal shall call a new disk: its name, unless a disk that was called so before has it. */
    public String freeJournalId(String name, UUID uuid) {
        boolean taken = disks.stream().anyMatch(disk -> disk.journalId().equals(name));
        return taken ? name + "-" + uuid : name;
    }

    /**
     * Adds a disk, or replaces the record of the same UUID; on stable storage when this returns.
     *
     * @throws StartException when it collides with another disk, or cannot be written
     */
    public void put(DiskRecord disk) throws StartException {
        putAll(List.of(disk));
    }

    /** As {@link #put} for several disks: all of them, or none. */
    public void putAll(List<DiskRecord> records) throws StartException {
        if (records.isEmpty()) {
            return;
        }
        List<DiskRecord> changed = new ArrayList<>(disks);
        for (DiskRecord disk : records) {
            put(disk, changed);
        }
        replaceAll(changed);
    }

    /** Forgets a disk; nothing changes when it is not known. */
    public void remove(UUID uuid) throws StartException {
        if (disk(uuid) != null) {
            replaceAll(disks.stream().filter(disk -> !disk.uuid().equals(uuid)).toList());
        }
    }

    /** Forgets all disks but these; on stable storage when this returns. */
    public void replaceAll(List<DiskRecord> records) throws StartException {
        replace(directory.resolve("disks.json"), DiskList.write(records));
        disks = List.copyOf(records);
    }

    private static void put(DiskRecord disk, List<DiskRecord> changed) throws StartException {
        int place = changed.size();
        for (int i = 0; i < changed.size(); i++) {
            place = changed.get(i).uuid().equals(disk.uuid()) ? i : place;
        }
        if (place < changed.size()) {
            changed.remove(place);
        }
        for (DiskRecord other : changed) {
            if (other.name().equals(disk.name())) {
                throw new StartException("there is a disk " + disk.name() + " already");
            }
            if (other.path().normalize().equals(disk.path().normalize())) {
                throw new StartException(
                        "disk image "
                                + disk.path()
                                + " belongs to disk "
                                + other.name()
                                + " already; one disk per image");
            }
        }
        if (changed.size() >= DiskList.MAX_DISKS) {
            throw new StartException(
                    "disk "
                            + disk.name()
                            + ": a node has at most "
                            + DiskList.MAX_DISKS
                            + " disks");
        }
        changed.add(place, disk);
    }

    private static @Nullable String readIfThere(Path file) throws StartException {
        try {
            long sizeBytes = Files.size(file);
            if (sizeBytes > MAX_FILE_BYTES) {
                throw new StartException(
                        file
                                + " has "
                                + sizeBytes
                                + " bytes, at most "
                                + MAX_FILE_BYTES
                                + " are possible; restore a copy");
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
            AtomicFile.replace(file, text);
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
            org.slf4j.LoggerFactory.getLogger(DataDirectory.class)
                    .debug("lock file cannot be closed", e);
        }
    }

    /** Gives the lock back. */
    @Override
    public void close() {
        closeQuietly(lockFile);
    }
}
