package io.chainring.ring.simulation;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.supervise.SupervisorInput;
import io.chainring.ring.turn.BackendCore;
import io.chainring.ring.turn.KillPoint;
import io.chainring.ring.turn.ProcessingCursor;
import io.chainring.ring.turn.RingStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One simulated disk and everything around it. A step is one message delivered, one piece of an operation done, one
 * record stored or one request made; which one is drawn from the seed, and so is who dies before it.
 */
final class World {
    private static final int MOST_STEPS_TO_FINISH = 60_000;

    final Settings settings;
    final ExecutorModel.Factory executors;
    final Scheduler scheduler;
    final SimJournal journal;
    final SimStore store;
    final History history;
    final Checks checks;
    final SimGate gate = new SimGate();
    final RingStatistics statistics = new RingStatistics();
    ProcessingCursor cursor = new ProcessingCursor();
    SupervisorShell supervisor;

    private final SplittableRandom random;
    private final List<SimClient> clients = new ArrayList<>();

    /** The waits that were chosen between two backends, in their order. */
    final List<Long> backendWaits = new ArrayList<>();

    /** Where each backend dies. */
    @Nullable KillPoint deadly;

    private boolean calm;
    private int supervisors;
    private int backends;
    private int executorsMade;
    private long rings;
    int deaths;

    World(Settings settings, SplittableRandom random, ExecutorModel.Factory executors) {
        this.executors = executors;
        this.settings = settings;
        this.random = random;
        this.scheduler = new Scheduler(random.split());
        this.journal = new SimJournal(random.split());
        this.store =
                new SimStore(
                        random.split(),
                        settings.cells(),
                        settings.cellBytes(),
                        settings.storeErrorPermille());
        this.history = new History(settings.cells());
        this.checks = new Checks(this);
        for (int i = 0; i < settings.clients(); i++) {
            boolean hostile = settings.hostile() && i == 0;
            clients.add(new SimClient(this, random.split(), i, hostile));
        }
        this.supervisor = new SupervisorShell(this, ++supervisors);
        supervisor.hear(SupervisorInput.Order.START);
    }

    /** The whole run: trouble, then calm, then everybody closes. */
    void run() {
        for (int i = 0; i < settings.steps(); i++) {
            if (chance(settings.chaosPermille())) {
                chaos();
            }
            if (settings.outageTicks() != 0 && chance(20)) {
                supervisor.tell("timer", SupervisorInput.Order.LOOK_FOR_OUTAGE);
            }
            step(false);
        }
        calm = true;
        finish("requests");
        for (SimClient client : clients) {
            Violation.check(client.isDone(), "liveness", () -> client.name() + " waits for ever");
        }
        if (settings.stops()) {
            stop();
        } else {
            clients.forEach(SimClient::closeIfOpen);
            finish("rings");
        }
        Violation.check(supervisor.rings.isEmpty(), "liveness", () -> "a ring closes for ever");
        Violation.check(
                journal.mirror().live().isEmpty(), "liveness", () -> "a mark stays for ever");
        history.check();
    }

