package io.chainring.node.files;

import io.chainring.base.files.FileAccess;
import io.chainring.base.text.ShellQuote;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says which of a node's files other users can open: to read what a disk holds, or to lock them, so that the next start is
 * refused. One line at the start, however many there are, with the command that mends it; one for each disk that comes
 * later. The node changes no mode itself: it may be somebody's purpose.
 */
public final class LooseFiles {
    private static final Logger LOG = LoggerFactory.getLogger(LooseFiles.class);

    /** Most files that a line names. */
    private static final int NAMED = 8;

    private final Path dataDirectory;
    private final List<Path> found = new ArrayList<>();
    private boolean atStart = true;
    private int more;

    /**
     * Looks at a data directory. While others cannot enter it, it does not matter what the files in it allow.
     */
    public LooseFiles(Path dataDirectory) {
        this.dataDirectory = dataDirectory.toAbsolutePath().normalize();
        look(this.dataDirectory);
    }

    /** Looks at an image that is about to be opened. Any thread. */
    public synchronized void image(Path image) {
        if (image.toAbsolutePath().normalize().startsWith(dataDirectory)
                || !Files.isRegularFile(image)) {
            return;
        }
        look(image);
        if (!atStart) {
            say();
        }
    }

    /** The disks of the start are up: what was found is said. */
    public synchronized void started() {
        atStart = false;
        say();
    }

    private void look(Path file) {
        try {
            if (FileAccess.isReachable(file)) {
                if (found.size() < NAMED) {
                    found.add(file);
                } else {
                    more++;
                }
            }
        } catch (IOException e) {
            LOG.debug("{} cannot be looked at", file, e);
        }
    }

    private void say() {
        if (found.isEmpty()) {
            return;
        }
        StringBuilder command = new StringBuilder("chmod -R go=");
        found.forEach(file -> command.append(' ').append(ShellQuote.word(file.toString())));
        LOG.warn(
                "Other users can open files of this node, read disks or lock them: {}{} keeps them out",
                command,
                more == 0 ? "" : " (and " + more + " more)");
        found.clear();
        more = 0;
    }
}
