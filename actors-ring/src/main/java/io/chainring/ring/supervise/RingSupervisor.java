package io.chainring.ring.supervise;

import io.chainring.ring.backend.Backend;
import io.chainring.ring.backend.BackendCommand;
import io.chainring.ring.backend.BackendLimits;
import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.backend.RingStatistics;
import io.chainring.ring.execute.BackendMessage;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.frontend.Frontend;
import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.frontend.FrontendCore;
import io.chainring.ring.frontend.PayloadPool;
import io.chainring.ring.signal.Signal;
import io.chainring.ring.transport.Outstanding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.PreRestart;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Parent of one disk's Frontends, Backend and executor. It holds the rings, so that no child's death loses one, and it
 * is the one through which backend and rings meet: attach and detach of a ring reach each backend incarnation in one
 * order.
 *
 * <pre>
 *   backend died ----> (backoff) ----> next incarnation --RingsWanted--> each frontend: Introduce
 *                                          ^   ExpectRings, Attach...  <--Introduced-- (or died: its ring is closing)
 *   executor died ---> (backoff) ----> next incarnation; the backend is told and sorts out what it had given
 *   frontend died, or its client closed ----> Detach ----> RingDetached ----> the ring's memory is let go
 * </pre>
 *
 * A child that dies of anything is stopped, never restarted in place: the next incarnation is a new actor with a new
 * mailbox, and nothing in the protocols depends on a message having arrived.
 *
 * <p>A ring opens only when all rings that were closing before have been drained (invariant I9).
 */
public final class RingSupervisor extends AbstractBehavior<SupervisorCommand> {
    /** Header and status of a chain: two segments, and fewer bytes than this. */
    private static final int CONTROL_SEGMENTS = 2;

    private static final int CONTROL_BYTES = 64;
    private static final Duration OUTAGE_LOOK = Duration.ofSeconds(1);

    private final SupervisorSetup setup;
    private final RingStatistics statistics;
    private final TimerScheduler<SupervisorCommand> timers;
    private final ActorRef<BackendNotice> fromBackend;
    private final ActorRef<FrontendCommand.Introduced> fromFrontends;
    private final Backoff backendBackoff;
    private final Backoff hostBackoff;
    private final OpenRings rings = new OpenRings();
    private final List<ActorRef<Done>> stopWaiters = new ArrayList<>();
    private final KnownCapacity capacity;

    private ActorRef<ExecutorCommand> host;
    private boolean hostUp = true;
    private long hostIncarnation;
    private @Nullable ActorRef<BackendMessage> backend;
    private long backendIncarnation;
    private boolean resynchronising = true;
    private long backendEpoch;
    private long downSinceNanos = System.nanoTime();
    private boolean serving;
    private long servingSinceNanos;
    private long hostSinceNanos;
    private boolean stopping;

    private RingSupervisor(
            ActorContext<SupervisorCommand> context,
            TimerScheduler<SupervisorCommand> timers,
            SupervisorSetup setup) {
        super(context);
        this.setup = setup;
        this.timers = timers;
        this.statistics = setup.backend().statistics();
        this.fromBackend =
                context.messageAdapter(BackendNotice.class, SupervisorCommand.FromBackend::new);
        this.fromFrontends =
                context.messageAdapter(
                        FrontendCommand.Introduced.class, SupervisorCommand.FromFrontend::new);
        this.backendBackoff = new Backoff(setup.backoffFirst(), setup.backoffLongest());
        this.hostBackoff = new Backoff(setup.backoffFirst(), setup.backoffLongest());
        this.capacity = new KnownCapacity(setup.capacityBytes().getAsLong());
        setup.door().open();
        this.host = spawnHost();
        startBackend();
        if (setup.outageLimit() != null) {
            timers.startTimerWithFixedDelay(SupervisorCommand.Timer.LOOK_FOR_OUTAGE, OUTAGE_LOOK);
        }
    }

    /** A disk's supervisor; it starts the executor and the backend at once. */
    public static Behavior<SupervisorCommand> create(SupervisorSetup setup) {
        return Behaviors.setup(
                context ->
                        Behaviors.withTimers(
                                timers -> {
                                    try {
                                        return new RingSupervisor(context, timers, setup);
                                    } catch (RuntimeException | Error e) {
                                        // It never lived, so no signal will tell whoever waits.
                                        setup.door()
                                                .close(
                                                        "disk "
                                                                + setup.name()
                                                                + " cannot be started: "
                                                                + e);
                                        throw e;
                                    }
                                }));
    }

