package io.chainring.persistence.journal;

import io.chainring.persistence.store.GroupCommit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request on its way through the journal, and its answer. */
abstract class JournalRequest implements JournalCore.Request, GroupCommit.Completion {
    private static final Logger LOG = LoggerFactory.getLogger(JournalRequest.class);

    final LeveldbJournal journal;

    /** The one that it is about; a write may be about several. */
    private final @Nullable String persistenceId;

    JournalRequest(LeveldbJournal journal, @Nullable String persistenceId) {
        this.journal = journal;
        this.persistenceId = persistenceId;
    }

    /** Writes keep their order, and who waits for room has it first. */
    @Override
    public final boolean follows(JournalCore.Request earlier) {
        return persistenceId == null || earlier.touches(persistenceId);
    }

    @Override
    public boolean touches(String id) {
        return id.equals(persistenceId);
    }

    /** Has something done when what was handed to the store before is written. */
    final boolean afterWrites(Runnable action) {
        GroupCommit groupCommit = journal.store().groupCommit();
        if (groupCommit == null) {
            action.run();
            completed(null);
        } else {
            groupCommit.afterPending(action, this);
        }
        return true;
    }

    /** The store has done it; called on any thread. */
    abstract void succeed();

    /** Answers that it failed; called on any thread. */
    abstract void answerFailure(Throwable why);

    @Override
    public final void fail(Throwable why) {
        if (why instanceof Error) {
            LOG.error("A request to the journal met an error", why);
        }
        answerFailure(why);
    }

    /** The one end of a request that was started: whatever is thrown while it is answered is its answer. */
    @Override
    public final void completed(@Nullable RuntimeException failure) {
        try {
            if (failure == null) {
                succeed();
            } else {
                fail(failure);
            }
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }
}
