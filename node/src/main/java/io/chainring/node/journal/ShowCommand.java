package io.chainring.node.journal;

import io.chainring.base.text.Printable;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.store.SnapshotArea;
import io.chainring.persistence.tool.JournalDirectory;
import io.chainring.ring.record.BackendAudit;
import io.chainring.ring.record.CorruptRecordException;
import io.chainring.ring.record.IllegalTransitionException;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--arrays",
            description =
                    "of a disk: its rings' state and completion arrays as they stood after the last event shown")
    private boolean arrays;

    /** Called by picocli only, which sets the fields. */
    @SuppressWarnings("NullAway.Init")
    ShowCommand() {}

    @Override
    int execute(PrintWriter out) {
        try (JournalDirectory journal = JournalDirectory.open(directory(), engine())) {
            JournalDirectory.Entry entry = journal.find(persistenceId);
            if (entry == null) {
                throw unknown(persistenceId);
            }
            out.printf(
                    "%s: highest %d, deleted to %d%n",
                    Printable.line(persistenceId), entry.highest(), entry.deletedTo());
            SnapshotArea.Stored snapshot = journal.snapshot(persistenceId, toSequenceNr);
            if (snapshot != null) {
                out.printf(
                        "snapshot at %d, %s, %d bytes, serializer %d %s%n",
                        snapshot.id().sequenceNr(),
                        Instant.ofEpochMilli(snapshot.id().timestampMillis()),
                        snapshot.payload().bytes().length,
                        snapshot.payload().serializerId(),
                        Printable.name(snapshot.payload().manifest()));
            }
            if (arrays) {
                drawArrays(journal, entry.deletedTo(), snapshot, out);
                return 0;
            }
            long[] next = {0};
            int[] left = {limit};
            journal.events(
                    persistenceId,
                    fromSequenceNr,
                    toSequenceNr,
                    (sequenceNr, event) -> {
                        if (left[0]-- <= 0) {
                            next[0] = sequenceNr;
                            return false;
                        }
                        out.println(Printable.line(line(sequenceNr, event)));
                        return true;
                    });
            if (next[0] > 0) {
                out.printf("... there are more; see --from %d, or --limit%n", next[0]);
            }
        }
        return 0;
    }

    private void drawArrays(
            JournalDirectory journal,
            long deletedTo,
            SnapshotArea.@Nullable Stored snapshot,
            PrintWriter out) {
        long begin =
                snapshot != null && BackendAudit.isBackends(snapshot.payload().serializerId())
                        ? snapshot.id().sequenceNr()
                        : 0;
        if (begin < deletedTo) {
            throw new IllegalArgumentException(
                    String.format(
                            "%s: events up to %s are deleted, and no snapshot up to --to holds what "
                                    + "they did; see: journal ls",
                            persistenceId, deletedTo));
        }
        BackendAudit audit = new BackendAudit();
        if (snapshot != null && begin > 0) {
            byte[] bytes = snapshot.payload().bytes();
            apply("snapshot at " + begin, () -> audit.begin(bytes));
        }
        long[] last = {begin};
        journal.events(
                persistenceId,
                begin + 1,
                toSequenceNr,
                (sequenceNr, event) -> {
                    String what = "event " + sequenceNr;
                    if (!BackendAudit.isBackends(event.payload().serializerId())) {
                        throw new IllegalArgumentException(
                                persistenceId + " is no disk: " + what + " is not a backend's");
                    }
                    apply(what, () -> audit.apply(event.payload().bytes()));
                    last[0] = sequenceNr;
                    return true;
                });
        out.printf("after event %d: %s", last[0], audit.drawArrays());
    }

    private void apply(String what, Runnable step) {
        try {
            step.run();
        } catch (CorruptRecordException | IllegalTransitionException e) {
            throw new IllegalArgumentException(
                    persistenceId + ", " + what + ": " + e.getMessage(), e);
        }
    }

    private static String text(EventRecord event) {
        byte[] bytes = event.payload().bytes();
        if (BackendAudit.isBackends(event.payload().serializerId())) {
            try {
                return BackendAudit.describe(bytes);
            } catch (CorruptRecordException e) {
                return "cannot be read: " + e.getMessage();
            }
        }
        int shown = Math.min(SHOWN_BYTES, bytes.length);
        return HexFormat.of().formatHex(bytes, 0, shown) + (shown < bytes.length ? "..." : "");
    }

    private static String line(long sequenceNr, EventRecord event) {
        byte[] bytes = event.payload().bytes();
        return String.format(
                Locale.ROOT,
                "%10d  %s  serializer %d %s  %d bytes  %s%s",
                sequenceNr,
                Instant.ofEpochMilli(event.timestampMillis()),
                event.payload().serializerId(),
                event.payload().manifest(),
                bytes.length,
                text(event),
                event.tags().isEmpty()
                        ? ""
                        : "  tags "
                                + event.tags().stream().map(EventRecord.TagPlace::tag).toList());
    }
}
