package io.chainring.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.guest.Guest.Answer;
import io.chainring.registry.name.DeviceName;
import io.chainring.registry.name.DriveLetterIdentifier;
import io.chainring.registry.name.NameScheme;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The helper against the class by which the server makes identifiers: what one says the other reads. */
@Tag("clients")
class ServerAgreementTest {
    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource
    void theGuestReadsWhatTheServerMakes(Shell shell) throws Exception {
        Random random = IdentifierTest.random();
        List<String> arguments = new ArrayList<>(List.of("decode"));
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            NameScheme scheme = NameScheme.values()[i % NameScheme.values().length];
            int value = scheme.lowest() + random.nextInt(scheme.largest() - scheme.lowest() + 1);
            int generation = 1 + random.nextInt(DriveLetterIdentifier.LARGEST_GENERATION);
            UUID disk = new UUID(random.nextLong(), random.nextLong());
            DeviceName name = new DeviceName(scheme, value);
            String text = DriveLetterIdentifier.of(name, generation, disk).toString();
            arguments.add(text);
            expected.append(text + " name=" + name)
                    .append(" value=" + value)
                    .append(" generation=" + generation)
                    .append(" digest=" + Identifiers.digest(disk) + "\n");
        }
        Guest guest = new Guest(folder, shell);
        assertEquals(
                new Answer(0, expected.toString(), ""),
                guest.run(arguments.toArray(String[]::new)));
    }

    /** Any 19 characters with the right check: most are nonsense, and both must think so of the same ones. */
    @ParameterizedTest
    @EnumSource
    void bothRefuseTheSame(Shell shell) throws Exception {
        Random random = IdentifierTest.random();
        List<String> accepted = new ArrayList<>();
        List<String> arguments = new ArrayList<>(List.of("decode"));
        for (int i = 0; i < 800; i++) {
            StringBuilder text = new StringBuilder(i % 8 == 0 ? "" : "C");
            text.append(i % 8 == 1 ? "" : "VSXW".charAt(random.nextInt(4)));
            // Values, generations and digests on both sides of their limits.
            text.append(List.of("0000", "000P", "000Q", "1EKF", "1EKG", "").get(random.nextInt(6)));
            text.append(List.of("00000", "00001", "ZZZZZ", "").get(random.nextInt(4)));
            String largest = Long.toString((1L << 41) - 1, 36).toUpperCase(Locale.ROOT);
            String smallest = Long.toString(1L << 41, 36).toUpperCase(Locale.ROOT);
            text.append(List.of(largest, smallest, "00000000", "").get(random.nextInt(4)));
            while (text.length() < 19) {
                text.append(Identifiers.DIGITS.charAt(random.nextInt(36)));
            }
            String identifier = Identifiers.withCheck(text.substring(0, 19));
            arguments.add(identifier);
            try {
                DriveLetterIdentifier.parse(identifier);
                accepted.add(identifier);
            } catch (IllegalArgumentException e) {
                assertTrue(String.valueOf(e.getMessage()).contains(identifier), identifier);
            }
        }
        Answer answer = new Guest(folder, shell).run(arguments.toArray(String[]::new));
        assertEquals(
                accepted,
                answer.output().lines().map(line -> line.substring(0, line.indexOf(' '))).toList());
        assertTrue(!accepted.isEmpty() && accepted.size() < 800, accepted.size() + " accepted");
    }
}
