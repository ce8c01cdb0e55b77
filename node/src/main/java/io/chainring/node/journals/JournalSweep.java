package io.chainring.node.journals;

import io.chainring.node.StartException;
import io.chainring.node.disk.Disk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Erases what journals know of disks that nobody knows: forgotten by programs that left it there, or by a forgetting that
 * was cut short. It runs beside the node, once a start.
 *
 * <p>The journals are read before the registry: a disk that is in a journal was in the registry before, and one that is not
 * there afterwards has been forgotten. Records of a disk are never found again by another one, which is called otherwise
 * there.
 */
public final class JournalSweep {
    private static final Logger LOG = LoggerFactory.getLogger(JournalSweep.class);

    /** Disks that are erased together. */
    private static final int AT_ONCE = 64;

    private final Journals journals;
    private final Known known;
    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(
                    task -> {
                        Thread made = new Thread(task, "chainring-journal-sweep");
                        made.setDaemon(true);
                        return made;
                    });
    private final CompletableFuture<Integer> erased = new CompletableFuture<>();
    private volatile boolean ending;

    private JournalSweep(Journals journals, Known known) {
        this.journals = journals;
        this.known = known;
    }

    /** What of a journal is somebody's. */
    public interface Known {
        /**
         * Asked when the journal has been read.
         *
         * @throws StartException when it can't be found out
         */
        Set<String> persistenceIds(int journal) throws StartException;
    }

    /** Begins. @param known what is not to be erased */
    public static JournalSweep start(Journals journals, Known known) {
        JournalSweep sweep = new JournalSweep(journals, known);
        sweep.thread.execute(sweep::run);
        sweep.thread.shutdown();
        return sweep;
    }

    /** Complete when it is done, with how many disks were erased. */
    public CompletableFuture<Integer> erased() {
        return erased;
    }

    /** Goes no further, and waits for what is being erased. */
    public void end(Duration limit) throws InterruptedException, TimeoutException {
        ending = true;
        if (!thread.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new TimeoutException("records of forgotten disks are being erased");
        }
    }

    private void run() {
        int sum = 0;
        try {
            for (int journal : journals.present()) {
                sum += ending ? 0 : sweep(journal);
            }
            erased.complete(sum);
        } catch (Exception | Error e) {
            LOG.warn(
                    "The journals could not be looked through for forgotten disks: {}",
                    e.toString());
            erased.completeExceptionally(e);
        }
    }

    private int sweep(int journal) {
        int count = 0;
        try {
            List<String> found = new ArrayList<>(journals.persistenceIds(journal));
            Set<String> kept = known.persistenceIds(journal);
            found.removeIf(id -> !id.startsWith(Disk.PERSISTENCE_ID_PREFIX) || kept.contains(id));
            for (int from = 0; from < found.size() && !ending; from += AT_ONCE) {
                List<String> some = found.subList(from, Math.min(found.size(), from + AT_ONCE));
                journals.erase(journal, some);
                count += some.size();
            }
        } catch (Exception | Error e) {
            LOG.warn(
                    "Records of forgotten disks in journal {} stay until the next start: {}",
                    journal,
                    e.getMessage());
        }
        if (count > 0) {
            LOG.info("Journal {}: the records of {} forgotten disks were erased", journal, count);
        }
        return count;
    }
}
