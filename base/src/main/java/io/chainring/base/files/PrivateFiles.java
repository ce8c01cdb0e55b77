package io.chainring.base.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;

/**
 * Files and folders for this process's user alone, whatever the umask: folders 0700, files 0600. What is made is made
 * exclusively, and what is opened is opened without following a link in the last component, so nobody who may write to
 * the folder can point the node at another file.
 *
 * <p>Failures are {@link FileSystemException}s whose reason says what stands there and what to do.
 */
public final class PrivateFiles {
    private static final int NAME_TRIES = 100;
    private static final int NAME_LENGTH = 4;
    private static final SecureRandom RANDOM = new SecureRandom();

    private PrivateFiles() {}

    /** Makes a folder and those above it that are missing; what is there stays as it is. A link to a folder is one. */
    public static void createFolders(Path folder) throws IOException {
        if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.createDirectories(folder, mode("rwx------"));
        } else {
            Files.createDirectories(folder);
        }
    }

    /** Makes a new folder; fails when there is anything of that name. */
    public static void createFolder(Path folder) throws IOException {
        Files.createDirectory(folder, modes(folder, "rwx------"));
    }

    /** Makes a new file and opens it for reading and writing; fails when there is anything of that name, a link too. */
    public static FileChannel createNew(Path file) throws IOException {
        return FileChannel.open(
                file,
                Set.of(
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                modes(file, "rw-------"));
    }

    /**
     * Opens a file that is there for reading and writing, or makes it. Refused without opening: what is not a plain file
     * (a pipe would block for ever), belongs to a third user, or has several names in a folder in which others may have
     * made one of them.
     */
    public static FileChannel openOrCreate(Path file) throws IOException {
        for (int i = 0; i < NAME_TRIES; i++) {
            try {
                FileIdentity checked = check(file);
                FileChannel opened = openExisting(file);
                if (checked.isAt(file)) {
                    return opened;
                }
                opened.close();
            } catch (NoSuchFileException missing) {
                try {
                    return createNew(file);
                } catch (FileAlreadyExistsException e) {
                    // Somebody else made it meanwhile: look at it.
                    continue;
                }
            }
        }
        throw new FileSystemException(file.toString(), null, "somebody keeps replacing it");
    }

    private static FileChannel openExisting(Path file) throws IOException {
        Set<OpenOption> how =
                Set.of(
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS);
        return FileChannel.open(file, how);
    }

    private static FileIdentity check(Path file) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (!attributes.isRegularFile()) {
            throw notOurs(file, "it is " + FileAccess.kind(attributes) + ", not a plain file");
        }
        if (FileAccess.links(file) > 1 && FileAccess.othersMayAddTo(folderOf(file))) {
            throw notOurs(file, "it is a hard link: the file has another name, too");
        }
        if (!FileAccess.isOwnerTrusted(file)) {
            throw notOurs(file, "it belongs to another user");
        }
        return FileIdentity.of(file, attributes);
    }

    private static FileSystemException notOurs(Path file, String what) {
        return new FileSystemException(file.toString(), null, what + "; remove it");
    }

    /** Puts the names in a folder on stable storage; fails in tests. */
    interface FolderSync {
        void sync(FileChannel entries) throws IOException;
    }

    static void syncFolder(FileChannel entries) throws IOException {
        entries.force(true);
    }

    /**
     * Replaces a file as a whole: a reader, and a power loss, meet the old bytes or the new ones. A link of that name is
     * replaced itself. On stable storage when this returns.
     *
     * @throws IOException when it was not replaced; or it was, and may be the old one again after a power loss, which the
     *     text says then
     */
    public static void replace(Path file, byte[] content) throws IOException {
        replace(file, content, PrivateFiles::syncFolder);
    }

    static void replace(Path file, byte[] content, FolderSync folderSync) throws IOException {
        Path folder = folderOf(file);
        Path temporary = folder.resolve(file.getFileName() + ".new");
        removeLeftover(temporary);
        try (FileChannel channel = createNew(temporary)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        // Opened before the file is replaced: what can fail before that does.
        try (FileChannel entries = FileChannel.open(folder, StandardOpenOption.READ)) {
            Files.move(
                    temporary,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            syncReplaced(file, entries, folderSync);
        }
    }

    private static void syncReplaced(Path file, FileChannel entries, FolderSync folderSync)
            throws IOException {
        try {
            folderSync.sync(entries);
        } catch (IOException e) {
            FileSystemException unsure =
                    new FileSystemException(
                            file.toString(),
                            null,
                            "it has been replaced, but its folder cannot be synced: after a power"
                                    + " loss the old one may be there ("
                                    + e.getMessage()
                                    + ")");
            unsure.initCause(e);
            throw unsure;
        }
    }

    /** Of an attempt that was cut short, or planted: what a link points to stays. */
    static void removeLeftover(Path file) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileSystemException(
                    file.toString(), null, "a directory stands in the way: " + file);
        }
        Files.deleteIfExists(file);
    }

    /**
     * Makes a folder of a short, new name beside a file, in which something can be got ready before it is moved to its
     * place.
     */
    public static Path temporaryFolder(Path beside) throws IOException {
        Path folder = folderOf(beside);
        for (int i = 0; i < NAME_TRIES; i++) {
            StringBuilder name = new StringBuilder(".");
            for (int k = 0; k < NAME_LENGTH; k++) {
                name.append(Character.forDigit(RANDOM.nextInt(36), 36));
            }
            Path made = folder.resolve(name.toString());
            try {
                return Files.createDirectory(made, modes(made, "rwx------"));
            } catch (FileAlreadyExistsException e) {
                continue;
            }
        }
        throw new FileSystemException(folder.toString(), null, "no name for a folder is free");
    }

    private static Path folderOf(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            throw new FileSystemException(file.toString(), null, "it has no folder");
        }
        return folder;
    }

    static FileAttribute<?>[] modes(Path file, String permissions) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {mode(permissions)}
                : new FileAttribute<?>[0];
    }

    private static FileAttribute<?> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(
                EnumSet.copyOf(PosixFilePermissions.fromString(permissions)));
    }
}