    /** A stop is carried through whatever dies meanwhile, but for the supervisor itself. */
    private void stop() {
        supervisor.tell("operator", SupervisorInput.Order.STOP);
        calm = false;
        for (int i = 0; i < 100; i++) {
            if (chance(settings.chaosPermille())) {
                childDies(random.nextInt(90));
            }
            step(true);
        }
        calm = true;
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
                return true;
            }
        }
        return false;
    }

    private boolean tryStep(int kind, boolean finishing) {
        return switch (kind) {
            case 0 -> scheduler.deliver();
            case 1 -> progressStore();
            case 2 -> progressJournal();
            case 3 -> clients.get(random.nextInt(clients.size())).act(finishing);
            default -> settle();
        };
    }

    private boolean progressStore() {
        if (store.running().isEmpty()) {
            return false;
        }
        SimStore.Running ended = store.progress();
        if (ended == null) {
            return true;
        }
        scheduler.trace(() -> "store finished " + ended);
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
        if (!journal.isBusy()) {
            return false;
        }
        if (random.nextInt(4) == 0) {
            journal.storeSnapshot();
        }
        journal.write();
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

    /** The backend passes a named point. */
    void at(KillPoint point, @Nullable Chain chain) {
        if (point == deadly) {
            throw new SimulatedDeath("each dies at " + point);
        }
        if (point == KillPoint.TAKEN) {
            checks.taken(chain);
        }
        boolean inHand =
                chain != null && (point == KillPoint.TAKEN || point == KillPoint.EXECUTING);
        if (inHand && chain != null && checks.isPoison(chain)) {
            KillPoint deadly = chain.head() % 2 == 0 ? KillPoint.TAKEN : KillPoint.EXECUTING;
            if (point == deadly) {
                int count = checks.diesInHand(chain);
                throw new SimulatedDeath("poison " + chain + ", time " + count);
            }
        }
        if (!calm && chance(settings.pointPermille())) {
            if (inHand && chain != null) {
                checks.diesInHand(chain);
            }
            throw new SimulatedDeath("killed at " + point + " " + chain);
        }
    }

    void backendDied(String why) {
        SimBackend dead = supervisor.backend();
        if (dead == null) {
            return;
        }
        deaths++;
        scheduler.trace(() -> dead.name() + " died: " + why);
        dead.end();
        supervisor.backendDied();
    }

    private void chaos() {
        int pick = random.nextInt(100);
        if (pick < 90) {
            childDies(pick);
        } else if (pick < 95) {
            supervisorDied();
        } else {
            processDied();
        }
    }

    private void childDies(int pick) {
        if (pick < 84) {
            // Half of the deaths are asked for, the others are not.
            Target target = pick < 62 ? Target.BACKEND : Target.HOST;
            if (pick % 2 == 0) {
                supervisor.hear(new SupervisorInput.Killed(target));
            }
        }
        if (pick < 38) {
            backendDied("stopped between messages");
        } else if (pick < 62) {
            if (gate.raise()) {
                scheduler.trace(() -> "a signal is deferred");
            } else {
                backendDied("a signal");
            }
        } else if (pick < 84) {
            if (supervisor.executor().isAlive()) {
                String dead = supervisor.executor().name();
                scheduler.trace(() -> dead + " died");
                supervisor.executorDied();
            }
        } else {
            List<SimRing> rings = List.copyOf(supervisor.rings.values());
            if (!rings.isEmpty()) {
                SimRing ring = rings.get(random.nextInt(rings.size()));
                if (ring.frontendAlive) {
                    scheduler.trace(() -> ring.frontendName() + " died");
                    ring.die();
                }
            }
        }
    }

    /** Its rings are gone, its children with it; some time later the next one takes over the journal. */
    private void supervisorDied() {
        if (!supervisor.isAlive()) {
            return;
        }
        deaths++;
        scheduler.trace(() -> supervisor.name() + " DIED");
        checks.supervisorDied();
        supervisor.die();
        clients.forEach(SimClient::supervisorDied);
        scheduler.send("system", "guardian", () -> "start supervisor", this::startSupervisor);
    }

    private void startSupervisor() {
        supervisor = new SupervisorShell(this, ++supervisors);
        supervisor.hear(SupervisorInput.Order.START);
    }

    private void processDied() {
        deaths++;
        boolean powerLoss = settings.powerLoss() && random.nextBoolean();
        scheduler.trace(() -> powerLoss ? "POWER LOSS" : "PROCESS DIED");
        long now = scheduler.tick();
        scheduler.dropAll();
        checks.backendDied();
        checks.processDied();
        clients.forEach(client -> client.processDied(now));
        store.cutAll();
        gate.reset();
        journal.settle();
        cursor = new ProcessingCursor();
        if (powerLoss) {
            store.losePower();
            history.check();
            history.checkAfterPowerLoss(store.versions());
            history.restart(store.versions());
            journal.losePower(random.nextInt(3));
        }
        startSupervisor();
    }
}
