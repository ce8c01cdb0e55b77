package io.chainring.persistence.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.chainring.persistence.journal.JournalProbe;
import java.io.InvalidClassException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.nio.file.Path;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.SaveSnapshotSuccess;
import org.apache.pekko.persistence.SnapshotMetadata;
import org.apache.pekko.persistence.SnapshotProtocol;
import org.apache.pekko.persistence.SnapshotSelectionCriteria;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The youngest snapshot is of a class that can't be read any more: what an actor recovers with is a setting. */
final class WhenUnreadableTest {
    @TempDir Path directory;

    /** A class that has changed since. */
    static final class Changed implements Serializable {
        private static final long serialVersionUID = 1L;

        private void readObject(ObjectInputStream in) throws InvalidClassException {
            throw new InvalidClassException("injected");
        }
    }

    private JournalProbe open(String more) {
        return JournalProbe.open(
                ConfigFactory.parseString(more)
                        .withFallback(JournalProbe.config(directory, "leveldbjni", false)));
    }

    private static void save(JournalProbe journal, long sequenceNr, Object snapshot) {
        TestProbe probe = journal.probe();
        journal.snapshots()
                .tell(
                        new SnapshotProtocol.SaveSnapshot(
                                new SnapshotMetadata("p", sequenceNr, sequenceNr), snapshot),
                        probe.ref());
        probe.expectMsgClass(SaveSnapshotSuccess.class);
    }

    private static Object load(JournalProbe journal) {
        TestProbe probe = journal.probe();
        journal.snapshots()
                .tell(
                        new SnapshotProtocol.LoadSnapshot(
                                "p", SnapshotSelectionCriteria.latest(), Long.MAX_VALUE),
                        probe.ref());
        Object answer = probe.expectMsgClass(Object.class);
        return answer instanceof SnapshotProtocol.LoadSnapshotResult result
                ? result.snapshot().get().snapshot()
                : answer;
    }

    private void writeTwo() {
        try (JournalProbe journal = open("")) {
            TestProbe probe = journal.probe();
            journal.write("p", 1, 20);
            save(journal, 10, "s-10");
            save(journal, 20, new Changed());
            journal.journal()
                    .tell(new JournalProtocol.DeleteMessagesTo("p", 15, probe.ref()), probe.ref());
            probe.expectMsgClass(DeleteMessagesSuccess.class);
        }
    }

    @Test
    void recoveryFailsUnlessItIsSet() {
        writeTwo();
        try (JournalProbe journal = open("")) {
            String failure = load(journal).toString();
            assertTrue(failure.startsWith("LoadSnapshotFailed"), failure);
            assertTrue(failure.contains("injected"), failure);
        }
    }

    @Test
    void theOlderOneIsTakenWhereThatIsSet() {
        writeTwo();
        try (JournalProbe journal = open(JournalProbe.SNAPSHOTS + ".when-unreadable = older")) {
            assertEquals("s-10", load(journal));
        }
    }

    @Test
    void otherValuesAreRefused() {
        try (JournalProbe journal = open(JournalProbe.SNAPSHOTS + ".when-unreadable = newest")) {
            TestProbe probe = journal.probe();
            probe.watch(journal.snapshots());
            probe.expectTerminated(journal.snapshots(), probe.remainingOrDefault());
        }
    }
}