    @Override
    public Receive<SupervisorCommand> createReceive() {
        return newReceiveBuilder()
                .onMessage(SupervisorCommand.OpenRing.class, this::open)
                .onMessage(SupervisorCommand.CloseRing.class, close -> close(close.ringId()))
                .onMessage(SupervisorCommand.FromFrontend.class, this::introduced)
                .onMessage(SupervisorCommand.FromBackend.class, this::heard)
                .onMessage(SupervisorCommand.Kill.class, this::kill)
                .onMessage(SupervisorCommand.Grown.class, this::grown)
                .onMessage(SupervisorCommand.Stop.class, this::stop)
                .onMessage(SupervisorCommand.Timer.class, this::timer)
                .onSignal(Terminated.class, this::terminated)
                .onSignal(PreRestart.class, signal -> ended("failed and starts again"))
                .onSignal(PostStop.class, signal -> ended("has stopped"))
                .build();
    }

    private ActorRef<ExecutorCommand> spawnHost() {
        hostIncarnation++;
        hostSinceNanos = System.nanoTime();
        ActorRef<ExecutorCommand> started =
                getContext()
                        .spawn(
                                setup.executor().apply(hostIncarnation),
                                "host-" + hostIncarnation,
                                setup.dispatcher());
        getContext().watch(started);
        return started;
    }

    private void startBackend() {
        backendIncarnation++;
        resynchronising = true;
        rings.all().forEach(ring -> ring.attached(false));
        ActorRef<BackendMessage> started =
                getContext()
                        .spawn(
                                Backend.create(setup.backend(), fromBackend, host),
                                "backend-" + backendIncarnation,
                                setup.dispatcher());
        getContext().watch(started);
        backend = started;
    }

    private Behavior<SupervisorCommand> open(SupervisorCommand.OpenRing open) {
        if (stopping) {
            open.sink().closed("disk " + setup.name() + " is stopping");
            return this;
        }
        if (!rings.mustWait(open)) {
            openNow(open);
        }
        return this;
    }

    private void openNow(SupervisorCommand.OpenRing open) {
        long ringId = open.ringId();
        FrontendCore core;
        try {
            core = new FrontendCore(setup.shape());
        } catch (OutOfMemoryError e) {
            getContext()
                    .getLog()
                    .error(
                            "Disk {} has no direct memory for another ring: {}",
                            setup.name(),
                            e.toString());
            open.sink()
                    .closed("no direct memory is left for another ring (-XX:MaxDirectMemorySize)");
            return;
        }
        Ring ring = new Ring(ringId, open.sink(), core);
        ActorRef<SupervisorCommand> self = getContext().getSelf();
        Frontend.Setup frontend =
                new Frontend.Setup(
                        ringId,
                        core,
                        open.sink(),
                        capacity.bytes(),
                        setup.shape().maxOutstandingRequests(),
                        maxRequestBytes(),
                        setup.backend().listener(),
                        () -> self.tell(new SupervisorCommand.CloseRing(ringId)));
        ActorRef<FrontendCommand> started =
                getContext()
                        .spawn(
                                Frontend.create(frontend),
                                "ring-" + Long.toUnsignedString(ringId),
                                setup.dispatcher());
        getContext().watch(started);
        ring.frontend(started);
        rings.add(ring);
        if (!resynchronising) {
            askToIntroduce(ring);
        }
    }

    /** What one chain can carry: by its ring's memory, by the backend's limits, and by its segments of a slab each. */
    private long maxRequestBytes() {
        BackendLimits limits = setup.backend().limits();
        int segments =
                Math.min(
                                limits.chainLimitSegments(),
                                setup.shape().maxSegmentsOfARequest() + CONTROL_SEGMENTS)
                        - CONTROL_SEGMENTS;
        long bySegments = (long) segments * PayloadPool.SLAB_BYTES;
        long byBytes = limits.chainLimitBytes() - CONTROL_BYTES;
        return Math.max(
                0,
                Math.min(
                        setup.shape().payloadLimitBytes()
                                / PayloadPool.SLAB_BYTES
                                * PayloadPool.SLAB_BYTES,
                        Math.min(bySegments, byBytes)));
    }

    private void askToIntroduce(Ring ring) {
        ActorRef<FrontendCommand> frontend = ring.frontend();
        ActorRef<BackendMessage> present = backend;
        if (frontend != null && present != null) {
            frontend.tell(new FrontendCommand.Introduce(backendEpoch, present, fromFrontends));
        }
    }

