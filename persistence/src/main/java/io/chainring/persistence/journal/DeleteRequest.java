package io.chainring.persistence.journal;

import io.chainring.persistence.store.Store;
import org.apache.pekko.persistence.DeleteMessagesFailure;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.JournalProtocol.DeleteMessagesTo;

/** One deletion: of what was written before it, after that was written. */
final class DeleteRequest extends JournalRequest {
    private final DeleteMessagesTo request;

    DeleteRequest(DeleteMessagesTo request, LeveldbJournal journal) {
        super(journal, request.persistenceId());
        this.request = request;
    }

    @Override
    public boolean start() {
        Store store = journal.store();
        return afterWrites(
                () ->
                        store.deleteTo(
                                request.persistenceId(),
                                request.toSequenceNr(),
                                store.settings().fsync()));
    }

    @Override
    void succeed() {
        request.persistentActor()
                .tell(new DeleteMessagesSuccess(request.toSequenceNr()), journal.getSelf());
    }

    @Override
    void answerFailure(Throwable why) {
        request.persistentActor()
                .tell(new DeleteMessagesFailure(why, request.toSequenceNr()), journal.getSelf());
    }
}
