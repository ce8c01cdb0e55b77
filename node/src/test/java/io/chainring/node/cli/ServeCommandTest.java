package io.chainring.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is wrong with an option or a setting is said before anything is made. */
class ServeCommandTest {
    @TempDir Path folder;

    private void refused(String message, String... options) throws Exception {
        StringWriter errors = new StringWriter();
        List<String> words = new ArrayList<>(List.of("serve", "--data", folder + "/data"));
        words.addAll(List.of(options));
        CommandLine commandLine = Main.commandLine().setErr(new PrintWriter(errors));
        assertEquals(2, commandLine.execute(words.toArray(String[]::new)));
        assertEquals("chainring: " + message + System.lineSeparator(), errors.toString());
        try (var files = Files.list(folder)) {
            assertTrue(files.noneMatch(Files::isDirectory), "a data directory was made");
        }
    }

    @Test
    void anOptionIsNamedAsItWasGiven() throws Exception {
        refused("--crash-policy = no: one of resume, fail, abandon", "--crash-policy", "no");
        refused("--tls = maybe: one of off, on, required", "--tls", "maybe");
        refused(
                "--metrics = nowhere: address 'nowhere': HOST:PORT is expected, such as 127.0.0.1:10809 or [::1]:10809",
                "--metrics",
                "nowhere");
        refused(
                "--nbd = 10809x: address '10809x': HOST:PORT is expected, such as 127.0.0.1:10809 or [::1]:10809",
                "--nbd",
                "10809x");
        refused("--fsync = often: on or off", "--fsync", "often");
    }

    @Test
    void aSettingIsNamedWithItsPath() throws Exception {
        Path file = folder.resolve("node.conf");
        Files.writeString(file, "chainring.ring.crash-policy = no");
        refused(
                "chainring.ring.crash-policy = no: one of resume, fail, abandon",
                "--config",
                file.toString());
    }

    @Test
    void misspeltSettingsAreRefused() throws Exception {
        Path file = folder.resolve("node.conf");
        for (String each : List.of("chainring.node.lops = 2", "chainring.nod.loops = 2")) {
            Files.writeString(file, each);
            String said =
                    each.contains("lops")
                            ? "node.lops: there is no such setting, but loops"
                            : "nod: there is no such setting, but node";
            refused("chainring." + said + " (" + file + ": 1)", "--config", file.toString());
        }
    }
}
