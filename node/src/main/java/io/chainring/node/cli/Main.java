package io.chainring.node.cli;

import io.chainring.base.text.Printable;
import io.chainring.node.StartException;
import io.chainring.node.Version;
import io.chainring.node.chaos.ChaosCommand;
import io.chainring.node.chaos.DemoCommand;
import io.chainring.node.control.DiskRefusedException;
import io.chainring.node.journal.JournalCommand;
import io.chainring.node.text.Terminal;
import java.io.PrintWriter;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * The command line of Chainring. Exit codes: 0 done, 1 failed while it ran, 2 wrong usage or configuration (one line
 * on standard error says what is wrong).
 */
@Command(
        name = "chainring",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            ServeCommand.class,
            StatusCommand.class,
            DisksCommand.class,
            DiskCommand.class,
            KillCommand.class,
            JournalCommand.class,
            ChaosCommand.class,
            DemoCommand.class
        },
        description = "A virtual disk whose I/O survives the death of whatever serves it.",
        footer = {
            "",
            "Examples:",
            "  chainring serve",
            "  chainring status --watch",
            "  chainring disk create data --size 16M",
            "  chainring kill backend --disk disk0 --how mixed --every 100ms --for 20s",
            "  chainring demo",
            "  chainring chaos --duration 60s",
            "",
            "Exit codes: 0 done, 1 failed while it ran, 2 wrong usage or configuration (one line says what is wrong)."
        })
public final class Main implements Runnable {
    private static final int EXIT_FAILED = 1;

    @Spec private CommandSpec spec;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    Main() {}

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs the command line and returns the exit code. */
    public static int run(String... args) {
        return toldOrNot(commandLine().execute(args));
    }

    /** What was to be told and could not be (a full disk) is a failure; whoever reads no further has heard enough. */
    private static int toldOrNot(int exitCode) {
        if (exitCode != CommandLine.ExitCode.OK
                || !System.out.checkError()
                || Terminal.outIsPipe()) {
            return exitCode;
        }
        System.err.println("chainring: standard output could not be written");
        return EXIT_FAILED;
    }

    public static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setUsageHelpWidth(120);
        if (!Terminal.isThere()) {
            commandLine.setColorScheme(
                    CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        }
        commandLine.setParameterExceptionHandler(Main::sayWhatIsWrong);
        commandLine.setExecutionExceptionHandler(Main::sayWhyItFailed);
        return commandLine;
    }

    private static int sayWhatIsWrong(ParameterException problem, String[] args) {
        PrintWriter err = problem.getCommandLine().getErr();
        String command = problem.getCommandLine().getCommandSpec().qualifiedName();
        err.println(line(problem) + " (see " + command + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    /** What people can mend is one line; anything else is a fault of ours, with its stack trace. */
    private static int sayWhyItFailed(
            Exception problem, CommandLine commandLine, ParseResult parsed) {
        if (problem instanceof StartException) {
            commandLine.getErr().println(line(problem));
            return CommandLine.ExitCode.USAGE;
        }
        if (problem instanceof DiskRefusedException) {
            commandLine.getErr().println(line(problem));
            return EXIT_FAILED;
        }
        LoggerFactory.getLogger(Main.class).error("This should not have happened", problem);
        return EXIT_FAILED;
    }

    /** Messages quote names, files and answers of others. */
    private static String line(Exception problem) {
        return "chainring: " + Printable.line(problem.getMessage());
    }

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }
}
