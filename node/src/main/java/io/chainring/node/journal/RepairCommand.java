package io.chainring.node.journal;

import io.chainring.persistence.tool.Repair;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** Repairs a journal. */
@Command(
        name = "repair",
        mixinStandardHelpOptions = true,
        description = {
            "Copies the directory, then keeps of each persistence id what is intact from its beginning.",
            "Exit code 1: something is lost."
        })
final class RepairCommand extends DirectoryCommand {
    @Override
    int execute(PrintWriter out) throws IOException {
        Repair repair = Repair.of(directory(), engine());
        repair.lost().forEach(line -> out.println("lost: " + line));
        out.printf(
                "%s: kept %d persistence ids, %d events; the directory as it was is in %s%n",
                directory(), repair.persistenceIds(), repair.events(), repair.backup());
        return repair.lost().isEmpty() ? 0 : FOUND_PROBLEMS;
    }
}
