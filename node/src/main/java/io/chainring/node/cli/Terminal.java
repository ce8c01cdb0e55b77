package io.chainring.node.cli;

/**
 * Whether standard output is a terminal that understands escapes. Java cannot tell before version 22, so the front door does:
 * it sets {@code chainring.terminal} when it is one, and {@code TERM} is not {@code dumb}.
 */
final class Terminal {
    /** To the upper left corner, and nothing on the screen (ECMA-48, CUP and ED). */
    static final String CLEAR = "\u001b[H\u001b[2J";

    private Terminal() {}

    static boolean isThere() {
        return Boolean.getBoolean("chainring.terminal");
    }
}
