package io.chainring.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainring.persistence.database.StoreSettings;
import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineOptions;
import io.chainring.persistence.engine.Engines;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.Records;
import io.chainring.persistence.store.AtomicAppend;
import io.chainring.persistence.store.Store;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What an operator sees of each journal command. */
final class JournalCommandTest {
    @TempDir Path root;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return new CommandLine(new JournalCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
    }

    private Path filled() {
        Path directory = root.resolve("journal");
        Store store = Store.open(StoreSettings.forTools(directory, "auto"));
        for (long n = 1; n <= 3; n++) {
            AtomicAppend.Event event =
                    new AtomicAppend.Event(
                            n,
                            new Serialized(
                                    20, "S", ("event " + n).getBytes(StandardCharsets.UTF_8)),
                            "",
                            "w",
                            Set.of("red"),
                            null);
            store.append(List.of(new AtomicAppend("disk-a", List.of(event))), false);
        }
        store.close();
        return directory;
    }

    @Test
    void lists() {
        assertEquals(0, run("ls", filled().toString()));
        assertTrue(out.toString().matches("(?s).*disk-a +3 +0 +3  -\n"), out.toString());
    }

    @Test
    void shows() {
        assertEquals(0, run("show", filled().toString(), "disk-a", "--from", "2", "--to", "2"));
        assertTrue(out.toString().contains("disk-a: highest 3, deleted to 0"), out.toString());
        assertTrue(out.toString().contains("serializer 20 S  7 bytes  6576656e742032  tags [red]"));
        assertEquals(2, out.toString().lines().count());
    }

    @Test
    void verifiesRepairsAndCompacts() {
        String directory = filled().toString();
        assertEquals(0, run("verify", directory));
        assertTrue(out.toString().contains("1 persistence ids, 3 events, everything is intact"));
        assertEquals(0, run("repair", directory));
        assertTrue(out.toString().contains("kept 1 persistence ids, 3 events"), out.toString());
        assertEquals(0, run("compact", directory));
        assertEquals("", err.toString());
    }

    @Test
    void repairOfAWholeJournalAsJson() throws IOException {
        Path directory = filled();
        assertEquals(0, run("repair", directory.toString(), "--json"));
        JsonNode repaired = repaired(directory);
        assertEquals(1, repaired.get("persistenceIds").asLong());
        assertEquals(3, repaired.get("events").asLong());
        assertTrue(repaired.get("lost").isArray());
        assertEquals(0, repaired.get("lost").size());
    }

    @Test
    void repairNamesWhatIsLostAsJson() throws IOException {
        Path directory = filled();
        try (Engine raw =
                Engines.open(Engines.choose("auto", ""), directory, EngineOptions.DEFAULT)) {
            byte[] name = Keys.name("disk-a");
            long number = Records.number(name, Objects.requireNonNull(raw.get(name)));
            raw.write(List.of(Engine.Change.delete(Keys.event(number, 2))), true);
        }
        Files.delete(directory.resolve("CURRENT"));
        assertEquals(1, run("repair", directory.toString(), "--json"));
        JsonNode repaired = repaired(directory);
        assertEquals(1, repaired.get("persistenceIds").asLong());
        assertEquals(1, repaired.get("events").asLong());
        JsonNode lost = repaired.get("lost");
        assertEquals(2, lost.size(), lost::toString);
        assertEquals("disk-a", lost.get(0).get("persistenceId").asText());
        assertTrue(lost.get(0).get("what").asText().startsWith("events 2 to 3 "), lost::toString);
        // Nobody knows whose that was.
        assertTrue(lost.get(1).path("persistenceId").isNull(), lost::toString);
        assertTrue(lost.get(1).get("what").asText().contains("file CURRENT is missing"));
    }

    /** The one line of the answer. */
    private JsonNode repaired(Path directory) throws IOException {
        assertEquals("", err.toString());
        assertEquals(1, out.toString().lines().count());
        JsonNode repaired = new ObjectMapper().readTree(out.toString());
        List<String> fields = new ArrayList<>();
        repaired.fieldNames().forEachRemaining(fields::add);
        assertEquals(List.of("directory", "backup", "persistenceIds", "events", "lost"), fields);
        assertEquals(directory.toString(), repaired.get("directory").asText());
        Path backup = Path.of(repaired.get("backup").asText());
        assertTrue(Files.isDirectory(backup), backup.toString());
        assertEquals(directory.getParent(), backup.getParent());
        return repaired;
    }

    @Test
    void exports() throws IOException {
        Path file = root.resolve("events.json");
        assertEquals(0, run("export", filled().toString(), "-o", file.toString()));
        assertEquals(3, Files.readAllLines(file).size());
    }

    @Test
    void showSaysThatThereAreMore() {
        assertEquals(0, run("show", filled().toString(), "disk-a", "--limit", "2"));
        assertTrue(out.toString().endsWith("... there are more; see --from 3, or --limit\n"));
        assertEquals(4, out.toString().lines().count());
    }

    @Test
    void exportIsNeverQuietlyShorter() throws IOException {
        String directory = filled().toString();
        Path file = Files.createFile(root.resolve("events.json"));
        assertEquals(2, run("export", directory, "-o", file.toString()));
        assertEquals(
                "chainring: " + file + ": exists already, name another file\n", err.toString());
        assertEquals(2, run("export", directory, "-o", root.resolve("no/where").toString()));
        assertEquals(2, run("export", directory, "--id", "disk-z"));
        PrintStream standard = System.out;
        System.setOut(new PrintStream(new Full(), true, StandardCharsets.UTF_8));
        try {
            assertEquals(2, run("export", directory));
        } finally {
            System.setOut(standard);
        }
        assertTrue(err.toString().endsWith("standard output: not everything could be written\n"));
    }

    private static final class Full extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            throw new IOException("no space left on device");
        }
    }

    @Test
    void verifyOfNoJournalIsAWrongCall() throws IOException {
        assertEquals(2, run("verify", root.resolve("nowhere").toString()));
        Path letters = Files.createDirectory(root.resolve("letters"));
        Files.writeString(letters.resolve("letter"), "hello");
        err.getBuffer().setLength(0);
        assertEquals(2, run("verify", letters.toString()));
        assertEquals("chainring: " + letters + ": there is no journal in it\n", err.toString());
    }

    @Test
    void whatIsWrongIsOneLineAndExitCodeTwo() {
        Path nowhere = root.resolve("nowhere");
        assertEquals(2, run("ls", nowhere.toString()));
        assertEquals(
                "chainring: " + nowhere + ": there is no such journal directory\n", err.toString());
    }
}
