package io.chainring.chaos;

import io.chainring.chaos.check.Checker;
import io.chainring.chaos.check.Verdict;
import io.chainring.chaos.history.HistoryFile;
import io.chainring.chaos.plan.FaultChoice;
import io.chainring.chaos.plan.FaultDriver;
import io.chainring.chaos.plan.FaultLog;
import io.chainring.chaos.plan.Injector;
import io.chainring.chaos.plan.Schedule;
import io.chainring.chaos.tested.TargetDoor;
import io.chainring.chaos.work.AfterLoss;
import io.chainring.chaos.work.Recorder;
import io.chainring.chaos.work.Tally;
import io.chainring.chaos.work.WorkSettings;
import io.chainring.chaos.work.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A chaos test of disks: clients that work on them while faults happen, a history of what they asked and heard, and a verdict.
 *
 * <pre>{@code
 * ChaosResult result = Chaos.on(disk).seed(7).operations(20_000).fault("kill", fault -> kill()).run();
 * assertTrue(result.isGood(), result::text);
 * }</pre>
 */
public final class Chaos {
    private static final long LOOK_MILLIS = 20;
    private static final long PROGRESS_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final Duration LONGEST = Duration.ofDays(7);

    private final List<TargetDoor> disks;
    private final Map<FaultChoice, FaultDriver> faults = new LinkedHashMap<>();
    private final List<FaultChoice> clientFaults = new ArrayList<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private long seed = System.nanoTime();
    private int clients = 4;
    private int outstanding = 8;
    private int cellBytes = 512;
    private int cells = 8192;
    private long operations = Long.MAX_VALUE;
    private Duration duration = LONGEST;
    private Duration answerLimit = Duration.ofSeconds(30);
    private Duration faultEvery = Duration.ofMillis(100);
    private AfterLoss afterLoss = AfterLoss.LEAVE;
    private boolean zeroed;
    private boolean errorsAllowed;
    private @Nullable Path history;
    private Consumer<Progress> progress = each -> {};

    private Chaos(List<TargetDoor> disks) {
        this.disks = disks;
    }

    /** A test of these disks, whose first megabytes are overwritten. */
    public static Chaos on(TargetDoor... disks) {
        return new Chaos(List.of(disks));
    }

    /** All that is random follows from it: what clients do, and which fault comes when. */
    public Chaos seed(long value) {
        seed = value;
        return this;
    }

    /** The seed that it runs with. */
    public long seed() {
        return seed;
    }

    /** How many clients there are in all, and how many requests each has under way at once. */
    public Chaos clients(int count, int outstandingOfEach) {
        clients = count;
        outstanding = outstandingOfEach;
        return this;
    }

    /** The part of each disk that is used: cells of so many bytes, from its first byte on. */
    public Chaos area(int cellCount, int bytesOfCell) {
        cells = cellCount;
        cellBytes = bytesOfCell;
        return this;
    }

    /** Ends when so many operations are done, and each fault has taken place, also at each of its points. */
    public Chaos operations(long count) {
        operations = count;
        return this;
    }

    /** Ends after that time, whatever was done. */
    public Chaos duration(Duration time) {
        duration = time;
        return this;
    }

    /** A request without an answer for so long is a hang. */
    public Chaos answerLimit(Duration limit) {
        answerLimit = limit;
        return this;
    }

    /** What clients do with requests whose connection was lost. */
    public Chaos afterLoss(AfterLoss what) {
        afterLoss = what;
        return this;
    }

    /** The disks are all zeroes; otherwise they are written to before the test begins. */
    public Chaos zeroed() {
        zeroed = true;
        return this;
    }

    /** Answers with an error are no broken promise: a fault causes them, or the disk may have them. */
    public Chaos errorsAllowed() {
        errorsAllowed = true;
        return this;
    }

    /** Keeps the history in that file; otherwise it is in a temporary one, which stays when it is bad. */
    public Chaos history(Path file) {
        history = file;
        return this;
    }

    /** Mean time between two faults. */
    public Chaos faultEvery(Duration mean) {
        faultEvery = mean;
        return this;
    }

    /** A fault that the driver carries out. */
    public Chaos fault(String name, FaultDriver driver) {
        return fault(FaultChoice.of(name), driver);
    }

    /** A fault with its variants, which the driver carries out. */
    public Chaos fault(FaultChoice choice, FaultDriver driver) {
        faults.put(choice, driver);
        return this;
    }

    /**
     * A fault that the clients themselves are: {@code connection-cut}, {@code half-open}, {@code slow-reader}.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public Chaos clientFault(String name) {
        clientFaults.add(
                ClientFaults.choices().stream()
                        .filter(each -> each.name().equals(name))
                        .findFirst()
                        .orElseThrow(
                                () -> new IllegalArgumentException("no client fault " + name)));
        return this;
    }

    /** The names that {@link #clientFault} takes. */
    public static List<String> clientFaultNames() {
        return ClientFaults.choices().stream().map(FaultChoice::name).toList();
    }

