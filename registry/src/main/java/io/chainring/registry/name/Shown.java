package io.chainring.registry.name;

import java.util.regex.Pattern;

/** Text of the other side as it may stand in a message: short, without control characters, and encodable. */
public final class Shown {
    private static final int LONGEST = 80;

    /** Also beyond ASCII: controls, formats (bidi), lone surrogates, private and unassigned, separators of lines. */
    private static final Pattern HIDDEN = Pattern.compile("[\\p{C}\\p{Zl}\\p{Zp}]");

    private Shown() {}

    public static String text(String text) {
        String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
        return HIDDEN.matcher(shown).replaceAll("?");
    }
}
