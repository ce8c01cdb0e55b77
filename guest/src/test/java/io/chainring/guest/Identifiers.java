package io.chainring.guest;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/** Drive letter identifiers and names by the definition of their format; the helper's other half. */
final class Identifiers {
    static final String DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /** The highest drive letter value: the name crxp. */
    static final int MAX_VALUE = 65_535;

    private static final int DIGEST_BITS = 41;

    private Identifiers() {}

    static String vd(int value, int generation, UUID disk) {
        return identifier('V', value, generation, disk);
    }

    static String identifier(char scheme, int value, int generation, UUID disk) {
        return withCheck("C" + scheme + base36(value, 4) + base36(generation, 5) + digest(disk));
    }

    static String digest(UUID disk) {
        byte[] uuid =
                ByteBuffer.allocate(16)
                        .putLong(disk.getMostSignificantBits())
                        .putLong(disk.getLeastSignificantBits())
                        .array();
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(uuid);
            BigInteger first = new BigInteger(1, hash).shiftRight(256 - DIGEST_BITS);
            return base36(first.longValueExact(), 8);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    static String withCheck(String text) {
        return text + check(text);
    }

    /** ISO/IEC 7064 MOD 37,36: the one character with which the standard's test comes out as 1. */
    static char check(String text) {
        int product = 36;
        for (char each : text.toCharArray()) {
            int sum = (product + DIGITS.indexOf(each)) % 36;
            product = (sum == 0 ? 36 : sum) * 2 % 37;
        }
        for (int c = 0; c < 36; c++) {
            if ((product + c) % 36 == 1) {
                return DIGITS.charAt(c);
            }
        }
        throw new AssertionError(text);
    }

    /** The letters of all values, by counting: a, b, ... z, aa, ab, ... */
    static List<String> lettersOfAllValues() {
        List<String> all = new ArrayList<>();
        List<String> shorter = List.of("");
        while (true) {
            List<String> longer = new ArrayList<>();
            for (String prefix : shorter) {
                for (char letter = 'a'; letter <= 'z'; letter++) {
                    if (all.size() > MAX_VALUE) {
                        return all;
                    }
                    longer.add(prefix + letter);
                    all.add(prefix + letter);
                }
            }
            shorter = longer;
        }
    }

    private static String base36(long number, int width) {
        String digits = Long.toString(number, 36).toUpperCase(Locale.ROOT);
        return "0".repeat(width - digits.length()) + digits;
    }
}
