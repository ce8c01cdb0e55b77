package io.chainring.node.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainring.base.Seed;
import io.chainring.node.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command, with a node of its own and without. */
final class ChaosCommandTest {
    @TempDir private Path folder;
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(List<String> arguments) {
        CommandLine main = Main.commandLine();
        main.setOut(new PrintWriter(out));
        main.setErr(new PrintWriter(err));
        return main.execute(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chaos --faults nobody-knows",
                "chaos --faults backend-kill,",
                "chaos --disks 0",
                "chaos --clients 0",
                "chaos --duration soon",
                "chaos --after-loss weep",
                "chaos --against nbd://127.0.0.1:1/x",
                "chaos --against nbd://127.0.0.1:1/x --overwrite",
                "chaos --against http://127.0.0.1 --overwrite",
                "chaos --against nbd://127.0.0.1:1/x --overwrite --faults backend-kill"
            })
    void wrongUsageIsOneLine(String line) {
        assertEquals(2, run(List.of(line.split(" "))), out::toString);
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().startsWith("chainring: "), err::toString);
    }

    @Test
    @Tag("clients")
    void aNodeOfItsOwnKeepsItsPromisesUnderKillsAndBadClients() throws Exception {
        Path report = folder.resolve("report.html");
        long seed = Seed.of(ChaosCommandTest.class);
        int code =
                run(
                        List.of(
                                "chaos",
                                "--json",
                                "--seed",
                                Long.toString(seed),
                                "--operations",
                                "500",
                                "--faults",
                                "backend-kill,host-kill,connection-cut,half-open,slow-reader,process-stop,process-kill",
                                "--every",
                                "50ms",
                                "--answer-limit",
                                "4m",
                                "--history",
                                folder.toString(),
                                "--edn",
                                "--report",
                                report.toString()));
        assertEquals(0, code, () -> out + "\n" + err);
        JsonNode said = new ObjectMapper().readTree(out.toString());
        assertTrue(said.get("good").asBoolean(), said::toString);
        assertTrue(said.get("operations").asLong() >= 500, said::toString);
        assertTrue(said.get("node").get("completed").asLong() > 0, said::toString);
        List<String> kinds = List.of("backend-kill", "host-kill", "process-kill", "half-open");
        for (String kind : kinds) {
            assertTrue(said.get("faultsByKind").toString().contains(kind), said::toString);
        }
        assertTrue(Files.size(folder.resolve("history.edn")) > 0);
        String page = Files.readString(report);
        assertTrue(page.contains("Every promise was kept.") && page.contains("</html>"));
        assertTrue(!page.contains("http") && !page.contains("<script"), "the page is alone");
    }
}
