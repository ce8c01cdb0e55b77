package io.chainring.persistence.tool;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.engine.LogCheck;
import io.chainring.persistence.engine.TableCheck;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.store.StoreInspection;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads everything in a journal directory and checks it: logs, tables, checksums, numbers without a hole, snapshots.
 *
 * @param persistenceIds how many persistence ids
 * @param events how many events were read
 * @param problems what is wrong, one line each; empty if nothing is
 */
public record Verification(long persistenceIds, long events, List<String> problems) {

    /** Verifies a directory that nobody has open. */
    public static Verification of(Path directory, String engine) {
        Path absolute = directory.toAbsolutePath().normalize();
        Directories.mustHoldDatabase(absolute);
        StoreInspection.mustBeFree(absolute);
        List<String> problems = new ArrayList<>();
        for (LogCheck.Finding finding : LogCheck.checkDirectory(directory)) {
            if (finding.verdict() == LogCheck.Verdict.DAMAGED) {
                problems.add(
                        "%s: damaged at byte %s, with intact records behind it"
                                .formatted(finding.file(), finding.offsetBytes()));
            }
        }
        long[] counts = new long[2];
        try (JournalDirectory journal = JournalDirectory.open(directory, engine)) {
            journal.forEachId(id -> verify(journal, id, counts, problems));
            journal.inspection().verifyTags(problems::add);
            journal.inspection().readEverything();
        } catch (StoreException.Locked | StoreException.NotAJournal e) {
            throw e;
        } catch (StoreException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
        if (!problems.isEmpty()) {
            nameTables(directory, problems);
        }
        return new Verification(counts[0], counts[1], problems);
    }

    /** After damage was found, which the libraries report without a file; a whole journal may have half a left-over table. */
    private static void nameTables(Path directory, List<String> problems) {
        for (String name : Directories.names(directory)) {
            long at =
                    name.matches("[0-9]+\\.(sst|ldb)")
                            ? TableCheck.firstDamage(directory.resolve(name))
                            : -1;
            if (at >= 0) {
                problems.add(directory.resolve(name) + ": damaged in the block at byte " + at);
            }
        }
    }

    private static void verify(
            JournalDirectory journal, String id, long[] counts, List<String> problems) {
        counts[0]++;
        try {
            journal.events(
                    id,
                    1,
                    Long.MAX_VALUE,
                    (sequenceNr, event) -> {
                        counts[1]++;
                        return true;
                    });
            JournalDirectory.Entry entry = journal.find(id);
            if (entry != null) {
                for (long sequenceNr : entry.snapshots()) {
                    journal.snapshot(id, sequenceNr);
                }
            }
        } catch (StoreException | FormatException e) {
            problems.add(String.valueOf(e.getMessage()));
        }
    }
}
