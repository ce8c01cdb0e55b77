package io.chainring.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.node.cli.Main;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class MainTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }

    @Test
    void versionNamesTheBuild() {
        assertEquals(0, run("--version"));
        assertTrue(
                out.toString().matches("chainring \\d+\\.\\d+\\.\\d+\\S* \\(Java .+\\)\\R"),
                out::toString);
    }

    @Test
    void wrongUsageIsOneLineAndExitCodeTwo() {
        assertEquals(2, run("--no-such-option"));
        assertEquals("", out.toString());
        assertEquals(1, err.toString().lines().count(), err::toString);
        assertTrue(err.toString().startsWith("chainring: "), err::toString);
        assertTrue(err.toString().contains("--no-such-option"), err::toString);
    }
}
