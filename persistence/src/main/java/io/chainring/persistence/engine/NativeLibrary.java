package io.chainring.persistence.engine;

import io.chainring.base.files.LibraryFolder;
import io.chainring.persistence.engine.files.PagesAhead;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.fusesource.hawtjni.runtime.Library;
import org.fusesource.leveldbjni.JniDBFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads the native LevelDB, once a process.
 *
 * <p>Its own loader unpacks it into the temporary folder at each start, where a kill leaves it. Here it is unpacked once
 * into a {@link LibraryFolder}, and that loader is told where it is. It is loaded here first: the loader would
 * unpack it again, and again leave it, where it cannot be loaded.
 */
final class NativeLibrary {
    private static final Logger LOG = LoggerFactory.getLogger(NativeLibrary.class);

    private static final String NAME = "leveldbjni";

    /** Where that loader looks first. */
    private static final String PLACE = "library." + NAME + ".path";

    private static boolean tried;
    private static @Nullable String problem;

    private NativeLibrary() {}

    /**
     * Why it cannot be used here; null when it can.
     *
     * @param libraries see {@link LibraryFolder#find}; the first call counts
     */
    static synchronized @Nullable String problem(String libraries) {
        if (!tried) {
            tried = true;
            try {
                load(libraries);
            } catch (IOException | LinkageError e) {
                problem = e.getMessage() == null ? e.toString() : e.getMessage();
                LOG.info(
                        "No native LevelDB here ({} on {}), using the Java one (iq80): {}",
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        problem);
            }
        }
        return problem;
    }

    private static void load(String libraries) throws IOException {
        if (System.getProperty(PLACE) == null && !isInstalled()) {
            Path library = unpack(libraries);
            System.load(library.toString());
            System.setProperty(PLACE, String.valueOf(library.getParent()));
        }
        LOG.debug("native LevelDB {}", JniDBFactory.VERSION);
        String risk = PagesAhead.install();
        if (risk != null) {
            LOG.warn(
                    "Where a file system is full, the native LevelDB ends this process; min-free-space keeps it from there,"
                            + " unless another program takes all of it at once: {}",
                    risk);
        }
    }

    /** Somebody may have built it for this machine and put it on java.library.path. */
    private static boolean isInstalled() {
        try {
            System.loadLibrary(NAME);
            return true;
        } catch (UnsatisfiedLinkError e) {
            LOG.debug("not on java.library.path: {}", e.getMessage());
            return false;
        }
    }

    private static Path unpack(String libraries) throws IOException {
        Library names = new Library(NAME, JniDBFactory.class);
        String resource = names.getPlatformSpecifcResourcePath();
        try (InputStream content =
                JniDBFactory.class.getClassLoader().getResourceAsStream(resource)) {
            if (content == null) {
                throw new IOException("the jar has no " + resource);
            }
            return LibraryFolder.find(libraries).put(NAME, names.getLibraryFileName(), content);
        } catch (IOException e) {
            throw new IOException(
                    e.getMessage()
                            + " (chainring.persistence.leveldb.native-directory names another folder)",
                    e);
        }
    }
}
