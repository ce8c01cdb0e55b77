package io.chainring.gateway.nbd.access;

/** A name in which each {@code *} stands for any characters, or none. Upper and lower case differ. */
record NamePattern(String text) {

    /** Linear in the product of both lengths, whatever the pattern is. */
    boolean matches(String name) {
        int at = 0;
        int p = 0;
        int star = -1;
        int resume = 0;
        while (at < name.length()) {
            if (p < text.length() && text.charAt(p) == '*') {
                star = p++;
                resume = at;
            } else if (p < text.length() && text.charAt(p) == name.charAt(at)) {
                p++;
                at++;
            } else if (star >= 0) {
                p = star + 1;
                at = ++resume;
            } else {
                return false;
            }
        }
        while (p < text.length() && text.charAt(p) == '*') {
            p++;
        }
        return p == text.length();
    }
}
