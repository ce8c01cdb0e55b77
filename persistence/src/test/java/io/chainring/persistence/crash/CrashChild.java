package io.chainring.persistence.crash;

import com.typesafe.config.ConfigFactory;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;
import org.apache.pekko.persistence.typed.RecoveryCompleted;
import org.apache.pekko.persistence.typed.javadsl.CommandHandler;
import org.apache.pekko.persistence.typed.javadsl.Effect;
import org.apache.pekko.persistence.typed.javadsl.EventHandler;
import org.apache.pekko.persistence.typed.javadsl.EventSourcedBehavior;
import org.apache.pekko.persistence.typed.javadsl.SignalHandler;

/**
 * The process that is killed: sixteen actors that persist groups of one to three events as fast as they can, and print each
 * acknowledged group. Arguments: directory, engine, fsync.
 */
public final class CrashChild {
    static final int ACTORS = 16;

    private CrashChild() {}

    /** Text of an event: the group it belongs to, and how many events that group has. */
    static String text(String id, long firstOfGroup, int size) {
        return id + "/" + firstOfGroup + "/" + size + "/" + "p".repeat((int) (firstOfGroup % 97));
    }

    public static void main(String[] args) {
        Path directory = Path.of(args[0]);
        ActorSystem.create(
                Behaviors.setup(
                        context -> {
                            for (int i = 0; i < ACTORS; i++) {
                                context.spawn(Writer.create("w" + i), "w" + i);
                            }
                            return Behaviors.empty();
                        }),
                "crash",
                ConfigFactory.parseString(
                                "pekko.loglevel = WARNING, pekko.stdout-loglevel = OFF\n"
                                        + "pekko.persistence.journal.plugin = chainring.persistence.leveldb.journal\n"
                                        + "chainring.persistence.leveldb { dir = \""
                                        + directory
                                        + "\", engine = "
                                        + args[1]
                                        + ", fsync = "
                                        + args[2]
                                        + ", write-buffer = 256 KiB }")
                        .withFallback(ConfigFactory.load()));
    }

    private static final class Writer extends EventSourcedBehavior<String, String, Long> {
        private static final PrintStream ACKNOWLEDGED = System.out;

        private final String id;
        private final ActorRef<String> self;
        private final Random random = new Random();

        static Behavior<String> create(String id) {
            return Behaviors.setup(context -> new Writer(id, context.getSelf()));
        }

        private Writer(String id, ActorRef<String> self) {
            super(PersistenceId.ofUniqueId(id));
            this.id = id;
            this.self = self;
        }

        @Override
        public Long emptyState() {
            return 0L;
        }

        @Override
        public SignalHandler<Long> signalHandler() {
            return newSignalHandlerBuilder()
                    .onSignal(
                            RecoveryCompleted.instance(),
                            state -> {
                                print("R " + id + " " + state + "\n");
                                self.tell("next");
                            })
                    .build();
        }

        @Override
        public CommandHandler<String, String, Long> commandHandler() {
            return newCommandHandlerBuilder().forAnyState().onAnyCommand(this::next);
        }

        private Effect<String, Long> next(Long last, String command) {
            int size = 1 + random.nextInt(3);
            List<String> group = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                group.add(text(id, last + 1, size));
            }
            return Effect()
                    .persist(group)
                    .thenRun(
                            state -> {
                                print("A " + id + " " + state + "\n");
                                self.tell("next");
                            });
        }

        private static void print(String line) {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            synchronized (ACKNOWLEDGED) {
                ACKNOWLEDGED.write(bytes, 0, bytes.length);
                ACKNOWLEDGED.flush();
            }
        }

        @Override
        public EventHandler<Long, String> eventHandler() {
            return newEventHandlerBuilder().forAnyState().onAnyEvent((state, event) -> state + 1);
        }
    }
}
