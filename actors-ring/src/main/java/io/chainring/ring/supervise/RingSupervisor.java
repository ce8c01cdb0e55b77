package io.chainring.ring.supervise;

import io.chainring.ring.backend.BackendCommand;
import io.chainring.ring.backend.BackendNotice;
import io.chainring.ring.execute.BackendMessage;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.frontend.Frontend;
import io.chainring.ring.frontend.FrontendCommand;
import io.chainring.ring.frontend.FrontendCore;
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
    private static final Duration OUTAGE_LOOK = Duration.ofSeconds(1);

    private final SupervisorSetup setup;
    private final TimerScheduler<SupervisorCommand> timers;
    private final ActorRef<FrontendCommand.Introduced> fromFrontends;
    private final OpenRings rings = new OpenRings();
    private final List<ActorRef<Done>> stopWaiters = new ArrayList<>();
    private final KnownCapacity capacity;

    private final ExecutorLife executor;
    private final BackendLife backend;
    private boolean stopping;

    private RingSupervisor(
            ActorContext<SupervisorCommand> context,
            TimerScheduler<SupervisorCommand> timers,
            SupervisorSetup setup) {
        super(context);
        this.setup = setup;
        this.timers = timers;
        ActorRef<BackendNotice> fromBackend =
                context.messageAdapter(BackendNotice.class, SupervisorCommand.FromBackend::new);
        this.fromFrontends =
                context.messageAdapter(
                        FrontendCommand.Introduced.class, SupervisorCommand.FromFrontend::new);
        this.capacity = new KnownCapacity(setup.capacityBytes().getAsLong());
        setup.door().open();
        this.executor = new ExecutorLife(context, setup);
        this.backend = new BackendLife(context, setup, fromBackend);
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

    private void startBackend() {
        rings.all().forEach(ring -> ring.attached(false));
        backend.start(executor.present());
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
                        setup.maxRequestBytes(),
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
        if (!backend.isResynchronising()) {
            askToIntroduce(ring);
        }
    }

    private void askToIntroduce(Ring ring) {
        ActorRef<FrontendCommand> frontend = ring.frontend();
        ActorRef<BackendMessage> present = backend.present();
        if (frontend != null && present != null) {
            frontend.tell(new FrontendCommand.Introduce(backend.epoch(), present, fromFrontends));
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
            backend.tell(new BackendCommand.Detach(ringId));
        }
        return this;
    }

    private Behavior<SupervisorCommand> introduced(SupervisorCommand.FromFrontend message) {
        FrontendCommand.Introduced introduced = message.introduced();
        Ring ring = rings.byId(introduced.ringId());
        if (ring != null && introduced.epoch() == backend.epoch() && !backend.isResynchronising()) {
            attach(ring, introduced.outstanding());
        }
        return this;
    }

    private void attach(Ring ring, Outstanding outstanding) {
        if (!ring.isAttached()) {
            ring.attached(true);
            backend.tell(new BackendCommand.Attach(ring, outstanding, ring.isClosing()));
        }
    }

    private Behavior<SupervisorCommand> heard(SupervisorCommand.FromBackend message) {
        BackendNotice notice = message.notice();
        if (notice instanceof BackendNotice.RingsWanted wanted) {
            ringsWanted(wanted);
        } else if (notice instanceof BackendNotice.Serving up) {
            backend.serving(up.epoch());
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
        if (!backend.wantsRings(wanted)) {
            return;
        }
        backend.tell(new BackendCommand.ExpectRings(wanted.epoch(), rings.ids()));
        for (Ring ring : rings.all()) {
            if (ring.frontend() == null) {
                attach(ring, Outstanding.NONE);
            } else {
                askToIntroduce(ring);
            }
        }
    }

    private void detached(long ringId, String reason) {
        Ring ring = rings.byId(ringId);
        if (ring == null) {
            return;
        }
        if (!ring.isAttached() && !backend.isResynchronising()) {
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
        if (gone.equals(backend.present())) {
            later(backend.died(), SupervisorCommand.Timer.START_BACKEND);
        } else if (gone.equals(executor.present())) {
            later(executor.died(), SupervisorCommand.Timer.START_HOST);
        } else {
            Ring ring = rings.ofFrontend(gone);
            if (ring != null) {
                frontendDied(ring);
            }
        }
        return this;
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
        if (!known && !backend.isResynchronising()) {
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
                setup.backend().statistics().backendRestarts.incrementAndGet();
                startBackend();
            }
            case START_HOST -> {
                executor.startNext();
                backend.tell(new BackendCommand.ExecutorChanged(executor.present()));
            }
            case LOOK_FOR_OUTAGE -> lookForOutage();
        }
        return this;
    }

    /** J2: what waits for the journal longer than the limit ends with an I/O error, and its ring closes. */
    private void lookForOutage() {
        Duration limit = setup.outageLimit();
        if (limit == null || !backend.isOutFor(limit)) {
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
        executor.tell(ExecutorCommand.CapacityChanged.INSTANCE);
        return this;
    }

    private Behavior<SupervisorCommand> kill(SupervisorCommand.Kill kill) {
        boolean present =
                kill.target() == SupervisorCommand.Target.HOST
                        ? executor.kill(kill.mode())
                        : backend.kill(kill.mode());
        kill.replyTo().tell(present);
        return this;
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