    private Behavior<SupervisorCommand> close(long ringId) {
        if (rings.cancel(ringId)) {
            return this;
        }
        Ring ring = rings.byId(ringId);
        if (ring == null || ring.isClosing()) {
            return this;
        }
        ring.close();
        if (ring.isAttached()) {
            tellBackend(new BackendCommand.Detach(ringId));
        }
        return this;
    }

    private void tellBackend(BackendCommand command) {
        ActorRef<BackendMessage> present = backend;
        if (present != null) {
            present.tell(command);
        }
    }

    private Behavior<SupervisorCommand> introduced(SupervisorCommand.FromFrontend message) {
        FrontendCommand.Introduced introduced = message.introduced();
        Ring ring = rings.byId(introduced.ringId());
        if (ring != null && introduced.epoch() == backendEpoch && !resynchronising) {
            attach(ring, introduced.outstanding());
        }
        return this;
    }

    private void attach(Ring ring, Outstanding outstanding) {
        if (!ring.isAttached()) {
            ring.attached(true);
            tellBackend(new BackendCommand.Attach(ring, outstanding, ring.isClosing()));
        }
    }

    private Behavior<SupervisorCommand> heard(SupervisorCommand.FromBackend message) {
        BackendNotice notice = message.notice();
        if (notice instanceof BackendNotice.RingsWanted wanted) {
            ringsWanted(wanted);
        } else if (notice instanceof BackendNotice.Serving up) {
            serving(up);
        } else if (notice instanceof BackendNotice.CapacityKnown known) {
            capacity.known(known.capacityBytes());
        } else if (notice instanceof BackendNotice.RingMustClose broken) {
            close(broken.ringId());
        } else if (notice instanceof BackendNotice.RingDetached gone) {
            detached(gone.ringId(), gone.reason());
        }
        return stopWhenEmpty();
    }

    private void ringsWanted(BackendNotice.RingsWanted wanted) {
        if (!wanted.backend().equals(backend)) {
            return;
        }
        resynchronising = false;
        backendEpoch = wanted.epoch();
        tellBackend(new BackendCommand.ExpectRings(wanted.epoch(), rings.ids()));
        for (Ring ring : rings.all()) {
            if (ring.frontend() == null) {
                attach(ring, Outstanding.NONE);
            } else {
                askToIntroduce(ring);
            }
        }
    }

    private void serving(BackendNotice.Serving up) {
        if (up.epoch() != backendEpoch || serving) {
            return;
        }
        serving = true;
        servingSinceNanos = System.nanoTime();
        long nanos = System.nanoTime() - downSinceNanos;
        statistics.lastRecoveryNanos.set(nanos);
        setup.backend().listener().recovered(up.epoch(), nanos);
    }

    private void detached(long ringId, String reason) {
        Ring ring = rings.byId(ringId);
        if (ring == null) {
            return;
        }
        if (!ring.isAttached() && !resynchronising) {
            // Word of an earlier incarnation: the present one still expects the ring.
            ring.close();
            attach(ring, Outstanding.NONE);
        }
        List<SupervisorCommand.OpenRing> ready = rings.remove(ring);
        ActorRef<FrontendCommand> frontend = ring.frontend();
        if (frontend == null) {
            ring.sink().closed(reason);
        } else {
            rings.depart(frontend, ring);
            frontend.tell(new FrontendCommand.Detached(reason));
        }
        ready.forEach(this::openNow);
    }

    private Behavior<SupervisorCommand> terminated(Terminated signal) {
        ActorRef<Void> gone = signal.getRef();
        Ring departed = rings.departed(gone);
        if (departed != null) {
            departed.sink().closed("its frontend has stopped");
            return stopWhenEmpty();
        }
        if (gone.equals(backend)) {
            backendDied();
        } else if (gone.equals(host)) {
            hostDied();
        } else {
            Ring ring = rings.ofFrontend(gone);
            if (ring != null) {
                frontendDied(ring);
            }
        }
        return this;
    }

    private void backendDied() {
        backend = null;
        resynchronising = true;
        long lived = serving ? System.nanoTime() - servingSinceNanos : 0;
        if (serving) {
            downSinceNanos = System.nanoTime();
        }
        serving = false;
        statistics.recordingSinceNanos.set(0);
        setup.backend().listener().backendDied();
        later(backendBackoff.next(lived), SupervisorCommand.Timer.START_BACKEND);
    }

