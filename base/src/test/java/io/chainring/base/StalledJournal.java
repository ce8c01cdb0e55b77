package io.chainring.base;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.persistence.testkit.JournalOperation;
import org.apache.pekko.persistence.testkit.ProcessingPolicy;
import org.apache.pekko.persistence.testkit.ProcessingResult;
import org.apache.pekko.persistence.testkit.ProcessingSuccess;
import org.apache.pekko.persistence.testkit.StorageFailure;

/** A journal that answers nothing until it is let go, or for 30 s; what it is asked meanwhile waits. */
public final class StalledJournal implements ProcessingPolicy<JournalOperation> {
    private static final long PATIENCE_SECONDS = 30;

    private final CountDownLatch go = new CountDownLatch(1);

    /** It answers from now on. */
    public void letGo() {
        go.countDown();
    }

    @Override
    public ProcessingResult tryProcess(String persistenceId, JournalOperation operation) {
        try {
            if (!go.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                return StorageFailure.create();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return StorageFailure.create();
        }
        return ProcessingSuccess.getInstance();
    }
}
