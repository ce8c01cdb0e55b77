package io.chainring.node.journal;

import io.chainring.base.text.Printable;
import io.chainring.node.http.Json;
import io.chainring.persistence.tool.Repair;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Repairs a journal. */
@Command(
        name = "repair",
        mixinStandardHelpOptions = true,
        description = {
            "Copies the directory, then keeps of each persistence id what is intact from its beginning.",
            "Exit code 1: something is lost."
        })
final class RepairCommand extends DirectoryCommand {
    @Option(
            names = "--json",
            description =
                    "{\"directory\",\"backup\",\"persistenceIds\",\"events\",\"lost\":[{\"persistenceId\",\"what\"}]}")
    private boolean json;

    /** What {@code --json} shows. */
    record Repaired(
            String directory,
            String backup,
            long persistenceIds,
            long events,
            List<Repair.Loss> lost) {}

    @Override
    int execute(PrintWriter out) throws IOException {
        Repair repair = Repair.of(directory(), engine());
        if (json) {
            out.println(
                    Json.write(
                            new Repaired(
                                    directory().toString(),
                                    repair.backup().toString(),
                                    repair.persistenceIds(),
                                    repair.events(),
                                    repair.losses())));
            return repair.losses().isEmpty() ? 0 : FOUND_PROBLEMS;
        }
        repair.lost().forEach(line -> out.println("lost: " + Printable.line(line)));
        out.printf(
                "%s: kept %d persistence ids, %d events; the directory as it was is in %s%n",
                directory(), repair.persistenceIds(), repair.events(), repair.backup());
        return repair.lost().isEmpty() ? 0 : FOUND_PROBLEMS;
    }
}
