package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.chainring.registry.name.DriveLetterIdentifier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk commands as people type them, against a node in a process of its own, with the clients that people use. */
@Tag("clients")
class DiskCommandsProofTest {
    private static final int LIMIT_SECONDS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir Path folder;

    private NodeProcess serve() throws Exception {
        return NodeProcess.serve(
                folder.resolve("data"),
                "--disk",
                "d=" + folder.resolve("d.img") + ",size=64M",
                "--nbd-socket",
                folder.resolve("s").toString());
    }

    private NodeProcess.Ended run(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("disk"));
        all.addAll(List.of(arguments));
        all.addAll(List.of("--data", folder.resolve("data").toString()));
        return NodeProcess.run(all);
    }

    /** A command that ends well; the disk as it is then. */
    private JsonNode disk(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        NodeProcess.Ended ended = run(all.toArray(String[]::new));
        assertEquals(0, ended.exitCode(), ended::output);
        return JSON.readTree(ended.output());
    }

    private JsonNode create(String name, String device) throws Exception {
        String image = folder.resolve(name + ".img").toString();
        return disk("create", name, "--path", image, "--size", "16M", "--name", device);
    }

    /** A command that the node refuses: one line, exit code 1. */
    private void refused(String why, String... arguments) throws Exception {
        NodeProcess.Ended ended = run(arguments);
        assertEquals(1, ended.exitCode(), ended::output);
        assertEquals(1, ended.output().lines().count(), ended::output);
        assertTrue(ended.output().startsWith("chainring: "), ended::output);
        assertTrue(ended.output().contains(why), ended::output);
    }

    private String uri(String export) {
        return "nbd+unix:///" + export + "?socket=" + folder.resolve("s");
    }

    private String nbdinfo(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("nbdinfo"));
        all.addAll(List.of(arguments));
        return ExternalTool.run(LIMIT_SECONDS, all.toArray(String[]::new));
    }

    private void io(String export, String... commands) throws Exception {
        List<String> all = new ArrayList<>(List.of("qemu-io", "-f", "raw"));
        for (String each : commands) {
            all.addAll(List.of("-c", each));
        }
        all.add(uri(export));
        ExternalTool.run(LIMIT_SECONDS, all.toArray(String[]::new));
    }

    @Test
    void disksComeChangeAndGoWhileAnotherIsWrittenTo() throws Exception {
        ExternalTool.require("qemu-io", "nbdinfo", "stdbuf");
        try (NodeProcess node = serve();
                PatternWriter bystander = new PatternWriter()) {
            bystander.start(folder.resolve("s"), 0);
            bystander.awaitAcknowledged(100);
            JsonNode made = create("e", "vdc");
            String uuid = made.get("uuid").asText();
            String identifier = made.get("identifier").asText();
            assertTrue(DriveLetterIdentifier.parse(identifier).isOf(UUID.fromString(uuid)));
            for (String export : List.of("e", uuid, "vdc")) {
                String info = nbdinfo(uri(export));
                assertTrue(info.contains("export=\"e\""), info);
                assertTrue(
                        info.contains("description: Chainring disk e, identifier " + identifier),
                        info);
            }
            io("vdc", "write -P 0x17 0 1M", "flush");
            try (TypedClient client = TypedClient.connect(uri("e"))) {
                client.does("read -P 0x17 0 64k");
                assertEquals(32 << 20, disk("resize", "e", "32M").get("sizeBytes").asInt());
                assertEquals("33554432", nbdinfo("--size", uri("e")).strip());
                io("e", "write -P 0x18 31M 1M", "read -P 0x18 31M 1M");
                client.does("read -P 0x17 64k 64k");
            }
            assertEquals("vde", disk("rename", "vdc", "vde").get("deviceName").asText());
            assertEquals("f", disk("rename", "vde", "f").get("name").asText());
            io("vde", "read -P 0x17 0 1M", "read -P 0x18 31M 1M");
            assertEquals("free", disk("eject", "f").get("state").asText());
            JsonNode back = disk("insert", uuid);
            assertEquals("vde", back.get("deviceName").asText());
            assertEquals(2, back.get("generation").asInt());
            assertNotEquals(identifier, back.get("identifier").asText());
            io("f", "read -P 0x17 0 1M", "read -P 0x18 31M 1M");
            bystander.awaitAcknowledged(bystander.acknowledged() + 100);
            bystander.finish();
            bystander.verify(folder.resolve("d.img"));
            assertEquals(0, node.disk("d").get("restarts").asInt());
            node.stop();
        }
    }

    @Test
    void r5_anEjectIsRefusedWhileAClientIsConnectedUnlessItIsForced() throws Exception {
        ExternalTool.require("qemu-io", "nbdinfo", "stdbuf");
        try (NodeProcess node = serve()) {
            create("e", "vdc");
            try (TypedClient client = TypedClient.connect(uri("e"))) {
                client.does("write -P 9 0 64k");
                refused("disk e has 1 client connected", "eject", "e");
                refused("disk e has 1 client connected", "rename", "e", "vdd");
                assertEquals("inserted", disk("lookup", "e").get("state").asText());
                JsonNode free = disk("eject", "vdc", "--force");
                assertEquals("free", free.get("state").asText());
                assertTrue(free.get("deviceName").isNull());
                client.cannot("read 0 64k");
            }
            assertFalse(nbdinfo("--list", uri("")).contains("export=\"e\""));
            for (byte each : ProcessProofTest.read(folder.resolve("e.img"), 0, 64 << 10)) {
                assertEquals(9, each);
            }
            refused("not inserted", "eject", "e");
            create("g", "vdc");
            refused("vdc is allocated to disk g", "insert", "e");
            node.stop();
        }
    }

    @Test
    void namesAndGenerationsSurviveKill9BetweenCommands() throws Exception {
        ExternalTool.require("nbdinfo");
        JsonNode made;
        try (NodeProcess node = serve()) {
            made = create("e", "vdc");
            node.signal("KILL");
            node.exitCode(Duration.ofSeconds(120));
        }
        try (NodeProcess node = serve()) {
            JsonNode again = disk("lookup", "vdc");
            assertEquals(made.get("identifier"), again.get("identifier"));
            assertEquals("inserted", again.get("state").asText());
            assertTrue(nbdinfo(uri("vdc")).contains(made.get("identifier").asText()));
            disk("eject", "e");
            node.signal("KILL");
            node.exitCode(Duration.ofSeconds(120));
        }
        try (NodeProcess node = serve()) {
            assertEquals("free", disk("lookup", "e").get("state").asText());
            JsonNode back = disk("insert", "e");
            assertEquals("vdc", back.get("deviceName").asText());
            assertEquals(2, back.get("generation").asInt());
            node.stop();
        }
    }

    @Test
    void changesSurviveKill9BetweenCommands() throws Exception {
        ExternalTool.require("nbdinfo");
        JsonNode made;
        try (NodeProcess node = serve()) {
            made = create("e", "vdc");
            disk("rename", "e", "f");
            disk("rename", "f", "vdg");
            disk("rename", "vdg", "vdisk", "--disk-name");
            disk("rename", "vdisk", "f");
            disk("resize", "f", "32M");
            node.signal("KILL");
            node.exitCode(Duration.ofSeconds(120));
        }
        try (NodeProcess node = serve()) {
            JsonNode last = disk("lookup", made.get("uuid").asText());
            assertEquals("f", last.get("name").asText());
            assertEquals("vdg", last.get("deviceName").asText());
            assertEquals("33554432", nbdinfo("--size", uri("vdg")).strip());
            node.stop();
        }
    }

    @Test
    void wrongUsageIsOneLine() throws Exception {
        for (List<String> wrong :
                List.of(
                        List.of("create"),
                        List.of("create", "e", "--size", "many"),
                        List.of("resize", "e", "0"),
                        List.of("nothing"),
                        List.of("ls"))) {
            NodeProcess.Ended ended = run(wrong.toArray(String[]::new));
            assertEquals(2, ended.exitCode(), ended::output);
            assertEquals(1, ended.output().lines().count(), ended::output);
        }
    }
}
