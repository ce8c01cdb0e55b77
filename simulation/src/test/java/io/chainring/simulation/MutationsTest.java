package io.chainring.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What {@code checks/mutations.sh} replaces must be there, once: a list of bugs that cannot be planted proves nothing. */
class MutationsTest {
    private static final Path ROOT = Path.of(System.getProperty("chainring.rootDirectory", ".."));
    private static final int BUGS_LEAST = 15;

    @Test
    void everyBugCanBePlanted() throws IOException {
        List<String> wrong = new ArrayList<>();
        Set<String> names = new TreeSet<>();
        for (String line : lines()) {
            String[] columns = line.split(" \\| ", -1);
            assertEquals(5, columns.length, line);
            String text = columns[2].replace("\\|", "|").strip();
            Path source =
                    ROOT.resolve(columns[4].strip())
                            .resolve("src/main/java")
                            .resolve(columns[1].strip().replace('.', '/') + ".java");
            if (!Files.exists(source) || count(text, Files.readString(source)) != 1) {
                wrong.add(columns[0] + ": not once in " + source + ": " + text);
            }
            if (text.equals(columns[3].strip())) {
                wrong.add(columns[0] + ": changes nothing");
            }
            names.add(columns[0]);
        }
        assertEquals(List.of(), wrong);
        assertTrue(names.size() >= BUGS_LEAST, names.toString());
    }

    private static List<String> lines() throws IOException {
        try (Stream<String> lines = Files.lines(ROOT.resolve("checks/mutations.txt"))) {
            return lines.filter(line -> !line.startsWith("#") && !line.isBlank()).toList();
        }
    }

    private static long count(String text, String source) {
        String words =
                Arrays.stream(text.split(" +"))
                        .map(Pattern::quote)
                        .collect(Collectors.joining("\\s+"));
        return Pattern.compile(words).matcher(source).results().count();
    }
}
