package io.chainring.benchmarks;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.SnapshotCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/** One persistent actor with a past: events that are never deleted, one snapshot, and a few events after it. */
final class JournalRecovery implements AutoCloseable {
    /** Events after the snapshot: what a recovery replays. */
    static final int AFTER_SNAPSHOT = 100;

    /** Events of the past are persisted in groups of so many. */
    static final int GROUP = 1000;

    private static final int EVENT_BYTES = 100;

    private final ActorSystem system;
    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private boolean snapshotSaved;

    private enum Command {
        GROUP,
        ONE,
        STOP
    }

    private enum Signal {
        RECOVERED,
        PERSISTED,
        SNAPSHOT,
        STOPPED
    }

    private JournalRecovery(ActorSystem system) {
        this.system = system;
    }

    /** An actor system with its journal in a directory, which the first recovery opens. */
    static JournalRecovery open(Path directory, boolean fsync) {
        Config config =
                ConfigFactory.parseString(
                                "pekko.loglevel = WARNING, pekko.log-dead-letters = off\n"
                                        + "pekko.persistence.journal.plugin = chainring.persistence.leveldb.journal\n"
                                        + "pekko.persistence.snapshot-store.plugin = chainring.persistence.leveldb.snapshot-store\n"
                                        + "chainring.persistence.leveldb { dir = \""
                                        + directory.toAbsolutePath()
                                        + "\", fsync = "
                                        + fsync
                                        + " }")
                        .withFallback(ConfigFactory.defaultReferenceUnresolved())
                        .resolve();
        return new JournalRecovery(ActorSystem.create("journal-recovery", config));
    }

    /** Gives the actor its past. */
    void prepare(int events) throws Exception {
        ActorRef<Command> actor = spawn(events);
        expect(Signal.RECOVERED);
        for (int done = 0; done < events; done += GROUP) {
            actor.tell(Command.GROUP);
            expect(Signal.PERSISTED);
        }
        for (int i = 0; i < AFTER_SNAPSHOT; i++) {
            actor.tell(Command.ONE);
            expect(Signal.PERSISTED);
        }
        actor.tell(Command.STOP);
        expect(Signal.STOPPED);
        if (!snapshotSaved) {
            throw new IOException("no snapshot was saved");
        }
    }

    /** Nanoseconds from the actor's start to the end of its recovery. */
    long recoverNanos(int events) throws Exception {
        long startNanos = System.nanoTime();
        ActorRef<Command> actor = spawn(events);
        expect(Signal.RECOVERED);
        long nanos = System.nanoTime() - startNanos;
        actor.tell(Command.STOP);
        expect(Signal.STOPPED);
        return nanos;
    }

    @Override
    public void close() throws Exception {
        system.terminate();
        system.getWhenTerminated().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private ActorRef<Command> spawn(int events) {
        return Adapter.spawnAnonymous(system, new Past(events, signals));
    }

    private void expect(Signal expected) throws Exception {
        Signal signal = signals.poll(120, TimeUnit.SECONDS);
        while (signal == Signal.SNAPSHOT) {
            snapshotSaved = true;
            signal = signals.poll(120, TimeUnit.SECONDS);
        }
        if (signal != expected) {
            throw new IOException("expected " + expected + ", got " + signal);
        }
    }

    private static final class Past extends EventSourcedBehavior<Command, byte[], Long> {
        private final int events;
        private final BlockingQueue<Signal> signals;

        Past(int events, BlockingQueue<Signal> signals) {
            super(PersistenceId.ofUniqueId("past-" + events));
            this.events = events;
            this.signals = signals;
        }

        @Override
        public Long emptyState() {
            return 0L;
        }

        @Override
        public boolean shouldSnapshot(Long state, byte[] event, long sequenceNr) {
            return sequenceNr == events;
        }

        @Override
        public CommandHandler<Command, byte[], Long> commandHandler() {
            return newCommandHandlerBuilder().forAnyState().onAnyCommand(this::on);
        }

        private Effect<byte[], Long> on(Command command) {
            return switch (command) {
                case STOP -> Effect().stop();
                case ONE -> persist(1);
                case GROUP -> persist(GROUP);
            };
        }

        private Effect<byte[], Long> persist(int count) {
            return Effect()
                    .persist(Collections.nCopies(count, new byte[EVENT_BYTES]))
                    .thenRun(state -> signals.add(Signal.PERSISTED));
        }

        @Override
        public EventHandler<Long, byte[]> eventHandler() {
            return newEventHandlerBuilder().forAnyState().onAnyEvent((state, event) -> state + 1);
        }

        @Override
        public SignalHandler<Long> signalHandler() {
            return newSignalHandlerBuilder()
                    .onSignal(
                            RecoveryCompleted.instance(),
                            state -> {
                                boolean whole = state == 0 || state == events + AFTER_SNAPSHOT;
                                signals.add(whole ? Signal.RECOVERED : Signal.STOPPED);
                            })
                    .onSignal(SnapshotCompleted.class, (state, s) -> signals.add(Signal.SNAPSHOT))
                    .onSignal(PostStop.instance(), state -> signals.add(Signal.STOPPED))
                    .build();
        }
    }
}
