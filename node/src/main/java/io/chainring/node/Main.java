package io.chainring.node;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The command line of Chainring. Exit codes: 0 done, 2 wrong usage or configuration (one line on
 * standard error says what is wrong).
 */
@Command(
        name = "chainring",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "A virtual disk whose I/O survives the death of whatever serves it.")
public final class Main implements Runnable {

    @Spec private CommandSpec spec;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    Main() {}

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs the command line and returns the exit code. */
    static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main());
        commandLine.setParameterExceptionHandler(Main::sayWhatIsWrong);
        return commandLine;
    }

    private static int sayWhatIsWrong(ParameterException problem, String[] args) {
        PrintWriter err = problem.getCommandLine().getErr();
        String command = problem.getCommandLine().getCommandSpec().qualifiedName();
        err.println("chainring: " + problem.getMessage() + " (see " + command + " --help)");
        return CommandLine.ExitCode.USAGE;
    }

    /** Without a subcommand there is nothing to do. */
    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }
}
