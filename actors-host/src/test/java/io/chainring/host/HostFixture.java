package io.chainring.host;

import com.typesafe.config.ConfigFactory;
import io.chainring.host.fault.FaultyStore;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.ring.backend.KillSwitch;
import io.chainring.ring.execute.BackendMessage;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.execute.ExecutorReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;

/** A host with real threads over a store that fails on demand, and a probe in the backend's place. */
final class HostFixture implements AutoCloseable {
    static final int CAPACITY_BYTES = 1 << 20;
    static final HostSettings SETTINGS =
            new HostSettings(
                    IoMode.POOL, 2, 4, 1024, 3, Duration.ofNanos(300_000), Duration.ofMillis(20));

    final ActorTestKit kit;
    final FaultyStore store;
    final HostSettings settings;
    final HostWorkers workers;
    final HostListener listener;
    final Chains chains = new Chains();
    TestProbe<ExecutorReply> backend;
    ActorRef<ExecutorCommand> host;
    long incarnation;
    long epoch;

    HostFixture(ActorTestKit kit, IoMode mode) {
        this(kit, SETTINGS.withIo(mode), HostListener.NONE);
    }

    HostFixture(ActorTestKit kit, HostSettings settings, HostListener listener) {
        this(kit, settings, listener, new MemoryBlockStore("test", CAPACITY_BYTES));
    }

    HostFixture(ActorTestKit kit, HostSettings settings, HostListener listener, BlockStore behind) {
        this.kit = kit;
        this.settings = settings;
        this.listener = listener;
        this.store = new FaultyStore(behind);
        this.workers = HostWorkers.create("test", settings);
        this.backend = kit.createTestProbe(ExecutorReply.class);
        this.host = nextHost();
    }

    static HostSettings defaults() {
        return HostSettings.from(ConfigFactory.load());
    }

    /** The next incarnation, whatever became of the one before. */
    ActorRef<ExecutorCommand> nextHost() {
        incarnation++;
        host =
                kit.spawn(
                        Host.create(
                                store,
                                workers,
                                incarnation,
                                settings,
                                "disk-serial",
                                listener,
                                new KillSwitch()));
        return host;
    }

    /** A new backend incarnation introduces itself; its predecessor's probe hears nothing more. */
    ExecutorReply.Adopted adopt() {
        askToAdopt();
        return backend.expectMessageClass(ExecutorReply.Adopted.class);
    }

    void askToAdopt() {
        epoch++;
        backend = kit.createTestProbe(ExecutorReply.class);
        host.tell(new ExecutorCommand.Adopt(epoch, backend.getRef()));
    }

    void execute(Chain... given) {
        host.tell(new ExecutorCommand.Execute(epoch, incarnation, List.of(given), 0));
    }

    /** Takes reports until that many outcomes have come. */
    List<Chain> outcomes(int count) {
        List<Chain> outcomes = new ArrayList<>();
        while (outcomes.size() < count) {
            ExecutorReply.Executed executed =
                    backend.expectMessageClass(
                            ExecutorReply.Executed.class, Duration.ofSeconds(120));
            outcomes.addAll(executed.chains());
        }
        return outcomes;
    }

    /** Executes and waits for the outcomes. */
    List<Chain> executed(Chain... given) {
        execute(given);
        return outcomes(given.length);
    }

    void expectDeath(ActorRef<ExecutorCommand> dying) {
        TestProbe<BackendMessage> watcher = kit.createTestProbe();
        watcher.expectTerminated(dying, Duration.ofSeconds(120));
    }

    @Override
    public void close() throws Exception {
        store.heal();
        kit.stop(host);
        workers.close();
        if (!workers.awaitEnd(20_000)) {
            throw new AssertionError("threads are left inside of the store");
        }
        store.close();
    }
}
