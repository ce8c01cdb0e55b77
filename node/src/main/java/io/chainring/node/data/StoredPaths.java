package io.chainring.node.data;

import io.chainring.base.text.Printable;
import io.chainring.registry.rules.DiskStorage;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * Paths of images as the disk registry keeps them: relative to the data directory for what lies in it, so that they go along
 * when it is moved or copied; absolute for the others.
 */
public final class StoredPaths {
    private final Path directory;
    private final Path real;

    StoredPaths(Path directory) throws IOException {
        this.directory = directory.toAbsolutePath().normalize();
        this.real = directory.toRealPath();
    }

    /** With its path as it is kept. */
    public DiskStorage kept(DiskStorage storage) {
        return storage.at(kept(storage.path()));
    }

    /** With its path as it is on this machine. */
    public DiskStorage here(DiskStorage storage) {
        return storage.at(directory.resolve(parse(storage.path())).toString());
    }

    /** Whether a disk's image goes along when the directory is copied. */
    public boolean isInside(DiskStorage storage) {
        return !parse(kept(storage.path())).isAbsolute();
    }

    String kept(String path) {
        Path absolute = parse(path);
        for (Path each : new Path[] {directory, real}) {
            if (absolute.isAbsolute() && absolute.startsWith(each)) {
                return each.relativize(absolute).toString();
            }
        }
        return path;
    }

    /**
     * A path that stands in a file.
     *
     * @throws LocaleException when this process cannot express it
     * @throws IllegalArgumentException when it is none
     */
    static Path parse(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            if (text.chars().allMatch(each -> each < 128)) {
                throw e;
            }
            throw new LocaleException(text, e);
        }
    }

    /** A path has characters that the locale of this process does not have. */
    static final class LocaleException extends IllegalArgumentException {
        private static final long serialVersionUID = 1L;

        LocaleException(String path, InvalidPathException cause) {
            super(
                    "path '"
                            + Printable.name(path)
                            + "' has characters that this process's locale ("
                            + System.getProperty("sun.jnu.encoding")
                            + ") cannot express; start it with LC_ALL=C.UTF-8 or another UTF-8 locale",
                    cause);
        }
    }
}
