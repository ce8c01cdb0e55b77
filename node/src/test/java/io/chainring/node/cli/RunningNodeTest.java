package io.chainring.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.typesafe.config.ConfigFactory;
import io.chainring.node.service.Node;
import io.chainring.node.service.NodeSettings;
import io.chainring.node.service.RequestedDisk;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands against a node that runs: what scripts read of them. */
class RunningNodeTest {
    @TempDir Path data;
    @TempDir Path images;
    private Node node;

    @BeforeEach
    void start() throws Exception {
        node =
                Node.start(
                        NodeSettings.of(
                                ConfigFactory.parseMap(
                                                Map.of(
                                                        "chainring.node.data",
                                                        data.toString(),
                                                        "chainring.node.loops",
                                                        1,
                                                        "chainring.node.nbd.listen",
                                                        List.of("127.0.0.1:0")))
                                        .withFallback(ConfigFactory.load()),
                                List.of(
                                        new RequestedDisk("a", images.resolve("a"), 1 << 20),
                                        new RequestedDisk("b", images.resolve("b"), 2 << 20))));
    }

    @AfterEach
    void stop() {
        assertTrue(node.stop());
    }

    private List<JsonNode> json(int exitCode, String... words) throws Exception {
        StringWriter out = new StringWriter();
        List<String> all = new ArrayList<>(List.of(words));
        all.addAll(List.of("--json", "--data", data.toString()));
        int code =
                Main.commandLine().setOut(new PrintWriter(out)).execute(all.toArray(String[]::new));
        assertEquals(exitCode, code, out.toString());
        List<JsonNode> documents = new ArrayList<>();
        ObjectMapper mapper = new ObjectMapper();
        for (String line : out.toString().lines().toList()) {
            documents.add(mapper.readTree(line));
        }
        return documents;
    }

    @Test
    void disksAreListed() throws Exception {
        JsonNode listing = json(0, "disks").get(0);
        assertEquals(2, listing.get("disks").size());
        JsonNode second = listing.get("disks").get(1);
        assertEquals("b", second.get("name").asText());
        assertEquals(2 << 20, second.get("sizeBytes").asLong());
        assertEquals("serving", second.get("state").asText());
        assertEquals(images.resolve("b").toString(), second.get("path").asText());
        assertTrue(listing.get("nbd").get(0).asText().startsWith("nbd://127.0.0.1:"));
    }

    @Test
    void killsAreCounted() throws Exception {
        assertTrue(
                json(0, "kill", "backend", "--disk", "a", "--how", "stop")
                        .get(0)
                        .get("killed")
                        .asBoolean());
        List<JsonNode> lines =
                json(
                        0, "kill", "backend", "--disk", "b", "--how", "stop", "--every", "20ms",
                        "--for", "2s");
        JsonNode done = lines.get(lines.size() - 1);
        assertEquals("b", done.get("disk").asText());
        assertTrue(done.get("kills").asLong() > 0, done.toString());
        assertTrue(done.get("kills").asLong() <= done.get("asked").asLong(), done.toString());
        assertEquals(0, done.get("hostRestarts").asLong());
        assertTrue(done.get("recoveries").asInt() > 0, done.toString());
        double median = done.get("medianRecoveryMillis").asDouble();
        assertTrue(
                0 < median && median <= done.get("longestRecoveryMillis").asDouble(),
                done.toString());
    }

    @Test
    void aDiskThatIsNoneIsSaid() throws Exception {
        assertEquals(List.of(), json(2, "kill", "host", "--disk", "c", "--how", "stop"));
        assertEquals(
                List.of(),
                json(
                        2, "kill", "host", "--disk", "c", "--how", "stop", "--every", "1s", "--for",
                        "2s"));
    }

    @Test
    void statusIsTheNodesOwnAnswer() throws Exception {
        JsonNode status = json(0, "status").get(0);
        Iterator<JsonNode> disks = status.get("disks").elements();
        assertEquals("a", disks.next().get("name").asText());
        assertEquals("serving", status.get("state").asText());
        assertFalse(status.get("fsync").asBoolean());
    }
}
