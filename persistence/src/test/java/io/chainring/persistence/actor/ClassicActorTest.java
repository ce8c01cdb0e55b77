package io.chainring.persistence.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.persistence.journal.JournalProbe;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Props;
import org.apache.pekko.actor.Terminated;
import org.apache.pekko.persistence.AbstractPersistentActor;
import org.apache.pekko.persistence.DeleteMessagesSuccess;
import org.apache.pekko.persistence.RecoveryCompleted;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import scala.Option;

/** Classic persistent actors: persistAsync, deferAsync, persistAll, rejection, failure, deletion. */
final class ClassicActorTest {
    private static final scala.concurrent.duration.FiniteDuration LONG =
            scala.concurrent.duration.Duration.fromNanos(Duration.ofSeconds(60).toNanos());

    @TempDir Path directory;
    private JournalProbe journal;

    @AfterEach
    void close() {
        journal.close();
    }

    private void open(boolean fsync) {
        journal = JournalProbe.open(JournalProbe.config(directory, "leveldbjni", fsync));
    }

    /** What an actor is told to do. */
    private record Async(String... events) {}

    private record Defer(String word) {}

    private record Persist(Object event) {}

    private record All(List<Object> events) {}

    private record Delete(long to) {}

    /** Tells everything that happens to it. */
    private static final class Teller extends AbstractPersistentActor {
        private final String id;
        private final ActorRef listener;

        Teller(String id, ActorRef listener) {
            this.id = id;
            this.listener = listener;
        }

        static Props props(String id, ActorRef listener) {
            return Props.create(Teller.class, () -> new Teller(id, listener));
        }

        private void tell(Object what) {
            listener.tell(what, getSelf());
        }

        @Override
        public String persistenceId() {
            return id;
        }

        @Override
        public Receive createReceiveRecover() {
            return receiveBuilder()
                    .match(RecoveryCompleted.class, done -> tell("recovered " + lastSequenceNr()))
                    .matchAny(event -> tell("replayed " + event))
                    .build();
        }

        @Override
        public Receive createReceive() {
            return receiveBuilder()
                    .match(
                            Async.class,
                            command -> {
                                for (String event : command.events) {
                                    persistAsync(event, done -> tell("done " + done));
                                }
                                tell("received " + String.join(",", command.events));
                            })
                    .match(
                            Defer.class,
                            command -> deferAsync(command.word, word -> tell("deferred " + word)))
                    .match(
                            Persist.class,
                            command -> persist(command.event, done -> tell("done " + done)))
                    .match(
                            All.class,
                            command -> persistAll(command.events, done -> tell("done " + done)))
                    .match(Delete.class, command -> deleteMessages(command.to))
                    .match(DeleteMessagesSuccess.class, this::tell)
                    .build();
        }

        @Override
        public void onPersistRejected(Throwable cause, Object event, long sequenceNr) {
            tell("rejected " + sequenceNr);
        }

        @Override
        public void onPersistFailure(Throwable cause, Object event, long sequenceNr) {
            tell("failed " + sequenceNr);
        }

        @Override
        public void onRecoveryFailure(Throwable cause, Option<Object> event) {
            tell("recovery failed: " + cause.getMessage());
        }
    }

    private ActorRef start(TestProbe probe, String... expected) {
        ActorRef actor = journal.system.actorOf(Teller.props("p", probe.ref()));
        expect(probe, expected);
        return actor;
    }

    private void expect(TestProbe probe, String... expected) {
        for (String line : expected) {
            assertEquals(line, probe.expectMsgClass(LONG, Object.class));
        }
    }

    private static void tell(ActorRef actor, Object... commands) {
        for (Object command : commands) {
            actor.tell(command, ActorRef.noSender());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void persistAsyncKeepsOrderAndDeferralsTheirPlace(boolean fsync) {
        open(fsync);
        TestProbe probe = journal.probe();
        ActorRef actor = start(probe, "recovered 0");
        tell(actor, new Async("a", "b"), new Defer("x"), new Async("c"), new Defer("y"));
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            all.add(probe.expectMsgClass(LONG, Object.class));
        }
        assertEquals(
                List.of("done a", "done b", "deferred x", "done c", "deferred y"),
                all.stream().filter(line -> !line.toString().startsWith("received")).toList());
        assertEquals(
                List.of("received a,b", "received c"),
                all.stream().filter(line -> line.toString().startsWith("received")).toList());
        TestProbe second = journal.probe();
        start(second, "replayed a", "replayed b", "replayed c", "recovered 3");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void tenThousandPersistAsyncComeBackInOrder(boolean fsync) {
        open(fsync);
        TestProbe probe = journal.probe();
        ActorRef actor = start(probe, "recovered 0");
        int count = 10_000;
        for (int i = 1; i <= count; i++) {
            tell(actor, new Async("e" + i));
        }
        int done = 0;
        while (done < count) {
            Object line = probe.expectMsgClass(LONG, Object.class);
            if (line.toString().startsWith("done")) {
                assertEquals("done e" + ++done, line);
            }
        }
        TestProbe second = journal.probe();
        journal.system.actorOf(Teller.props("p", second.ref()));
        for (int i = 1; i <= count; i++) {
            expect(second, "replayed e" + i);
        }
        expect(second, "recovered " + count);
    }

    @Test
    void rejectedEventLeavesTheActorAlive() {
        open(false);
        TestProbe probe = journal.probe();
        ActorRef actor = start(probe, "recovered 0");
        tell(actor, new Persist("a"), new Persist(new Object()), new Persist("b"));
        expect(probe, "done a", "rejected 2", "done b");
        start(journal.probe(), "replayed a", "replayed b", "recovered 3");
    }

    @Test
    void rejectedGroupIsRejectedWhole() {
        open(true);
        TestProbe probe = journal.probe();
        ActorRef actor = start(probe, "recovered 0");
        tell(actor, new All(List.of("a", new Object(), "c")), new All(List.of("d", "e")));
        expect(probe, "rejected 1", "rejected 2", "rejected 3", "done d", "done e");
        start(journal.probe(), "replayed d", "replayed e", "recovered 5");
    }

    @Test
    void failedPersistStopsTheActor() {
        open(false);
        TestProbe probe = journal.probe();
        ActorRef actor = start(probe, "recovered 0");
        probe.watch(actor);
        // Another writer takes the number: the journal cannot tell what is true, so the persist
        // fails.
        journal.write("p", 1, 1);
        tell(actor, new Persist("mine"));
        expect(probe, "failed 1");
        probe.expectMsgClass(LONG, Terminated.class);
        start(journal.probe(), "replayed a-1", "recovered 1");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void deletesAllThatItHasWritten(boolean fsync) {
        open(fsync);
        TestProbe probe = journal.probe();
        ActorRef actor = start(probe, "recovered 0");
        tell(actor, new All(List.of("a", "b", "c")), new Delete(Long.MAX_VALUE));
        expect(probe, "done a", "done b", "done c");
        assertEquals(
                Long.MAX_VALUE,
                probe.expectMsgClass(LONG, DeleteMessagesSuccess.class).toSequenceNr());
        tell(actor, new Persist("d"));
        expect(probe, "done d");
        start(journal.probe(), "replayed d", "recovered 4");
    }
}
