package io.chainring.persistence.database;

import io.chainring.base.text.ShellQuote;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.FormatException;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Turns what the libraries say into one line with the directory and the way out. */
public final class StoreErrors {
    private static final List<String> DAMAGE =
            List.of(
                    "corrupt",
                    "checksum",
                    "missing",
                    "could not open table",
                    "not a table",
                    "no such file",
                    "invalid argument",
                    "does not end with newline");

    private StoreErrors() {}

    public static String wayOut(Path directory) {
        return "; stop the node and run: chainring journal repair "
                + ShellQuote.word(directory.toString())
                + " (in Java: io.chainring.persistence.tool.Repair.of)";
    }

    /** A record that was read is damaged. */
    public static StoreException damaged(Path directory, String what, FormatException cause) {
        return new StoreException.Damaged(
                directory, what + ": " + cause.getMessage() + wayOut(directory), cause);
    }

    /** Reads; whatever is wrong with the database becomes one line. */
    public static <T> T reading(Path directory, String what, Supplier<T> read) {
        try {
            return read.get();
        } catch (FormatException e) {
            throw damaged(directory, what, e);
        } catch (EngineException e) {
            throw explain(directory, what, e);
        }
    }

    /** The library reported an error. */
    public static StoreException explain(Path directory, String what, EngineException error) {
        Throwable cause = error.getCause();
        String said =
                cause == null || cause.getMessage() == null
                        ? String.valueOf(error.getMessage())
                        : Engines.words(cause);
        String words = said.toLowerCase(Locale.ROOT);
        if (locked(words, cause)) {
            return new StoreException.Locked(directory, error);
        }
        if (DAMAGE.stream().anyMatch(words::contains)) {
            return new StoreException.Damaged(
                    directory, what + ": " + said + wayOut(directory), error);
        }
        return new StoreException.Unavailable(directory, what + ": " + said, error);
    }

    private static boolean locked(String words, @Nullable Throwable cause) {
        return cause instanceof OverlappingFileLockException
                || (words.contains("lock")
                        && (words.contains("unable to acquire")
                                || words.contains("temporarily unavailable")
                                || words.contains("already held")));
    }
}
