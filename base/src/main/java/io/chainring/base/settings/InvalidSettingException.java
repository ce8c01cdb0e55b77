package io.chainring.base.settings;

import org.jspecify.annotations.Nullable;

/** A setting is missing, malformed or out of its range. The message is one line that begins with its whole path. */
public final class InvalidSettingException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String path;
    private final String rest;

    /**
     * @param path the setting's whole path
     * @param value what it is set to; null when it is not set, or not of its type
     * @param problem what is allowed, or what is wrong
     */
    public InvalidSettingException(String path, @Nullable Object value, String problem) {
        this(path, value, problem, null);
    }

    InvalidSettingException(
            String path, @Nullable Object value, String problem, @Nullable Throwable cause) {
        super(path + said(value, problem), cause);
        this.path = path;
        this.rest = said(value, problem);
    }

    private static String said(@Nullable Object value, String problem) {
        return (value == null ? "" : " = " + value) + ": " + problem;
    }

    /** The setting's whole path. */
    public String path() {
        return path;
    }

    /** The message for somebody who gave the setting under another name, such as an option of a command line. */
    public String messageFor(String name) {
        return name + rest;
    }
}
