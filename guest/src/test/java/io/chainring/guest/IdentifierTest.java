package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.guest.Guest.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the helper reads out of identifiers, against the format's definition. */
class IdentifierTest {
    private static final UUID DISK = UUID.fromString("8f3c2b1e-0d4a-4c61-9b7e-5a2f1c3d4e5f");
    private static final int MAX_GENERATION = 60_466_175;

    @TempDir Path folder;

    @Test
    void theReferenceComputesThePublishedExampleOfTheCheck() {
        // The Global Release Identifier A1-2425G-ABC1234002-M is checked by ISO/IEC 7064 MOD 37,36.
        assertEquals('M', Identifiers.check("A12425GABC1234002"));
    }

    @Test
    void theReferenceCountsToTheKnownNames() {
        List<String> letters = Identifiers.lettersOfAllValues();
        assertEquals(
                List.of("a", "z", "aa", "zz", "aaa", "crxp"),
                List.of(
                        letters.get(0),
                        letters.get(25),
                        letters.get(26),
                        letters.get(701),
                        letters.get(702),
                        letters.get(Identifiers.MAX_VALUE)));
    }

    @ParameterizedTest
    @EnumSource
    void readsEachSchemeAndTheEdgesOfValuesAndGenerations(Shell shell) throws Exception {
        List<String> letters = Identifiers.lettersOfAllValues();
        List<String> identifiers = new ArrayList<>();
        StringBuilder expected = new StringBuilder();
        for (int value :
                new int[] {0, 2, 25, 26, 51, 52, 701, 702, 727, 728, 18_277, 18_278, 65_535}) {
            for (int generation : new int[] {1, 35, 36, 1_679_616, MAX_GENERATION}) {
                for (String prefix : List.of("vd", "sd", "xvd")) {
                    char scheme = Character.toUpperCase(prefix.charAt(0));
                    add(
                            identifiers,
                            expected,
                            scheme,
                            value,
                            generation,
                            prefix + letters.get(value),
                            DISK);
                }
            }
        }
        for (int value = 2; value <= 25; value++) {
            String letter = letters.get(value).toUpperCase(Locale.ROOT) + ":";
            add(identifiers, expected, 'W', value, 7, letter, DISK);
        }
        assertEquals(new Answer(0, expected.toString(), ""), decode(shell, identifiers));
    }

    @ParameterizedTest
    @EnumSource
    void readsAnyIdentifier(Shell shell) throws Exception {
        Random random = random();
        List<String> letters = Identifiers.lettersOfAllValues();
        List<String> identifiers = new ArrayList<>();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            int value = random.nextInt(Identifiers.MAX_VALUE + 1);
            int generation = 1 + random.nextInt(MAX_GENERATION);
            UUID disk = new UUID(random.nextLong(), random.nextLong());
            add(identifiers, expected, 'V', value, generation, "vd" + letters.get(value), disk);
        }
        assertEquals(new Answer(0, expected.toString(), ""), decode(shell, identifiers));
    }

    @ParameterizedTest
    @EnumSource
    void refusesEverySingleWrongCharacter(Shell shell) throws Exception {
        String right = Identifiers.vd(702, 36, DISK);
        List<String> wrong = new ArrayList<>();
        for (int at = 0; at < right.length(); at++) {
            for (char other : (Identifiers.DIGITS + "abz .:/-").toCharArray()) {
                if (other != right.charAt(at)) {
                    wrong.add(right.substring(0, at) + other + right.substring(at + 1));
                }
            }
        }
        assertRefused(shell, wrong);
    }

    @ParameterizedTest
    @EnumSource
    void refusesSwappedNeighbours(Shell shell) throws Exception {
        String right = Identifiers.vd(1234, 567_890, DISK);
        List<String> wrong = new ArrayList<>();
        for (int at = 0; at + 1 < right.length(); at++) {
            if (right.charAt(at) != right.charAt(at + 1)) {
                wrong.add(
                        right.substring(0, at)
                                + right.charAt(at + 1)
                                + right.charAt(at)
                                + right.substring(at + 2));
            }
        }
        assertRefused(shell, wrong);
    }

    @ParameterizedTest
    @EnumSource
    void refusesWhatTheFormatDoesNotAllowThoughItsCheckIsRight(Shell shell) throws Exception {
        String digest = Identifiers.digest(DISK);
        assertRefused(
                shell,
                List.of(
                        Identifiers.withCheck("DV000200001" + digest),
                        Identifiers.withCheck("CN000200001" + digest),
                        Identifiers.withCheck("CV1EKG00001" + digest),
                        Identifiers.withCheck("CVZZZZ00001" + digest),
                        Identifiers.withCheck("CV000200000" + digest),
                        Identifiers.withCheck("CW000100001" + digest),
                        Identifiers.withCheck("CW000Q00001" + digest),
                        Identifiers.withCheck("CV00020001" + digest),
                        Identifiers.withCheck("CV0002000001" + digest),
                        Identifiers.vd(2, 1, DISK).toLowerCase(Locale.ROOT),
                        Identifiers.vd(2, 1, DISK) + "\n",
                        " " + Identifiers.vd(2, 1, DISK),
                        "CVÄÖÜ",
                        "C",
                        ""));
    }

    private void assertRefused(Shell shell, List<String> wrong) throws Exception {
        Answer answer = decode(shell, wrong);
        assertEquals(3, answer.code(), answer.toString());
        assertEquals("", answer.output());
        assertEquals(wrong.size(), answer.errors().lines().count(), answer.errors());
    }

    private Answer decode(Shell shell, List<String> identifiers) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("decode"));
        arguments.addAll(identifiers);
        return new Guest(folder, shell).run(arguments.toArray(String[]::new));
    }

    private static void add(
            List<String> identifiers,
            StringBuilder expected,
            char scheme,
            int value,
            int generation,
            String name,
            UUID disk) {
        String identifier = Identifiers.identifier(scheme, value, generation, disk);
        identifiers.add(identifier);
        expected.append(identifier)
                .append(" name=" + name)
                .append(" value=" + value)
                .append(" generation=" + generation)
                .append(" digest=" + Identifiers.digest(disk) + "\n");
    }

    static Random random() {
        long seed = Long.getLong("chainring.seed", new Random().nextLong());
        System.out.println("chainring.seed=" + seed);
        return new Random(seed);
    }
}
