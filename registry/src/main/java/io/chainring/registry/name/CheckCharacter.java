package io.chainring.registry.name;

/**
 * The check character of ISO/IEC 7064, hybrid system MOD 37,36: digits and capital letters, guarded by one of them. A
 * single wrong character never passes; of the swaps of two neighbours nearly none does.
 */
final class CheckCharacter {
    private static final int MODULUS = 36;

    private CheckCharacter() {}

    /** The value of a digit or capital letter, 0 to 35; -1 for anything else. */
    static int valueOf(char character) {
        if (character >= '0' && character <= '9') {
            return character - '0';
        }
        return character >= 'A' && character <= 'Z' ? character - 'A' + 10 : -1;
    }

    /** The digit or capital letter of a value from 0 to 35. */
    static char ofValue(int value) {
        return (char) (value < 10 ? '0' + value : 'A' + value - 10);
    }

    /**
     * The check character of a text.
     *
     * @throws IllegalArgumentException when it has other characters than digits and capital letters
     */
    static char of(CharSequence text) {
        int product = MODULUS;
        for (int i = 0; i < text.length(); i++) {
            int value = valueOf(text.charAt(i));
            if (value < 0) {
                throw new IllegalArgumentException(
                        "character " + (i + 1) + " is neither a digit nor a capital letter");
            }
            int sum = (product + value) % MODULUS;
            product = (sum == 0 ? MODULUS : sum) * 2 % (MODULUS + 1);
        }
        return ofValue((MODULUS + 1 - product) % MODULUS);
    }
}
