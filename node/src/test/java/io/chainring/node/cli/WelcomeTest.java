package io.chainring.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.node.service.Node;
import io.chainring.node.service.NodeSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that a node prints, in a folder whose name a shell would like to read. */
class WelcomeTest {
    @TempDir Path parent;

    private static List<String> words(String command) throws Exception {
        Process bash = new ProcessBuilder("timeout", "30", "bash", "--norc", "-s").start();
        String script =
                "sudo() { \"$@\"; }\n"
                        + "for each in nbdinfo nbdcopy qemu-img qemu-io fio nbd-client ./chainring; do\n"
                        + "eval \"$each() { printf '%s\\\\0' $each \\\"\\$@\\\"; }\"\ndone\n"
                        + command
                        + "\n";
        try (var in = bash.getOutputStream()) {
            in.write(script.getBytes(StandardCharsets.UTF_8));
        }
        String out = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(bash.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor(), () -> command + ": " + err);
        return List.of(out.split("\0"));
    }

    @Test
    @Tag("clients")
    void eachIsWhatItSaysWhateverStandsInAName() throws Exception {
        Path folder = Files.createDirectory(parent.resolve("it's $HOME & \"x\" #?%"));
        Path data = folder.resolve("da ta");
        Path socket = folder.resolve("s o");
        NodeSettings settings =
                NodeSettings.of(
                        ConfigFactory.parseMap(
                                        Map.of(
                                                "chainring.node.data", data.toString(),
                                                "chainring.node.default-disk-size", "1 MiB",
                                                "chainring.node.nbd.listen", List.of(),
                                                "chainring.node.nbd.sockets",
                                                        List.of(socket.toString())))
                                .withFallback(ConfigFactory.load()),
                        List.of());
        Node node = Node.start(settings);
        List<String> commands = new ArrayList<>();
        try {
            for (String line : new Welcome(node, settings).text().lines().toList()) {
                if (line.matches("  (sudo |\\./chainring |nbd|qemu|fio ).*")) {
                    commands.add(line.strip());
                }
            }
        } finally {
            assertTrue(node.stop());
        }
        assertTrue(commands.size() >= 7, commands::toString);
        int withData = 0;
        int withUri = 0;
        String uri =
                "nbd+unix:///disk0?socket="
                        + parent
                        + "/it%27s%20%24HOME%20%26%20%22x%22%20%23%3F%25/s%20o";
        for (String command : commands) {
            List<String> words = words(command);
            int option = words.indexOf("--data");
            if (option >= 0) {
                withData++;
                assertEquals(data.toString(), words.get(option + 1));
            }
            for (String word : words) {
                if (word.contains("nbd+unix:")) {
                    withUri++;
                    assertTrue(word.endsWith(uri), word);
                }
            }
            assertFalse(words.contains("#?%"), command);
        }
        assertEquals(2, withData);
        assertEquals(5, withUri);
    }
}
