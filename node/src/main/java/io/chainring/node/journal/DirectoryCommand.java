package io.chainring.node.journal;

import io.chainring.base.text.Printable;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.EngineException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
            description = "auto, system, leveldbjni or iq80 (default: ${DEFAULT-VALUE})")
    private String engine;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    DirectoryCommand() {}

    /** Does the work and returns the exit code. */
    abstract int execute(PrintWriter out) throws IOException;

    @Override
    public final Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            return execute(out);
        } catch (StoreException | EngineException | IllegalArgumentException e) {
            return say(String.valueOf(e.getMessage()));
        } catch (FileAlreadyExistsException e) {
            return say(e.getFile() + ": exists already, name another file");
        } catch (IOException e) {
            return say(words(e));
        } catch (UncheckedIOException e) {
            return say(e.getMessage() + ": " + words(e.getCause()));
        } finally {
            out.flush();
        }
    }

    IllegalArgumentException unknown(String persistenceId) {
        return new IllegalArgumentException(
                directory + ": no persistence id " + persistenceId + "; see: journal ls");
    }

    private int say(String problem) {
        spec.commandLine().getErr().println("chainring: " + Printable.line(problem));
        return CommandLine.ExitCode.USAGE;
    }

    /** Most messages of file systems are the name of the file only. */
    private static String words(@Nullable Throwable problem) {
        if (problem instanceof NoSuchFileException missing) {
            return missing.getFile() + ": no such file or directory";
        }
        if (problem instanceof AccessDeniedException denied) {
            return denied.getFile() + ": access denied";
        }
        return problem == null ? "no reason given" : String.valueOf(problem.getMessage());
    }

    Path directory() {
        return directory;
    }

    String engine() {
        return engine;
    }
}
