package io.chainring.node.journal;

import io.chainring.persistence.tool.JournalDirectory;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** Makes a journal smaller. */
@Command(
        name = "compact",
        mixinStandardHelpOptions = true,
        description = "Gives the space of everything deleted back.")
final class CompactCommand extends DirectoryCommand {
    @Override
    int execute(PrintWriter out) {
        try (JournalDirectory journal = JournalDirectory.open(directory(), engine())) {
            long[] bytes = journal.compact();
            out.printf("%s: %d bytes before, %d bytes after%n", directory(), bytes[0], bytes[1]);
        }
        return 0;
    }
}
