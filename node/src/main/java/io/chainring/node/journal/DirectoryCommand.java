package io.chainring.node.journal;

import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.store.StoreException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What all journal commands have in common: the directory, and one line for whatever is wrong (exit code 2). */
abstract class DirectoryCommand implements Callable<Integer> {
    /** What is asked for was found to be bad: damage, losses. */
    static final int FOUND_PROBLEMS = 1;

    @Spec private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "DIR", description = "the journal directory")
    private Path directory;

    @Option(
            names = "--engine",
            defaultValue = "auto",
            description = "auto, leveldbjni or iq80 (default: ${DEFAULT-VALUE})")
    private String engine;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DirectoryCommand() {}

    /** Does the work and returns the exit code. */
    abstract int execute(PrintWriter out) throws IOException;

    @Override
    public final Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        try {
            return execute(out);
        } catch (StoreException | EngineException | IllegalArgumentException e) {
            spec.commandLine().getErr().println("chainring: " + e.getMessage());
            return CommandLine.ExitCode.USAGE;
        } finally {
            out.flush();
        }
    }

    Path directory() {
        return directory;
    }

    String engine() {
        return engine;
    }
}
