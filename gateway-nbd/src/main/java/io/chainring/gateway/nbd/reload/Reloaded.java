package io.chainring.gateway.nbd.reload;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A value that is made of files, and made anew when they change. While the new files are wrong the old value stays, and
 * the log says why, once for each reason.
 *
 * <p>{@link #current} from any thread; {@link #check} from one.
 *
 * @param <T> the value
 */
public final class Reloaded<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Reloaded.class);

    private final String what;
    private final List<Path> files;
    private final Supplier<T> loader;
    private final Consumer<T> taken;
    private volatile T current;
    private String seen;
    private String complaint = "";

    /**
     * Makes the first value.
     *
     * @param what how the log calls it: the setting and its files
     * @param files what to look at
     * @param loader makes a value; throws IllegalArgumentException with one line that says what is wrong
     * @param taken hears of each later value
     * @throws IllegalArgumentException when the files are wrong from the beginning
     */
    public Reloaded(String what, List<Path> files, Supplier<T> loader, Consumer<T> taken) {
        this.what = what;
        this.files = List.copyOf(files);
        this.loader = loader;
        this.taken = taken;
        this.seen = state(this.files);
        this.current = loader.get();
    }

    /** The newest value whose files were right. */
    public T current() {
        return current;
    }

    /** Looks at the files, and takes them over if they changed. Blocks on files. */
    public void check() {
        // Before the files are read: what changes meanwhile is found the next time.
        String present = state(files);
        if (present.equals(seen)) {
            if (!complaint.isEmpty()) {
                LOG.info("{} is again as it was read before", what);
                complaint = "";
            }
            return;
        }
        T fresh;
        try {
            fresh = loader.get();
        } catch (IllegalArgumentException e) {
            String problem = String.valueOf(e.getMessage());
            if (!problem.equals(complaint)) {
                LOG.warn(
                        "{} changed and is not taken over, what was read before stays: {}",
                        what,
                        problem);
                complaint = problem;
            }
            return;
        }
        seen = present;
        complaint = "";
        current = fresh;
        LOG.info("{} changed and is taken over", what);
        taken.accept(fresh);
    }

    /** What changes with any of the files: which file it is, its length and its times. */
    private static String state(List<Path> files) {
        StringBuilder state = new StringBuilder();
        for (Path file : files) {
            try {
                BasicFileAttributes attributes =
                        Files.readAttributes(file, BasicFileAttributes.class);
                state.append(attributes.fileKey())
                        .append(' ')
                        .append(attributes.size())
                        .append(' ')
                        .append(attributes.lastModifiedTime())
                        .append(' ')
                        .append(changed(file))
                        .append('\n');
            } catch (IOException e) {
                state.append("unreadable\n");
            }
        }
        return state.toString();
    }

    /** The time of the last change of its mode, too; a file system that knows no such time has none. */
    private static Object changed(Path file) throws IOException {
        try {
            return Files.getAttribute(file, "unix:ctime");
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return "";
        }
    }
}
