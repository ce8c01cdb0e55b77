package io.chainring.registry.name;

/**
 * Letters as a number and back, in full bijective base 26: a = 0, z = 25, aa = 26, zz = 701, aaa = 702, crxp = 65535.
 * Every row of letters is one value and every value one row of letters.
 */
public final class DriveLetterValue {
    /** The largest value; its letters are crxp. */
    public static final int LARGEST = 65_535;

    private static final int LETTERS = 26;
    private static final int MOST_LETTERS = 4;

    private DriveLetterValue() {}

    /**
     * The value of lower-case letters.
     *
     * @param letters 1 to 4 of a to z
     * @return 0 to {@link #LARGEST}
     * @throws IllegalArgumentException when they are something else, or stand for more
     */
    public static int of(String letters) {
        if (letters.isEmpty() || letters.length() > MOST_LETTERS) {
            throw new IllegalArgumentException("1 to " + MOST_LETTERS + " letters make a value");
        }
        int number = 0;
        for (int i = 0; i < letters.length(); i++) {
            char letter = letters.charAt(i);
            if (letter < 'a' || letter > 'z') {
                throw new IllegalArgumentException("only the letters a to z make a value");
            }
            number = number * LETTERS + (letter - 'a' + 1);
        }
        return check(number - 1);
    }

    /**
     * The letters of a value.
     *
     * @param value 0 to {@link #LARGEST}
     * @throws IllegalArgumentException when it is outside
     */
    public static String letters(int value) {
        StringBuilder letters = new StringBuilder();
        for (int rest = check(value) + 1; rest > 0; rest = (rest - 1) / LETTERS) {
            letters.append((char) ('a' + (rest - 1) % LETTERS));
        }
        return letters.reverse().toString();
    }

    private static int check(int value) {
        if (value < 0 || value > LARGEST) {
            throw new IllegalArgumentException(
                    "drive letter value " + value + ": allowed are 0 to " + LARGEST);
        }
        return value;
    }
}
