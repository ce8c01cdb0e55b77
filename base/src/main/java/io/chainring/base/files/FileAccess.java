package io.chainring.base.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who else may do what with a file. Never follows a link in the last component. Where the file system knows no owners
 * and modes (Windows), nobody else may do anything as far as can be told.
 */
public final class FileAccess {
    private static final int OF_OTHERS = 0077;
    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_OTHERS = 0022;
    private static final int ENTERED_BY_OTHERS = 0011;
    private static final int ROOT = 0;

    private FileAccess() {}

    /** Number of the user that this process runs as; null when the system cannot say. */
    public static @Nullable Integer self() {
        return Self.UID;
    }

    private static final class Self {
        static final @Nullable Integer UID = ask();

        private static @Nullable Integer ask() {
            try {
                return Math.toIntExact(new com.sun.security.auth.module.UnixSystem().getUid());
            } catch (LinkageError | ArithmeticException e) {
                // Not a Unix, or a runtime without that module: owners are not compared then.
                return null;
            }
        }
    }

    /**
     * Owner, mode, number of links.
     *
     * @param uid number of the owner
     * @param mode permissions and the bits above them, as in chmod(2)
     * @param links names that the file has
     */
    record Unix(int uid, int mode, int links) {
        boolean isWritableByOthers() {
            return (mode & WRITABLE_BY_OTHERS) != 0;
        }
    }

    /** Null where there are no such things. */
    static @Nullable Unix unix(Path file) throws IOException {
        if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
            return null;
        }
        Map<String, Object> found =
                Files.readAttributes(file, "unix:uid,mode,nlink", LinkOption.NOFOLLOW_LINKS);
        return new Unix(
                number(found, "uid"), number(found, "mode") & 07777, number(found, "nlink"));
    }

    private static int number(Map<String, Object> found, String name) {
        return (Integer) Objects.requireNonNull(found.get(name));
    }

    /** How many names a file has; 1 where the system cannot say. */
    public static int links(Path file) throws IOException {
        Unix unix = unix(file);
        return unix == null ? 1 : unix.links;
    }

    /** True when a file or folder allows group or others anything, whether or not they can get to it. */
    static boolean isLoose(Path file) throws IOException {
        Unix unix = unix(file);
        return unix != null && (unix.mode & OF_OTHERS) != 0;
    }

    /** True when other users can open a loose file or folder: nothing above it keeps them out. */
    public static boolean isReachable(Path file) throws IOException {
        if (!isLoose(file)) {
            return false;
        }
        Path folder = file.toRealPath(LinkOption.NOFOLLOW_LINKS).getParent();
        for (; folder != null; folder = folder.getParent()) {
            Unix unix = unix(folder);
            if (unix != null && (unix.mode & ENTERED_BY_OTHERS) == 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * The folder itself, or the first above it, in which others than its owner and root could put another file in the place
     * of one: group or others may write to it, and no sticky bit keeps their hands off. Null when there is none; links
     * are followed.
     */
    public static @Nullable Path openToOthersFrom(Path folder) throws IOException {
        return firstFrom(folder, unix -> unix.isWritableByOthers() && (unix.mode & STICKY) == 0);
    }

    /** As {@link #openToOthersFrom}, and its owner has to be this process's user or root. */
    static @Nullable Path changeableFrom(Path folder) throws IOException {
        Path found = openToOthersFrom(folder);
        return found != null ? found : firstFrom(folder, unix -> !isTrusted(unix.uid));
    }

    private static @Nullable Path firstFrom(Path folder, Predicate<Unix> wanted)
            throws IOException {
        for (Path each = folder.toRealPath(); each != null; each = each.getParent()) {
            Unix unix = unix(each);
            if (unix != null && wanted.test(unix)) {
                return each;
            }
        }
        return null;
    }

    /** True when others may make files in a folder, with or without a sticky bit. */
    static boolean othersMayAddTo(Path folder) throws IOException {
        Unix unix = unix(folder.toRealPath());
        return unix != null && (!isTrusted(unix.uid) || unix.isWritableByOthers());
    }

    private static boolean isTrusted(int uid) {
        Integer self = self();
        return self == null || uid == self || uid == ROOT;
    }

    /** True when the owner of a file is this process's user, root, or whoever owns the folder and could change it anyway. */
    static boolean isOwnerTrusted(Path file) throws IOException {
        Unix unix = unix(file);
        if (unix == null || isTrusted(unix.uid)) {
            return true;
        }
        Path folder = file.toAbsolutePath().getParent();
        Unix above = folder == null ? null : unix(folder.toRealPath());
        return above != null && above.uid == unix.uid;
    }

    /** True when the file is this process's user's own, and nobody else may write to it. */
    static boolean isOwnAndClosed(Path file) throws IOException {
        Unix unix = unix(file);
        Integer self = self();
        return unix == null || ((self == null || unix.uid == self) && !unix.isWritableByOthers());
    }

    /** What a path names, for a message; nothing is opened. */
    public static String kind(BasicFileAttributes attributes) {
        if (attributes.isSymbolicLink()) {
            return "a symbolic link";
        }
        if (attributes.isDirectory()) {
            return "a directory";
        }
        return attributes.isRegularFile() ? "a file" : "a device, socket or pipe";
    }
}
