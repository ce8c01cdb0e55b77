package io.chainring.persistence.journal;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.persistence.LeveldbPersistence;
import io.chainring.persistence.store.JournalListener;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.pekko.persistence.JournalProtocol.WriteMessageSuccess;
import org.apache.pekko.persistence.JournalProtocol.WriteMessagesSuccessful$;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.Test;

final class UnsyncedProtocolTest extends ProtocolContract {
    @Override
    boolean fsync() {
        return false;
    }

    @Test
    void eventIsWrittenOnTheThreadThatPersists() {
        AtomicReference<Thread> writer = new AtomicReference<>();
        LeveldbPersistence.get(journal.system)
                .setListener(
                        new JournalListener() {
                            @Override
                            public void batchWritten(
                                    Path directory,
                                    int events,
                                    long bytes,
                                    long nanos,
                                    boolean synced) {
                                writer.set(Thread.currentThread());
                            }
                        });
        TestProbe actor = journal.probe();
        AtomicLong last = new AtomicLong();
        // The journal may still be busy with its start on another thread.
        await().until(
                        () -> {
                            long n = last.incrementAndGet();
                            journal.send(actor, JournalProbe.atomic(journal.event("p", n, "e")));
                            actor.expectMsg(WriteMessagesSuccessful$.MODULE$);
                            actor.expectMsgClass(WriteMessageSuccess.class);
                            return writer.get() == Thread.currentThread();
                        });
        assertEquals(last.get(), journal.replay("p").highest());
    }
}
