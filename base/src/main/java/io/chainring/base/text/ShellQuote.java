package io.chainring.base.text;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Words of commands that people copy into a shell: whatever stands in a word, the command has it as one argument, byte by
 * byte in UTF-8.
 *
 * <pre>
 *   /srv/a.img     /srv/a.img
 *   my disk        'my disk'
 *   it's $HOME     'it'\''s $HOME'
 *   a, line end    $'a\012'
 * </pre>
 *
 * Single quotes are POSIX (XCU 2.2.2). What can't be printed is written as {@code $'...'}, which POSIX has since 2024 (2.2.4)
 * and bash, zsh, ksh and busybox have had for long.
 */
public final class ShellQuote {
    private static final String PLAIN = "_@%+:,./-";

    private ShellQuote() {}

    /** A text as one word. */
    public static String word(String text) {
        if (!text.isEmpty() && text.chars().allMatch(ShellQuote::isPlain)) {
            return text;
        }
        if (text.codePoints().allMatch(Printable::isPrintable)) {
            return "'" + text.replace("'", "'\\''") + "'";
        }
        StringBuilder word = new StringBuilder("$'");
        text.codePoints().forEach(codePoint -> append(word, codePoint));
        return word.append('\'').toString();
    }

    private static boolean isPlain(int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || PLAIN.indexOf(character) >= 0;
    }

    private static void append(StringBuilder word, int codePoint) {
        if (codePoint == '\'' || codePoint == '\\') {
            word.append('\\').appendCodePoint(codePoint);
        } else if (Printable.isPrintable(codePoint)) {
            word.appendCodePoint(codePoint);
        } else {
            for (byte octet : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
                word.append(String.format(Locale.ROOT, "\\%03o", octet & 0xFF));
            }
        }
    }
}
