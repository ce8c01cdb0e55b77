package io.chainring.simulation.world;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.supervise.SupervisorInput;
import io.chainring.ring.turn.BackendCore;
import io.chainring.ring.turn.ProcessingCursor;
import io.chainring.ring.turn.RingStatistics;
import io.chainring.simulation.history.ClientHistory;
import io.chainring.simulation.history.History;
import io.chainring.simulation.history.Violation;
import io.chainring.simulation.plan.Draws;
import io.chainring.simulation.plan.FaultKind;
import io.chainring.simulation.plan.Moment;
import io.chainring.simulation.plan.Plan;
import io.chainring.simulation.plan.Point;
import io.chainring.simulation.plan.Settings;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One simulated disk and everything around it. A step is one message delivered, one piece of an operation done, one
 * record stored or one request made; which one is drawn from the seed, and so is who dies before it.
 */
final class World {
    private static final int MOST_STEPS_TO_FINISH = 60_000;

    final Plan plan;
    final Settings settings;
    final Scheduler scheduler;
    final SimJournal journal;
    final SimStore store;
    final History history;
    final ClientHistory told = new ClientHistory();
    final Checks checks;
    final Trouble trouble;
    final SimGateway gateway = new SimGateway(this);
    final Deaths deaths;
    final SimGate gate = new SimGate();
    final RingStatistics statistics = new RingStatistics();
    ProcessingCursor cursor = new ProcessingCursor();
    SupervisorShell supervisor;

    private final Draws random;
    final List<Party> clients = new ArrayList<>();

    /** The waits that were chosen between two backends, in their order. */
    final List<Long> backendWaits = new ArrayList<>();

    /** Where each backend dies. */
    @Nullable Point deadly;

    private boolean calm;
    private boolean stopping;
    private int supervisors;
    private int backends;
    private int executorsMade;
    private long rings;

    /** A world of a plan, in which the first supervisor is about to start. */
    World(Plan plan) {
        this.plan = plan;
        this.settings = plan.settings();
        this.random = plan.drawsFor(0);
        this.scheduler = new Scheduler(plan.drawsFor(1));
        this.journal = new SimJournal(plan.drawsFor(2));
        this.store =
                new SimStore(
                        plan.drawsFor(3),
                        settings.cells(),
                        settings.cellBytes(),
                        settings.storeErrorPermille());
        this.history = new History(settings.cells());
        this.checks = new Checks(this);
        this.trouble = new Trouble(plan.faults());
        this.deaths = new Deaths(this, plan.drawsFor(4));
        for (int i = 0; i < settings.clients(); i++) {
            boolean hostile = settings.hostile() && i == 0;
            clients.add(new SimClient(this, plan.drawsFor(5 + i), i, hostile));
        }
        for (int i = settings.clients(); i < settings.clients() + settings.remotes(); i++) {
            clients.add(new SimRemote(this, plan.drawsFor(5 + i), i));
        }
        this.supervisor = new SupervisorShell(this, ++supervisors);
        supervisor.hear(SupervisorInput.Order.START);
    }

    /** The whole run: trouble, then calm, then everybody closes. */
    void run() {
        for (int i = 0; i < plan.steps(); i++) {
            deaths.due(i);
            if (settings.outageTicks() != 0 && chance(20)) {
                supervisor.tell("timer", SupervisorInput.Order.LOOK_FOR_OUTAGE);
            }
            step(false);
        }
        calmDown();
        finish("requests");
        for (Party client : clients) {
            Violation.check(client.isDone(), "liveness", () -> client.name() + " waits for ever");
        }
        if (settings.stops()) {
            stop();
        } else {
            clients.forEach(Party::closeIfOpen);
            finish("rings");
        }
        Violation.check(supervisor.rings.isEmpty(), "liveness", () -> "a ring closes for ever");
        Violation.check(
                journal.mirror().live().isEmpty() || supervisor.hasStoppedWithoutJournal(),
                "liveness",
                () -> "a mark stays for ever");
        history.check();
        if (!settings.hostile()) {
            told.check();
        }
    }

    private void calmDown() {
        calm = true;
        trouble.pause();
    }

    /** A stop is carried through whatever dies meanwhile, but for the supervisor itself. */
    private void stop() {
        supervisor.tell("operator", SupervisorInput.Order.STOP);
        calm = false;
        stopping = true;
        for (int i = 0; i < Plan.STOP_STEPS; i++) {
            deaths.due(settings.steps() + i);
            step(true);
        }
        calmDown();
        finish("stop");
        Violation.check(supervisor.hasStopped(), "liveness", () -> "a stop is never answered");
    }

    private void finish(String what) {
        for (int i = 0; i < MOST_STEPS_TO_FINISH; i++) {
            if (!step(true)) {
                return;
            }
        }
        throw new Violation("liveness", "the " + what + " do not come to rest");
    }

