package io.chainring.base.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/**
 * Which file a path names: device and inode, so that every name of a file (hard links, bind mounts, another spelling)
 * is equal. Found without opening anything: a process that closes any descriptor of a file loses its locks on it.
 *
 * @param key device and inode; where the system has none, the real path
 */
public record FileIdentity(Object key) {
    /** Of the file itself; a symbolic link is itself. */
    public static FileIdentity of(Path file) throws IOException {
        return of(
                file,
                Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
    }

    /** As {@link #of(Path)}, with attributes that the caller has read without following a link. */
    public static FileIdentity of(Path file, BasicFileAttributes attributes) throws IOException {
        Object key = attributes.fileKey();
        return new FileIdentity(key != null ? key : file.toRealPath(LinkOption.NOFOLLOW_LINKS));
    }

    /** Null when there is no such file. */
    public static @Nullable FileIdentity ofExisting(Path file) throws IOException {
        try {
            return of(file);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /** Whether the path still names this file. */
    public boolean isAt(Path file) throws IOException {
        return equals(ofExisting(file));
    }
}
