package io.chainring.persistence.actor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.persistence.journal.JournalProbe;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.BackoffSupervisorStrategy;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;
import org.apache.pekko.testkit.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Typed persistent actors: a rejected event ends the actor as Pekko says, a failed one restarts it on what is stored. */
final class TypedActorTest {
    private static final scala.concurrent.duration.FiniteDuration LONG =
            scala.concurrent.duration.Duration.fromNanos(Duration.ofSeconds(60).toNanos());

    @TempDir Path directory;
    private JournalProbe journal;
    private TestProbe probe;

    @BeforeEach
    void open() {
        journal = JournalProbe.open(JournalProbe.config(directory, "leveldbjni", true));
        probe = journal.probe();
    }

    @AfterEach
    void close() {
        journal.close();
    }

    /** Its state is all events in a row; persists whatever it is told. */
    private static final class Words extends EventSourcedBehavior<Object, Object, String> {
        private final org.apache.pekko.actor.ActorRef listener;

        Words(org.apache.pekko.actor.ActorRef listener, BackoffSupervisorStrategy onFailure) {
            super(PersistenceId.ofUniqueId("p"), onFailure);
            this.listener = listener;
        }

        private void tell(String what) {
            listener.tell(what, org.apache.pekko.actor.ActorRef.noSender());
        }

        @Override
        public String emptyState() {
            return "";
        }

        @Override
        public CommandHandler<Object, Object, String> commandHandler() {
            return newCommandHandlerBuilder().forAnyState().onAnyCommand(this::persist);
        }

        private Effect<Object, String> persist(Object event) {
            return Effect().persist(event).thenRun(state -> tell("state " + state));
        }

        @Override
        public EventHandler<String, Object> eventHandler() {
            return newEventHandlerBuilder()
                    .forAnyState()
                    .onAnyEvent((state, event) -> state + "," + event);
        }

        @Override
        public SignalHandler<String> signalHandler() {
            return newSignalHandlerBuilder()
                    .onSignal(RecoveryCompleted.instance(), state -> tell("recovered " + state))
                    .build();
        }
    }

    private ActorRef<Object> start() {
        return Adapter.spawnAnonymous(
                journal.system,
                new Words(
                        probe.ref(),
                        SupervisorStrategy.restartWithBackoff(
                                Duration.ofMillis(10), Duration.ofMillis(100), 0)));
    }

    private void expect(String line) {
        assertEquals(line, probe.expectMsgClass(LONG, Object.class));
    }

    @Test
    void failedPersistRestartsOnWhatIsStored() {
        ActorRef<Object> actor = start();
        expect("recovered ");
        actor.tell("mine");
        expect("state ,mine");
        journal.write("p", 2, 2);
        actor.tell("lost");
        expect("recovered ,mine,a-2");
        actor.tell("next");
        expect("state ,mine,a-2,next");
        assertEquals(3, journal.replay("p").highest());
    }

    @Test
    void rejectedEventTouchesNothing() {
        ActorRef<Object> actor = start();
        expect("recovered ");
        actor.tell("mine");
        expect("state ,mine");
        probe.watch(Adapter.toClassic(actor));
        actor.tell(new Object());
        probe.expectTerminated(Adapter.toClassic(actor), LONG);
        start();
        expect("recovered ,mine");
    }
}
