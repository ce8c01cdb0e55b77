package io.chainring.persistence.database;

import io.chainring.base.files.PrivateFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The directories that this process has open. The LOCK file keeps other processes away, but not always the same process: the
 * two libraries do not see each other's lock, and whoever closes the file drops the lock for both.
 */
public final class OpenDirectories {
    private static final Set<Path> OPEN = new HashSet<>();

    private OpenDirectories() {}

    /**
     * Takes a directory; it is created if it is missing.
     *
     * @return its real path, to be given back
     * @throws StoreException.Locked if it is taken
     */
    public static Path take(Path directory) {
        try {
            PrivateFiles.createFolders(directory);
            Path real = directory.toRealPath();
            synchronized (OPEN) {
                if (!OPEN.add(real)) {
                    throw new StoreException.Locked(directory, null);
                }
            }
            return real;
        } catch (IOException e) {
            throw new StoreException.Unavailable(directory, "cannot be created: " + e, e);
        }
    }

    public static void giveBack(Path real) {
        synchronized (OPEN) {
            OPEN.remove(real);
        }
    }
}
