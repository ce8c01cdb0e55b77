package io.chainring.node.journal;

import io.chainring.base.text.Printable;
import io.chainring.persistence.tool.Verification;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** Checks a journal. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Reads everything and checks it. Exit code 1: something is wrong.")
final class VerifyCommand extends DirectoryCommand {
    @Override
    int execute(PrintWriter out) {
        Verification result = Verification.of(directory(), engine());
        result.problems().forEach(line -> out.println(Printable.line(line)));
        out.printf(
                "%s: %d persistence ids, %d events, %s%n",
                directory(),
                result.persistenceIds(),
                result.events(),
                result.problems().isEmpty()
                        ? "everything is intact"
                        : result.problems().size() + " problems");
        return result.problems().isEmpty() ? 0 : FOUND_PROBLEMS;
    }
}