    /** Hears each second how far it is. */
    public Chaos progress(Consumer<Progress> listener) {
        progress = listener;
        return this;
    }

    /** Ends a run that goes on in another thread; what was found so far is judged. */
    public void stop() {
        stop.countDown();
    }

    /**
     * Runs it, once.
     *
     * @throws IOException when a disk cannot be connected to, or the history not be written
     */
    public ChaosResult run() throws IOException, InterruptedException {
        Path file = history != null ? history : Files.createTempFile("chaos-", ".jsonl");
        WorkSettings settings =
                new WorkSettings(
                        seed,
                        clients,
                        outstanding,
                        cellBytes,
                        cells,
                        Math.min(cells, 64),
                        Math.min(cells, 64),
                        answerLimit,
                        afterLoss,
                        zeroed);
        FaultLog log = new FaultLog();
        Tally tally;
        long elapsedNanos;
        try (Recorder recorder = new Recorder(file, cellBytes)) {
            Workload workload = new Workload(settings, disks, recorder);
            tally = workload.tally();
            elapsedNanos = work(workload, log);
        }
        Verdict verdict = Checker.check(new HistoryFile(file));
        List<String> problems = new ArrayList<>(tally.breaches());
        problems.addAll(tally.hangs());
        if (!errorsAllowed) {
            tally.errors().forEach((why, count) -> problems.add(count + " times an error: " + why));
        }
        ChaosResult result =
                new ChaosResult(
                        seed, Duration.ofNanos(elapsedNanos), verdict, problems, tally, log, file);
        if (history != null || !result.isGood()) {
            return result;
        }
        Files.delete(file);
        return new ChaosResult(
                seed, Duration.ofNanos(elapsedNanos), verdict, problems, tally, log, null);
    }

    private long work(Workload workload, FaultLog log) throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Thread worker =
                thread(
                        "chaos-workload",
                        () -> {
                            try {
                                workload.run(started::countDown);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } finally {
                                started.countDown();
                                ended.countDown();
                            }
                        });
        started.await();
        Injector injector = injector(workload, log);
        Thread faulting = injector == null ? null : thread("chaos-faults", injector);
        long began = System.nanoTime();
        try {
            watch(workload, log, began, ended);
        } finally {
            if (injector != null && faulting != null) {
                injector.stop();
                faulting.join();
            }
            workload.stop();
        }
        long nextProgress = System.nanoTime() + PROGRESS_NANOS;
        while (!ended.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            nextProgress = report(workload, log, began, nextProgress);
        }
        worker.join();
        return System.nanoTime() - began;
    }

    private static Thread thread(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private @Nullable Injector injector(Workload workload, FaultLog log) {
        List<FaultChoice> choices = new ArrayList<>(faults.keySet());
        Map<String, FaultDriver> drivers = new LinkedHashMap<>();
        faults.forEach((choice, driver) -> drivers.put(choice.name(), driver));
        ClientFaults own = new ClientFaults(workload);
        for (FaultChoice each : clientFaults) {
            choices.add(each);
            drivers.put(each.name(), own);
        }
        return choices.isEmpty()
                ? null
                : new Injector(
                        new Schedule(seed, choices, disks.size(), faultEvery.toMillis()),
                        drivers,
                        log);
    }

    private void watch(Workload workload, FaultLog log, long began, CountDownLatch ended)
            throws InterruptedException {
        long nextProgress = began + PROGRESS_NANOS;
        while (!stop.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            Tally tally = workload.tally();
            nextProgress = report(workload, log, began, nextProgress);
            boolean enough = tally.done() >= operations && eachTookPlace(log);
            boolean late = System.nanoTime() - began >= duration.toNanos();
            boolean broken = !tally.hangs().isEmpty() || !tally.breaches().isEmpty();
            if (enough || late || broken || ended.getCount() == 0) {
                return;
            }
        }
    }

    private boolean eachTookPlace(FaultLog log) {
        Map<String, Long> counts = log.byName();
        return Stream.concat(faults.keySet().stream(), clientFaults.stream())
                .allMatch(each -> counts.getOrDefault(each.name(), 0L) >= each.wholeRound());
    }

    private long report(Workload workload, FaultLog log, long began, long nextProgress) {
        long now = System.nanoTime();
        if (now < nextProgress) {
            return nextProgress;
        }
        Tally tally = workload.tally();
        progress.accept(
                new Progress(
                        Duration.ofNanos(now - began),
                        tally.done(),
                        log.injected(),
                        tally.errors().values().stream().mapToLong(Long::longValue).sum(),
                        tally.pauses().longestNanos() / 1e6));
        return nextProgress + PROGRESS_NANOS;
    }
}