    /** False when nothing is left to do. */
    boolean step(boolean finishing) {
        int first = random.nextInt(100);
        int kind = first < 50 ? 0 : first < 65 ? 1 : first < 77 ? 2 : first < 88 ? 3 : 4;
        for (int i = 0; i < 5; i++) {
            if (tryStep((kind + i) % 5, finishing)) {
                deaths.carryOut();
                return true;
            }
        }
        // Whatever is slow only seems to be at rest.
        return trouble.isAnythingSlow();
    }

    private boolean tryStep(int kind, boolean finishing) {
        return switch (kind) {
            case 0 -> scheduler.deliver();
            case 1 -> progressStore();
            case 2 -> progressJournal();
            case 3 -> act(finishing);
            default -> settle();
        };
    }

    /** One of the clients does something; in the end each is asked, so that none is forgotten. */
    private boolean act(boolean finishing) {
        int first = random.nextInt(clients.size());
        int asked = finishing ? clients.size() : 1;
        for (int i = 0; i < asked; i++) {
            if (clients.get((first + i) % clients.size()).act(finishing)) {
                return true;
            }
        }
        return false;
    }

    private boolean progressStore() {
        if (store.running().isEmpty() || trouble.isStoreSlow()) {
            return false;
        }
        SimStore.Running ended = store.progress();
        if (ended == null) {
            return true;
        }
        scheduler.trace(() -> "store finished " + ended);
        scheduler.note(store.running().size());
        ended.endHostile(scheduler.tick());
        SimExecutor executor = supervisor.executor();
        if (executor.isAlive() && ended.executorIncarnation() == executor.incarnation) {
            executor.ended(ended);
        } else {
            executor.tellWhenIdle();
        }
        return true;
    }

    private boolean progressJournal() {
        if (!journal.isBusy() || trouble.isJournalSlow()) {
            return false;
        }
        if (random.nextInt(4) == 0 && journal.storeSnapshot()) {
            passes(Point.DELETION);
        }
        FaultKind fault = trouble.takeJournalFault();
        if (fault == null) {
            journal.write();
            return true;
        }
        if (fault == FaultKind.JOURNAL_REJECTS) {
            journal.reject();
        }
        deaths.backendDied(fault.words());
        return true;
    }

    private boolean settle() {
        SimExecutor executor = supervisor.executor();
        if (!executor.isAlive() || !executor.isUnsettled()) {
            return false;
        }
        executor.settle();
        return true;
    }

    /** A message for a backend incarnation; lost when that one is gone. */
    void toBackend(String from, String to, Supplier<String> label, Consumer<BackendCore> input) {
        SimBackend present = supervisor.backend();
        if (present != null && present.name().equals(to)) {
            present.tell(from, label, input);
        }
    }

    boolean chance(int permille) {
        return random.nextInt(1000) < permille;
    }

    boolean isCalm() {
        return calm;
    }

    /** True now and then, until the end of the run. */
    boolean isTroubled(int permille) {
        return !calm && chance(permille);
    }

    SimExecutor nextExecutor() {
        return new SimExecutor(this, ++executorsMade);
    }

    int nextBackend() {
        return ++backends;
    }

    long nextRing() {
        return ++rings;
    }

    /** A backend passes a named point of its turn. */
    void at(Point point, @Nullable Chain chain) {
        if (point == deadly) {
            throw new SimulatedDeath("each dies at " + point);
        }
        if (point == Point.TAKEN) {
            checks.taken(chain);
        }
        boolean inHand = chain != null && (point == Point.TAKEN || point == Point.EXECUTING);
        if (inHand && chain != null && checks.isPoison(chain)) {
            Point deadlyPoint = chain.head() % 2 == 0 ? Point.TAKEN : Point.EXECUTING;
            if (point == deadlyPoint) {
                int count = checks.diesInHand(chain);
                throw new SimulatedDeath("poison " + chain + ", time " + count);
            }
        }
        deaths.at(point, inHand ? chain : null);
    }

    /** Somebody passes a point that is none of a backend's turn. */
    void passes(Point point) {
        deaths.passes(point);
    }

    /** What everything is in the middle of. */
    Set<Moment> moments() {
        EnumSet<Moment> moments = EnumSet.noneOf(Moment.class);
        SimBackend backend = supervisor.backend();
        note(moments, Moment.IN_FLIGHT, !journal.mirror().live().isEmpty());
        note(moments, Moment.RECORDING, journal.isBusy());
        note(moments, Moment.RECOVERING, backend == null || !backend.serves());
        note(moments, Moment.HOST_AWAY, !supervisor.executor().isAlive());
        note(moments, Moment.RING_OPENING, supervisor.isOpening());
        note(moments, Moment.RING_DRAINING, checks.isDraining());
        note(moments, Moment.SNAPSHOT, journal.isSnapshotUnderWay());
        note(moments, Moment.JOURNAL_FULL, trouble.isJournalFull());
        note(moments, Moment.STOPPING, stopping);
        note(moments, Moment.IDLE, moments.isEmpty());
        return moments;
    }

    private static void note(Set<Moment> moments, Moment moment, boolean holds) {
        if (holds) {
            moments.add(moment);
        }
    }

    void startSupervisor() {
        supervisor = new SupervisorShell(this, ++supervisors);
        supervisor.hear(SupervisorInput.Order.START);
    }
}
