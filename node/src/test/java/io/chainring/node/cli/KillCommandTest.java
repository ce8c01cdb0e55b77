package io.chainring.node.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.settings.Settings;
import io.chainring.ring.signal.KillMode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The ways to die are those that a disk knows. */
class KillCommandTest {
    private final CommandLine kill = new CommandLine(new KillCommand());

    @Test
    void helpNamesEachWay() {
        String help = kill.getUsageMessage();
        List<String> ways = new ArrayList<>(Settings.labels(KillMode.class));
        ways.add("mixed");
        assertTrue(help.contains(String.join(", ", ways)), help);
        assertTrue(help.contains("backend, host, frontend, supervisor"), help);
        for (String way : ways) {
            assertTrue(help.contains("  " + way + " "), help);
        }
    }

    @Test
    void aWayThatIsNoneIsWrongUsage() {
        StringWriter err = new StringWriter();
        kill.setErr(new PrintWriter(err));
        kill.setParameterExceptionHandler(
                (problem, arguments) -> {
                    problem.getCommandLine().getErr().print(problem.getMessage());
                    return 2;
                });
        assertEquals(2, kill.execute("backend", "--disk", "a", "--how", "pray"));
        String ways = String.join(", ", Settings.labels(KillMode.class));
        assertEquals("--how 'pray': one of " + ways + ", mixed", err.toString());
        err.getBuffer().setLength(0);
        assertEquals(2, kill.execute("all", "--disk", "a", "--how", "stop"));
        assertEquals("WHO 'all': one of backend, host, frontend, supervisor", err.toString());
    }
}
