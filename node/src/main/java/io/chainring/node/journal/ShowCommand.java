package io.chainring.node.journal;

import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.tool.JournalDirectory;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the events of one persistence id. */
@Command(
        name = "show",
        mixinStandardHelpOptions = true,
        description = "Shows the events of one persistence id, and the snapshot below them.")
final class ShowCommand extends DirectoryCommand {
    private static final int SHOWN_BYTES = 24;

    @Parameters(index = "1", paramLabel = "ID", description = "the persistence id, as ls prints it")
    private String persistenceId;

    @Option(names = "--from", defaultValue = "1", description = "first sequence number")
    private long fromSequenceNr;

    @Option(names = "--to", description = "last sequence number (default: the highest)")
    private long toSequenceNr = Long.MAX_VALUE;

    @Option(
            names = "--limit",
            defaultValue = "1000",
            description = "most events to show (default: ${DEFAULT-VALUE})")
    private int limit;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    ShowCommand() {}

    @Override
    int execute(PrintWriter out) {
        try (JournalDirectory journal = JournalDirectory.open(directory(), engine())) {
            JournalDirectory.Entry entry = journal.find(persistenceId);
            if (entry == null) {
                throw new IllegalArgumentException(
                        directory() + ": no persistence id " + persistenceId + "; see: journal ls");
            }
            out.printf(
                    "%s: highest %d, deleted to %d%n",
                    persistenceId, entry.highest(), entry.deletedTo());
            SnapshotArea.Stored snapshot = journal.snapshot(persistenceId, toSequenceNr);
            if (snapshot != null) {
                out.printf(
                        "snapshot at %d, %s, %d bytes, serializer %d %s%n",
                        snapshot.id().sequenceNr(),
                        Instant.ofEpochMilli(snapshot.id().timestampMillis()),
                        snapshot.payload().bytes().length,
                        snapshot.payload().serializerId(),
                        snapshot.payload().manifest());
            }
            int[] left = {limit};
            journal.events(
                    persistenceId,
                    fromSequenceNr,
                    toSequenceNr,
                    (sequenceNr, event) -> {
                        out.println(line(sequenceNr, event));
                        return --left[0] > 0;
                    });
        }
        return 0;
    }

    private static String line(long sequenceNr, EventRecord event) {
        byte[] bytes = event.payload().bytes();
        int shown = Math.min(SHOWN_BYTES, bytes.length);
        return String.format(
                Locale.ROOT,
                "%10d  %s  serializer %d %s  %d bytes  %s%s%s",
                sequenceNr,
                Instant.ofEpochMilli(event.timestampMillis()),
                event.payload().serializerId(),
                event.payload().manifest(),
                bytes.length,
                HexFormat.of().formatHex(bytes, 0, shown),
                shown < bytes.length ? "..." : "",
                event.tags().isEmpty()
                        ? ""
                        : "  tags "
                                + event.tags().stream().map(EventRecord.TagPlace::tag).toList());
    }
}
