package io.chainring.node.journal;

import io.chainring.base.files.PrivateFiles;
import io.chainring.persistence.tool.JournalDirectory;
import io.chainring.persistence.tool.JsonExport;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.channels.Channels;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Exports a journal. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Writes all events as JSON, one a line.")
final class ExportCommand extends DirectoryCommand {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "where to (default: standard output); must not exist")
    private @Nullable Path output;

    @Option(names = "--id", description = "only this persistence id")
    private @Nullable String persistenceId;

    @Override
    int execute(PrintWriter out) throws IOException {
        try (JournalDirectory journal = JournalDirectory.open(directory(), engine());
                OutputStream to = target()) {
            if (export(journal, to) > 0) {
                to.write('\n');
            }
        }
        return 0;
    }

    private long export(JournalDirectory journal, OutputStream to) throws IOException {
        if (persistenceId == null) {
            return JsonExport.all(journal, to);
        }
        if (journal.find(persistenceId) == null) {
            throw unknown(persistenceId);
        }
        return JsonExport.one(journal, persistenceId, 1, Long.MAX_VALUE, to);
    }

    private OutputStream target() throws IOException {
        if (output != null) {
            return new BufferedOutputStream(
                    Channels.newOutputStream(PrivateFiles.createNew(output)));
        }
        // Standard output is not ours to close.
        return new FilterOutputStream(new BufferedOutputStream(System.out)) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
            }

            @Override
            public void close() throws IOException {
                flush();
                // It keeps quiet about a full disk or a closed pipe.
                if (System.out.checkError()) {
                    throw new IOException("standard output: not everything could be written");
                }
            }
        };
    }
}
