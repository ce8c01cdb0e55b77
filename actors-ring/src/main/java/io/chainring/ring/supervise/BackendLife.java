package io.chainring.ring.supervise;

import io.chainring.ring.backend.Backend;
import io.chainring.ring.backend.BackendCommand;
import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.backend.RingStatistics;
import io.chainring.ring.execute.BackendMessage;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.signal.Signal;
import java.time.Duration;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.jspecify.annotations.Nullable;

/**
 * The incarnations of one disk's backend, each a child of the supervisor.
 *
 * <pre>
 *   start --> resynchronising --RingsWanted--> taking rings --Serving--> serving
 *     ^                                                                     |
 *     +------------------------ pause <-- died <----------------------------+   (from anywhere)
 * </pre>
 */
final class BackendLife {
    private final ActorContext<?> parent;
    private final SupervisorSetup setup;
    private final ActorRef<BackendNotice> supervisor;
    private final RingStatistics statistics;
    private final Backoff backoff;
    private @Nullable ActorRef<BackendMessage> present;
    private long incarnation;
    private long epoch;
    private boolean resynchronising = true;
    private boolean serving;
    private long servingSinceNanos;
    private long downSinceNanos = System.nanoTime();

    /** @param supervisor hears from each incarnation */
    BackendLife(ActorContext<?> parent, SupervisorSetup setup, ActorRef<BackendNotice> supervisor) {
        this.parent = parent;
        this.setup = setup;
        this.supervisor = supervisor;
        this.statistics = setup.backend().statistics();
        this.backoff = new Backoff(setup.backoffFirst(), setup.backoffLongest());
    }

    void start(ActorRef<ExecutorCommand> executor) {
        incarnation++;
        resynchronising = true;
        ActorRef<BackendMessage> started =
                parent.spawn(
                        Backend.create(setup.backend(), supervisor, executor),
                        "backend-" + incarnation,
                        setup.dispatcher());
        parent.watch(started);
        present = started;
    }

    @Nullable ActorRef<BackendMessage> present() {
        return present;
    }

    /** Epoch of the present incarnation, from {@link #wantsRings} on. */
    long epoch() {
        return epoch;
    }

    /** True until the present incarnation asks for the rings. */
    boolean isResynchronising() {
        return resynchronising;
    }

    /** It asks for the rings; false when it is not the present one. */
    boolean wantsRings(BackendNotice.RingsWanted wanted) {
        if (!wanted.backend().equals(present)) {
            return false;
        }
        resynchronising = false;
        epoch = wanted.epoch();
        return true;
    }

    /** It has resumed what was in flight. */
    void serving(long servingEpoch) {
        if (servingEpoch != epoch || serving) {
            return;
        }
        serving = true;
        servingSinceNanos = System.nanoTime();
        long nanos = servingSinceNanos - downSinceNanos;
        statistics.lastRecoveryNanos.set(nanos);
        setup.backend().listener().recovered(epoch, nanos);
    }

    /** The present one has ended; returns the pause before the next. */
    Duration died() {
        present = null;
        resynchronising = true;
        long lived = serving ? System.nanoTime() - servingSinceNanos : 0;
        if (serving) {
            downSinceNanos = System.nanoTime();
        }
        serving = false;
        statistics.recordingSinceNanos.set(0);
        setup.backend().listener().backendDied();
        return backoff.next(lived);
    }

    void tell(BackendCommand command) {
        ActorRef<BackendMessage> target = present;
        if (target != null) {
            target.tell(command);
        }
    }

    /** Whether clients wait for the journal longer than that: for a record under way, or for the next incarnation. */
    boolean isOutFor(Duration limit) {
        long since = serving ? statistics.recordingSinceNanos.get() : downSinceNanos;
        return since != 0 && System.nanoTime() - since >= limit.toNanos();
    }

    /** False when none is up. */
    boolean kill(KillMode mode) {
        ActorRef<BackendMessage> target = present;
        BackendSetup shared = setup.backend();
        if (target == null) {
            return false;
        }
        switch (mode) {
            case STOP -> parent.stop(target);
            case ERROR -> {
                shared.killSwitch().arm();
                target.tell(BackendCommand.Wake.INSTANCE);
            }
            case INTERRUPT -> {
                if (!shared.gate().raise(Signal.INTERRUPT)) {
                    target.tell(new BackendCommand.Signalled(Signal.INTERRUPT));
                }
            }
        }
        return true;
    }
}
