package io.chainring.node.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether standard output is a terminal that understands escapes. Java cannot tell before version 22, so the front door does:
 * it sets {@code chainring.terminal} when it is one, and {@code TERM} is not {@code dumb}.
 */
public final class Terminal {
    /** To the upper left corner, and nothing on the screen (ECMA-48, CUP and ED). */
    public static final String CLEAR = "\u001b[H\u001b[2J";

    private Terminal() {}

    /** Whether escapes are seen as such. */
    public static boolean isThere() {
        return Boolean.getBoolean("chainring.terminal");
    }

    /** Whether standard output goes to another program, as far as the system says (proc(5)). */
    public static boolean outIsPipe() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/1"))
                    .toString()
                    .startsWith("pipe:");
        } catch (IOException e) {
            return false;
        }
    }
}
