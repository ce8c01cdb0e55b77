package io.chainring.host.registry;

/** Text of the other side as it may stand in a message: short, without control characters, and encodable. */
final class Shown {
    private static final int LONGEST = 80;

    private Shown() {}

    static String text(String text) {
        String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
        return shown.replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    }
}
