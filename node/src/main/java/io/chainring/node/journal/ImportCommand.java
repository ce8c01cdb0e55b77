package io.chainring.node.journal;

import io.chainring.persistence.tool.StockImport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Imports Pekko's stock LevelDB journal. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = "Copies the events of Pekko's stock LevelDB journal into DIR.")
final class ImportCommand extends DirectoryCommand {
    @Option(
            names = "--from",
            required = true,
            paramLabel = "STOCK",
            description = "directory of the stock journal")
    private Path stock;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    ImportCommand() {}

    @Override
    int execute(PrintWriter out) throws IOException {
        StockImport done = StockImport.of(stock, directory(), engine());
        out.printf(
                "%s: %d persistence ids, %d events%n",
                directory(), done.persistenceIds(), done.events());
        return 0;
    }
}
