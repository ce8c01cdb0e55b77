package io.chainring.persistence.engine;

import org.jspecify.annotations.Nullable;

/** The LevelDB library reported an error, or the engine is closed. The message names the directory. */
public final class EngineException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With the directory and the library's own words in the message. */
    public EngineException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
