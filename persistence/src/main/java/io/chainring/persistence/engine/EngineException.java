package io.chainring.persistence.engine;

import org.jspecify.annotations.Nullable;

/**
 * The LevelDB library reported an error. The message names the directory. What it says about the state on disk is told by the
 * type: after a {@link Read} or {@link Closed} nothing has changed; after any other it is uncertain.
 */
public sealed class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the directory and the library's own words in the message. */
    public EngineException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Something could not be read: it is damaged, or the file system failed. */
    public static final class Read extends EngineException {
        private static final long serialVersionUID = 1L;

        /** With the directory and the library's own words in the message. */
        public Read(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The engine is closed. */
    public static final class Closed extends EngineException {
        private static final long serialVersionUID = 1L;

        Closed(String message) {
            super(message, null);
        }
    }
}
