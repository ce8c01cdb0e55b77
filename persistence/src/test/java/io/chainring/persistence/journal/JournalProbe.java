package io.chainring.persistence.journal;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.JournalProtocol;
import org.apache.pekko.persistence.JournalProtocol.RecoverySuccess;
import org.apache.pekko.persistence.JournalProtocol.ReplayMessages;
import org.apache.pekko.persistence.JournalProtocol.ReplayedMessage;
import org.apache.pekko.persistence.JournalProtocol.WriteMessages;
import org.apache.pekko.persistence.Persistence;
import org.apache.pekko.persistence.PersistentEnvelope;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.testkit.TestProbe;
import org.apache.pekko.testkit.javadsl.TestKit;
import scala.jdk.javaapi.CollectionConverters;

/** An actor system with one journal, and the journal's protocol spoken by hand. */
public final class JournalProbe implements AutoCloseable {
    public static final String JOURNAL = "chainring.persistence.leveldb.journal";
    public static final String SNAPSHOTS = "chainring.persistence.leveldb.snapshot-store";

    public final ActorSystem system;
    public final String writerUuid = UUID.randomUUID().toString();

    private JournalProbe(ActorSystem system) {
        this.system = system;
    }

    public static Config config(Path directory, String engine, boolean fsync) {
        return ConfigFactory.parseString(
                        "pekko.persistence.journal.plugin = \""
                                + JOURNAL
                                + "\"\npekko.persistence.snapshot-store.plugin = \""
                                + SNAPSHOTS
                                + "\"\nchainring.persistence.leveldb { dir = \""
                                + directory
                                + "\", engine = "
                                + engine
                                + ", fsync = "
                                + fsync
                                + ", write-buffer = 1 MiB }\n"
                                + "pekko.loggers = [\"org.apache.pekko.event.slf4j.Slf4jLogger\"]\n"
                                + "pekko.loglevel = WARNING\n"
                                + "pekko.actor.allow-java-serialization = on\n"
                                + "pekko.actor.warn-about-java-serializer-usage = off\n")
                .withFallback(ConfigFactory.load());
    }

    public static JournalProbe open(Config config) {
        return new JournalProbe(ActorSystem.create("journal-test", config));
    }

    public ActorRef journal() {
        return Persistence.get(system).journalFor(JOURNAL, ConfigFactory.empty());
    }

    public ActorRef snapshots() {
        return Persistence.get(system).snapshotStoreFor(SNAPSHOTS, ConfigFactory.empty());
    }

    public TestProbe probe() {
        return new TestProbe(system);
    }

    public PersistentRepr event(String id, long sequenceNr, Object payload) {
        return PersistentRepr.apply(
                payload, sequenceNr, id, "", false, ActorRef.noSender(), writerUuid);
    }

    public static AtomicWrite atomic(PersistentRepr... events) {
        return AtomicWrite.apply(CollectionConverters.asScala(List.of(events)).toList());
    }

    /** Sends one request; the answers arrive at the probe. */
    public void send(TestProbe probe, PersistentEnvelope... envelopes) {
        journal()
                .tell(
                        new WriteMessages(
                                CollectionConverters.asScala(List.of(envelopes)).toList(),
                                probe.ref(),
                                1),
                        probe.ref());
    }

    /** Writes events {@code a-from .. a-to}, one request for each, and waits for the answers. */
    public void write(String id, long from, long to) {
        TestProbe probe = probe();
        for (long n = from; n <= to; n++) {
            send(probe, atomic(event(id, n, "a-" + n)));
        }
        for (long n = from; n <= to; n++) {
            probe.expectMsg(JournalProtocol.WriteMessagesSuccessful$.MODULE$);
            probe.expectMsgClass(JournalProtocol.WriteMessageSuccess.class);
        }
    }

    /** What a replay gave. */
    public record Replayed(List<PersistentRepr> events, long highest) {
        public List<Object> payloads() {
            return events.stream().map(PersistentRepr::payload).toList();
        }

        public List<Long> sequenceNrs() {
            return events.stream().map(PersistentRepr::sequenceNr).toList();
        }
    }

    public Replayed replay(String id) {
        return replay(id, 1, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    public Replayed replay(String id, long from, long to, long max) {
        TestProbe probe = probe();
        journal().tell(new ReplayMessages(from, to, max, id, probe.ref()), probe.ref());
        List<PersistentRepr> events = new ArrayList<>();
        while (true) {
            Object message =
                    probe.expectMsgClass(
                            scala.concurrent.duration.Duration.fromNanos(
                                    Duration.ofSeconds(120).toNanos()),
                            Object.class);
            if (message instanceof ReplayedMessage replayed) {
                events.add(replayed.persistent());
            } else if (message instanceof RecoverySuccess success) {
                return new Replayed(events, success.highestSequenceNr());
            } else {
                throw new AssertionError("replay ended with " + message);
            }
        }
    }

    @Override
    public void close() {
        TestKit.shutdownActorSystem(system);
    }
}
