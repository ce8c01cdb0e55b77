package io.chainring.node.journal;

import io.chainring.base.text.Printable;
import io.chainring.persistence.tool.JournalDirectory;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** Lists what is in a journal. */
@Command(
        name = "ls",
        mixinStandardHelpOptions = true,
        description = "Lists the persistence ids with their events and snapshots.")
final class ListCommand extends DirectoryCommand {
    @Override
    int execute(PrintWriter out) {
        try (JournalDirectory journal = JournalDirectory.open(directory(), engine())) {
            out.printf(
                    "%-32s %12s %12s %12s  %s%n",
                    "ID", "EVENTS", "DELETED TO", "HIGHEST", "SNAPSHOTS");
            journal.list(
                    entry ->
                            out.printf(
                                    "%-32s %12d %12d %12d  %s%n",
                                    Printable.line(entry.persistenceId()),
                                    entry.events(),
                                    entry.deletedTo(),
                                    entry.highest(),
                                    entry.snapshots().isEmpty() ? "-" : entry.snapshots()));
        }
        return 0;
    }
}
