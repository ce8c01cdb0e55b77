package io.chainring.base.text;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Texts that somebody else chose, fit for a log line, a table or an error: one line, nothing in it that a terminal obeys or
 * an eye does not see, and no longer than a limit.
 *
 * <pre>
 *   vda\n12:00:00.000 ERROR ...   becomes   vda\n12:00:00.000 ERROR ...   with the line end as two characters
 *   ESC ] 0 ; x BEL               becomes   &#92;u{1b}]0;x&#92;u{7}
 *   4,096 times 'a'               becomes   64 times 'a', then ...(4,096 characters)
 * </pre>
 *
 * Escaped are control and format characters (bidi, zero width, tags), line and paragraph separators, spaces that are not the
 * plain one, lone surrogates, private and unassigned characters, and letters without a shape. A backslash stays as it is, so a
 * text that is escaped twice, by who makes a message and by who prints it, reads the same.
 */
public final class Printable {
    /** Longest name, in code points. */
    public static final int NAME_CODE_POINTS = 64;

    /** Longest line, in code points; room for a few names and the message around them. */
    public static final int LINE_CODE_POINTS = 1024;

    private Printable() {}

    /** A name or a value, cut after {@link #NAME_CODE_POINTS}. */
    public static String name(@Nullable Object text) {
        return cut(text, NAME_CODE_POINTS);
    }

    /** A message in which such names may stand, cut after {@link #LINE_CODE_POINTS}. */
    public static String line(@Nullable Object text) {
        return cut(text, LINE_CODE_POINTS);
    }

    /** What an exception says as a line; its type when it says nothing. */
    public static String reason(Throwable failure) {
        String message = failure.getMessage();
        return line(
                message == null || message.isBlank()
                        ? failure.getClass().getSimpleName()
                        : message);
    }

    /** A text of any length, escaped; for where its length is limited already, as a path's is. */
    public static String whole(@Nullable Object text) {
        return cut(text, Integer.MAX_VALUE);
    }

    /**
     * A text.
     *
     * @param limitCodePoints of the original; what is longer is cut there, and its length said
     */
    public static String cut(@Nullable Object text, int limitCodePoints) {
        String original = String.valueOf(text);
        int end = original.length();
        if (end > limitCodePoints) {
            int codePoints = original.codePointCount(0, end);
            if (codePoints > limitCodePoints) {
                end = original.offsetByCodePoints(0, limitCodePoints);
                return escaped(original, end)
                        + String.format(Locale.ROOT, "...(%,d characters)", codePoints);
            }
        }
        return escaped(original, end);
    }

    private static String escaped(String original, int end) {
        int plain = 0;
        while (plain < end && isPlainAscii(original.charAt(plain))) {
            plain++;
        }
        if (plain == original.length()) {
            return original;
        }
        StringBuilder text = new StringBuilder(end + 16).append(original, 0, plain);
        for (int at = plain; at < end; ) {
            int codePoint = original.codePointAt(at);
            at += Character.charCount(codePoint);
            if (isPrintable(codePoint)) {
                text.appendCodePoint(codePoint);
            } else {
                text.append(escape(codePoint));
            }
        }
        return text.toString();
    }

    private static boolean isPlainAscii(char character) {
        return character >= ' ' && character <= '~';
    }

    private static String escape(int codePoint) {
        return switch (codePoint) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> "\\u{" + Integer.toHexString(codePoint) + "}";
        };
    }

    /** Whether a character is seen as it is and does nothing else. */
    public static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            case Character.SPACE_SEPARATOR -> codePoint == ' ';
            default -> !isShapeless(codePoint);
        };
    }

    /** Letters and marks that Unicode counts as ignorable by default, and the blank of Braille. */
    private static boolean isShapeless(int codePoint) {
        return codePoint == 0x034F // combining grapheme joiner
                || (codePoint >= 0x115F && codePoint <= 0x1160) // Hangul fillers
                || (codePoint >= 0x17B4 && codePoint <= 0x17B5) // Khmer inherent vowels
                || (codePoint >= 0x180B && codePoint <= 0x180F) // Mongolian variation selectors
                || codePoint == 0x2800
                || codePoint == 0x3164
                || (codePoint >= 0xFE00 && codePoint <= 0xFE0F) // variation selectors
                || codePoint == 0xFFA0
                || (codePoint >= 0xE0100 && codePoint <= 0xE01EF); // their supplement
    }
}
