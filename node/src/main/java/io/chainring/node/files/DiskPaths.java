package io.chainring.node.files;

import io.chainring.base.files.FileAccess;
import io.chainring.base.files.FileIdentity;
import io.chainring.node.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which paths are never disks. Decided before anything is opened: a process that closes any descriptor of a file drops the
 * locks that it has on it, so to open {@code DATA/lock} as an image, only to refuse it, would let a second node in.
 *
 * <p>Folders and files are compared by device and inode, so another spelling, a link, a hard link or a bind mount is no
 * way around.
 */
public final class DiskPaths {
    /** What a node makes in the data directory itself. */
    private static final Set<String> OWN =
            Set.of(
                    "lock",
                    "node.json",
                    "node.json.new",
                    "disks.json",
                    "disks.json.new",
                    "control.sock");

    /** LevelDB's folders are two levels down. */
    private static final int DEPTH = 4;

    private final Path data;
    private final Path images;

    /**
     * @param data the node's data directory
     * @param images the one folder in it whose files may be disks
     */
    public DiskPaths(Path data, Path images) {
        this.data = data;
        this.images = images;
    }

    /**
     * Checks the path of the image of a disk that is being made; it may not exist yet.
     *
     * @param others images of other disks, by disk name
     * @throws StartException one line: what stands there, and what to do
     */
    public void checkNew(Path image, Map<String, Path> others) throws StartException {
        check(image, others, true);
    }

    /**
     * Checks the path of a disk that has been served before. Images that lie in the data directory itself were once
     * allowed; unless it is a file of the node's own, such a disk goes on.
     */
    public void checkKnown(Path image) throws StartException {
        check(image, Map.of(), false);
    }

    private void check(Path image, Map<String, Path> others, boolean isNew) throws StartException {
        try {
            BasicFileAttributes attributes = attributes(image);
            if (attributes != null && !attributes.isRegularFile()) {
                throw refused(
                        image,
                        "is "
                                + FileAccess.kind(attributes)
                                + (attributes.isSymbolicLink()
                                        ? ": name the file that it leads to, or move it here"
                                        : ": name a plain file"));
            }
            checkFolders(image, isNew);
            if (attributes != null) {
                FileIdentity identity = FileIdentity.of(image, attributes);
                if (FileAccess.links(image) > 1) {
                    checkNames(image, identity);
                }
                for (Map.Entry<String, Path> other : others.entrySet()) {
                    if (identity.isAt(other.getValue())) {
                        throw refused(
                                image,
                                "belongs to disk "
                                        + other.getKey()
                                        + " already, as "
                                        + other.getValue());
                    }
                }
            }
        } catch (IOException e) {
            throw new StartException(
                    "disk image " + image + " cannot be looked at: " + reason(e), e);
        }
    }

    private static @Nullable BasicFileAttributes attributes(Path image) throws IOException {
        try {
            return Files.readAttributes(
                    image, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (java.nio.file.NoSuchFileException e) {
            return null;
        } catch (java.nio.file.FileSystemException e) {
            // "Not a directory": whoever opens it says which part of the path is none.
            if (Files.exists(image, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
            return null;
        }
    }

    private void checkFolders(Path image, boolean isNew) throws IOException, StartException {
        Path folder = image.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            return;
        }
        Path real = folder.toRealPath();
        if (isFile(real.resolve("CURRENT")) && isFile(real.resolve("LOCK"))) {
            throw refused(image, "would stand in a LevelDB database: choose another folder");
        }
        FileIdentity own = identity(images);
        if (own != null && own.equals(FileIdentity.of(real))) {
            return;
        }
        List<FileIdentity> closed = new ArrayList<>();
        for (Path each : closedFolders()) {
            closed.add(Objects.requireNonNull(identity(each)));
        }
        if (!isNew && isBesideOurs(image, real)) {
            return;
        }
        FileIdentity below = null;
        for (Path each = real; each != null; each = each.getParent()) {
            FileIdentity here = FileIdentity.of(each);
            if (here.equals(own)) {
                return;
            }
            if (closed.contains(here)) {
                throw refused(
                        image, "is inside of the data directory: only " + images + " has disks");
            }
            if (isFile(each.resolve("node.json")) && isFile(each.resolve("lock"))) {
                FileIdentity theirs = identity(each.resolve("images"));
                if (theirs == null || !theirs.equals(below)) {
                    throw refused(
                            image, "is inside of " + each + ", the data directory of another node");
                }
            }
            below = here;
        }
    }

    private boolean isBesideOurs(Path image, Path real) throws IOException {
        return FileIdentity.of(real).equals(identity(data))
                && !OWN.contains(String.valueOf(image.getFileName()));
    }

    private static boolean isFile(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    /** Of what a path leads to; null when there is nothing. */
    private static @Nullable FileIdentity identity(Path folder) throws IOException {
        return Files.exists(folder) ? FileIdentity.of(folder.toRealPath()) : null;
    }

    /** The data directory and the folders in it but that of images; each may be a link or a mount of its own. */
    private List<Path> closedFolders() throws IOException {
        List<Path> folders = new ArrayList<>();
        if (!Files.isDirectory(data)) {
            return folders;
        }
        folders.add(data);
        for (int i = 0; i < folders.size(); i++) {
            int depth = folders.get(i).getNameCount() - data.getNameCount();
            if (depth >= DEPTH) {
                continue;
            }
            try (Stream<Path> inside = Files.list(folders.get(i))) {
                inside.filter(each -> Files.isDirectory(each) && !each.equals(images))
                        .forEach(folders::add);
            }
        }
        return folders;
    }

    /** A file with several names: is one of them in the data directory? */
    private void checkNames(Path image, FileIdentity identity) throws IOException, StartException {
        for (Path folder : closedFolders()) {
            List<Path> files;
            try (Stream<Path> inside = Files.list(folder)) {
                files = inside.toList();
            }
            for (Path file : files) {
                boolean itself = file.equals(image.toAbsolutePath().normalize());
                if (!itself && identity.isAt(file)) {
                    throw refused(image, "is another name of " + file + ", which is no disk");
                }
            }
        }
    }

    private static StartException refused(Path image, String why) {
        return new StartException("disk image " + image + " " + why);
    }

    private static String reason(IOException e) {
        if (e instanceof java.nio.file.AccessDeniedException) {
            return "no permission";
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
