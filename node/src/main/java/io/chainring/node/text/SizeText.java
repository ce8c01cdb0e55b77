package io.chainring.node.text;

import io.chainring.node.StartException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 512}, {@code 64K}, {@code 20M}, {@code 1G}, {@code 2T}; units of 1024. */
public final class SizeText {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,19})([KMGT]?)");
    private static final String UNITS = "KMGT";
    private static final int SECTOR_BYTES = 512;

    private SizeText() {}

    /**
     * @return bytes, at least 1
     * @throws IllegalArgumentException one line
     */
    public static long parse(String text) {
        Matcher matcher = FORM.matcher(text.toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "size '"
                            + text
                            + "': a number is expected, with K, M, G or T behind it or not");
        }
        try {
            long number = Long.parseLong(matcher.group(1));
            String unit = matcher.group(2);
            int shift = unit.isEmpty() ? 0 : 10 * (UNITS.indexOf(unit) + 1);
            long bytes = Math.multiplyExact(number, 1L << shift);
            if (bytes < 1) {
                throw new IllegalArgumentException("size '" + text + "': at least 1 is needed");
            }
            return bytes;
        } catch (ArithmeticException | NumberFormatException e) {
            throw new IllegalArgumentException("size '" + text + "' is too large", e);
        }
    }

    /**
     * As {@link #parse}, for a command's option.
     *
     * @throws StartException one line that names the option
     */
    public static long ofOption(String option, String text) throws StartException {
        try {
            return parse(text);
        } catch (IllegalArgumentException e) {
            throw new StartException(option + ": " + e.getMessage(), e);
        }
    }

    /** A size for people, in the largest unit that fits it; one that is no whole sectors to the byte. */
    public static String format(long bytes) {
        if (bytes % SECTOR_BYTES != 0) {
            return bytes + " B";
        }
        for (int unit = UNITS.length(); unit > 0; unit--) {
            long one = 1L << (10 * unit);
            if (bytes >= one) {
                double value = (double) bytes / one;
                return value == Math.rint(value)
                        ? (long) value + " " + UNITS.charAt(unit - 1) + "iB"
                        : String.format(Locale.ROOT, "%.1f %siB", value, UNITS.charAt(unit - 1));
            }
        }
        return bytes + " B";
    }
}