    private void hostDied() {
        hostUp = false;
        later(
                hostBackoff.next(System.nanoTime() - hostSinceNanos),
                SupervisorCommand.Timer.START_HOST);
    }

    private void frontendDied(Ring ring) {
        ring.frontend(null);
        getContext()
                .getLog()
                .error(
                        "Frontend of ring {} of disk {} died; its client is disconnected",
                        Long.toUnsignedString(ring.ringId()),
                        setup.name());
        boolean known = ring.isAttached();
        close(ring.ringId());
        if (!known && !resynchronising) {
            attach(ring, Outstanding.NONE);
        }
    }

    private void later(Duration wait, SupervisorCommand.Timer what) {
        if (wait.isZero()) {
            timer(what);
        } else {
            timers.startSingleTimer(what, wait);
        }
    }

    private Behavior<SupervisorCommand> timer(SupervisorCommand.Timer what) {
        switch (what) {
            case START_BACKEND -> {
                statistics.backendRestarts.incrementAndGet();
                startBackend();
            }
            case START_HOST -> {
                statistics.executorRestarts.incrementAndGet();
                host = spawnHost();
                hostUp = true;
                tellBackend(new BackendCommand.ExecutorChanged(host));
            }
            case LOOK_FOR_OUTAGE -> lookForOutage();
        }
        return this;
    }

    /** J2: what waits for the journal longer than the limit ends with an I/O error, and its ring closes. */
    private void lookForOutage() {
        Duration limit = setup.outageLimit();
        long recordingSince = statistics.recordingSinceNanos.get();
        long since = serving ? recordingSince : downSinceNanos;
        if (limit == null || since == 0 || System.nanoTime() - since < limit.toNanos()) {
            return;
        }
        String reason =
                "the journal has not answered for " + limit.toSeconds() + " s (outage-limit)";
        for (Ring ring : List.copyOf(rings.all())) {
            ActorRef<FrontendCommand> frontend = ring.frontend();
            if (frontend != null && !ring.isClosing()) {
                frontend.tell(new FrontendCommand.GiveUp(reason));
                close(ring.ringId());
            }
        }
    }

    private Behavior<SupervisorCommand> grown(SupervisorCommand.Grown grown) {
        capacity.await(grown);
        if (hostUp) {
            host.tell(ExecutorCommand.CapacityChanged.INSTANCE);
        }
        return this;
    }

    private Behavior<SupervisorCommand> kill(SupervisorCommand.Kill kill) {
        boolean present =
                kill.target() == SupervisorCommand.Target.HOST ? killHost(kill) : killBackend(kill);
        kill.replyTo().tell(present);
        return this;
    }

    private boolean killHost(SupervisorCommand.Kill kill) {
        if (!hostUp) {
            return false;
        }
        switch (kill.mode()) {
            case STOP -> getContext().stop(host);
            case INTERRUPT, ERROR -> host.tell(new ExecutorCommand.Die(kill.mode()));
        }
        return true;
    }

    private boolean killBackend(SupervisorCommand.Kill kill) {
        ActorRef<BackendMessage> present = backend;
        BackendSetup shared = setup.backend();
        if (present == null) {
            return false;
        }
        switch (kill.mode()) {
            case STOP -> getContext().stop(present);
            case ERROR -> {
                shared.killSwitch().arm();
                present.tell(BackendCommand.Wake.INSTANCE);
            }
            case INTERRUPT -> {
                if (!shared.gate().raise(Signal.INTERRUPT)) {
                    present.tell(new BackendCommand.Signalled(Signal.INTERRUPT));
                }
            }
        }
        return true;
    }

    private Behavior<SupervisorCommand> stop(SupervisorCommand.Stop stop) {
        stopping = true;
        stopWaiters.add(stop.replyTo());
        rings.cancelAll("disk " + setup.name() + " is stopping");
        rings.ids().forEach(this::close);
        return stopWhenEmpty();
    }

    private Behavior<SupervisorCommand> stopWhenEmpty() {
        if (!stopping || !rings.isEmpty() || stopWaiters.isEmpty()) {
            return this;
        }
        List<ActorRef<Done>> waiters = List.copyOf(stopWaiters);
        stopWaiters.clear();
        return Behaviors.stopped(() -> waiters.forEach(waiter -> waiter.tell(Done.getInstance())));
    }

    private Behavior<SupervisorCommand> ended(String how) {
        String reason = "disk " + setup.name() + " " + how;
        rings.endAll(reason);
        setup.door().close(reason);
        return this;
    }
}
