package io.chainring.registry.name;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The identifier's format, and row R4 where it is read. */
class DriveLetterIdentifierTest {
    private static final int ROUNDS = 5_000;
    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private final SplittableRandom random =
            new SplittableRandom(Seed.next("DriveLetterIdentifierTest"));

    private DriveLetterIdentifier any() {
        NameScheme scheme = NameScheme.values()[random.nextInt(NameScheme.values().length)];
        int value = random.nextInt(scheme.lowest(), scheme.largest() + 1);
        int generation = 1 + random.nextInt(DriveLetterIdentifier.LARGEST_GENERATION);
        UUID uuid = new UUID(random.nextLong(), random.nextLong());
        return DriveLetterIdentifier.of(new DeviceName(scheme, value), generation, uuid);
    }

    private static void refused(String text) {
        assertThrows(
                IllegalArgumentException.class,
                () -> DriveLetterIdentifier.parse(text),
                () -> text + " was accepted");
    }

    /** Made by another program from the drawing; this format is frozen. */
    @ParameterizedTest
    @CsvSource({
        "vdc, 1, 00000000-0000-0000-0000-000000000000, CV000200001624THNU68",
        "sdcrxp, 60466175, ffffffff-ffff-ffff-ffff-ffffffffffff, CS1EKFZZZZZ9Y7SQ94UB",
        "xvdaa, 2, 12345678-9abc-def0-1122-334455667788, CX000Q0000271G0DQOVN",
        "D:, 36, 12345678-9abc-def0-1122-334455667788, CW00030001071G0DQOV4",
    })
    void isAsItAlwaysWas(String name, int generation, String uuid, String text) {
        DriveLetterIdentifier identifier =
                DriveLetterIdentifier.of(DeviceName.parse(name), generation, UUID.fromString(uuid));
        assertEquals(text, identifier.toString());
        assertEquals(identifier, DriveLetterIdentifier.parse(text));
    }

    @Test
    void comesBackAsItWas() {
        for (int i = 0; i < ROUNDS; i++) {
            DriveLetterIdentifier identifier = any();
            String text = identifier.toString();
            assertEquals(DriveLetterIdentifier.LENGTH, text.length());
            assertTrue(text.chars().allMatch(c -> ALPHABET.indexOf(c) >= 0), text);
            assertEquals(identifier, DriveLetterIdentifier.parse(text));
        }
    }

    @Test
    void everySingleWrongCharacterIsRefused() {
        for (int i = 0; i < ROUNDS / 50; i++) {
            String text = any().toString();
            for (int at = 0; at < text.length(); at++) {
                for (char other : (ALPHABET + "abcxyz-_ \u00C4").toCharArray()) {
                    if (other != text.charAt(at)) {
                        refused(text.substring(0, at) + other + text.substring(at + 1));
                    }
                }
            }
        }
    }

    /** The standard promises nearly all: of the possible swaps 72 of 45,360 pass (0.16 %). */
    @Test
    void swappedNeighboursAreRefusedNearlyAlways() {
        int swaps = 0;
        int passed = 0;
        for (int i = 0; i < ROUNDS; i++) {
            char[] text = any().toString().toCharArray();
            for (int at = 2; at + 1 < text.length; at++) {
                if (text[at] != text[at + 1]) {
                    char[] swapped = text.clone();
                    swapped[at] = text[at + 1];
                    swapped[at + 1] = text[at];
                    swaps++;
                    if (DriveLetterIdentifier.tryParse(new String(swapped)) != null) {
                        passed++;
                    }
                }
            }
        }
        System.out.println(passed + " of " + swaps + " swaps passed");
        assertTrue(passed * 100L < swaps, passed + " of " + swaps + " swaps passed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "C",
                "CV00020000100000000",
                "CV0002000010000000000",
                "cv000200001000000000",
                "CV0002 0001000000000",
                "--------------------"
            })
    void whatIsNoIdentifierIsRefusedInOneLine(String text) {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> DriveLetterIdentifier.parse(text));
        assertEquals(1, String.valueOf(e.getMessage()).lines().count(), e.getMessage());
    }

    /** With a right check character: other versions and schemes, and numbers out of their bounds. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DV00020000100000000", "CA00020000100000000", "CV1EKG0000100000000",
                "CVZZZZ0000100000000", "CW00010000100000000", "CW000Q0000100000000",
                "CV00020000000000000", "CV000200001ZZZZZZZZ"
            })
    void whatTheCheckCharacterDoesNotSeeIsRefusedToo(String text) {
        refused(text + CheckCharacter.of(text));
    }

    @Test
    void tellsDisksApart() {
        UUID uuid = new UUID(random.nextLong(), random.nextLong());
        UUID other = new UUID(random.nextLong(), random.nextLong());
        DriveLetterIdentifier identifier =
                DriveLetterIdentifier.of(DeviceName.parse("vdc"), 1, uuid);
        assertTrue(identifier.isOf(uuid));
        assertFalse(identifier.isOf(other));
        assertNotEquals(identifier, DriveLetterIdentifier.of(DeviceName.parse("vdc"), 2, uuid));
    }
}
