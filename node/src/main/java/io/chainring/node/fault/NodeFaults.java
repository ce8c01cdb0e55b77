package io.chainring.node.fault;

import io.chainring.base.fault.FaultPoints;
import io.chainring.base.fault.OpenFaults;
import io.chainring.base.settings.Settings;
import io.chainring.base.text.Printable;
import io.chainring.host.fault.FaultyStore;
import io.chainring.node.control.FaultControl;
import io.chainring.node.control.FaultList;
import io.chainring.node.control.FaultList.Outcome;
import io.chainring.node.disk.Disk;
import io.chainring.node.http.BadRequestException;
import io.chainring.persistence.fault.JournalFaults;
import io.chainring.registry.RegistryKilledException;
import io.chainring.registry.RegistryPoint;
import io.chainring.ring.signal.KillMode;
import io.chainring.ring.supervise.SupervisorCommand.Target;
import io.chainring.ring.turn.KillPoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries faults out: kills through the supervisor's door or at a named point, and whatever is wrong with a journal or a
 * store. A journal is that of all disks that record in it.
 */
public final class NodeFaults implements FaultControl {
    static final String NONE = "none";
    static final int MOST_TIMES = 1_000_000;
    static final long LONGEST_MILLIS = 3_600_000;
    private static final long HOLDS_MILLIS = 500;
    private static final long WAITS_MILLIS = 60_000;
    private static final Logger LOG = LoggerFactory.getLogger(NodeFaults.class);

    private final Supplier<List<Disk>> disks;
    private final IntFunction<JournalFaults> journals;
    private final RegistryKills registry;

    /** The names of all faults of a node. */
    public static List<String> names() {
        return Settings.labels(NodeFault.class);
    }

    /**
     * @param disks that are served
     * @param journals by their numbers
     */
    public NodeFaults(
            Supplier<List<Disk>> disks,
            IntFunction<JournalFaults> journals,
            RegistryKills registry) {
        this.disks = disks;
        this.journals = journals;
        this.registry = registry;
        registry.points().count();
    }

    @Override
    public FaultList list() {
        Map<String, FaultList.Passed> passed = new LinkedHashMap<>();
        for (KillPoint point : KillPoint.values()) {
            add(passed, new FaultPoints.Count<>(point, 0, 0));
        }
        for (Disk disk : disks.get()) {
            disk.killPoints().counts().forEach(count -> add(passed, count));
        }
        registry.points().counts().forEach(count -> add(passed, count));
        return new FaultList(
                Arrays.stream(NodeFault.values()).map(NodeFault::kind).toList(),
                List.copyOf(passed.values()));
    }

    private static void add(
            Map<String, FaultList.Passed> passed, FaultPoints.Count<? extends Enum<?>> count) {
        passed.merge(
                count.point().name(),
                new FaultList.Passed(count.point().name(), count.passed(), count.acted()),
                (one, other) ->
                        new FaultList.Passed(
                                one.point(),
                                one.passed() + other.passed(),
                                one.killed() + other.killed()));
    }

    @Override
    public CompletionStage<Outcome> inject(
            String name,
            @Nullable String diskName,
            @Nullable String how,
            @Nullable String point,
            @Nullable Integer count,
            @Nullable Long millis)
            throws BadRequestException {
        if (name.equals(NONE)) {
            end();
            return said("all faults have ended");
        }
        NodeFault fault = fault(name);
        long times = times(fault, count);
        long most = millis(fault, millis);
        refuseUnused(fault, how, point);
        if (fault == NodeFault.REGISTRY_KILL) {
            KillMode mode = mode(fault, how);
            return killRegistry(mode, point == null ? null : registryPoint(point), times, most);
        }
        Disk disk = disk(fault, diskName);
        Target target = fault.target;
        if (target != null) {
            KillMode mode = mode(fault, how);
            return point == null
                    ? kill(disk, target, mode, times)
                    : killAt(disk, killPoint(fault, point), mode, times, most);
        }
        return point(fault, disk, times, most);
    }

    private CompletionStage<Outcome> point(NodeFault fault, Disk disk, long times, long millis)
            throws BadRequestException {
        String hits = times == OpenFaults.UNCOUNTED ? "" : ", at most " + times + " operations";
        String lasts = " for at most " + millis + " ms" + hits;
        if (fault.journal != null) {
            journals.apply(disk.journal()).inject(fault.journal, times, millis);
            return said(
                    "%s of journal %s, which disk %s is in,%s"
                            .formatted(Settings.label(fault), disk.journal(), disk.name(), lasts));
        }
        if (fault.store != null && disk.store() instanceof FaultyStore store) {
            store.inject(fault.store, times, millis);
            return said("%s of disk %s%s".formatted(Settings.label(fault), disk.name(), lasts));
        }
        throw new BadRequestException("the store of disk " + disk.name() + " takes no faults");
    }

    private CompletionStage<Outcome> kill(Disk disk, Target target, KillMode mode, long times)
            throws BadRequestException {
        if (times != 1) {
            throw new BadRequestException("'count' needs a 'point': without it one dies now");
        }
        String who = Settings.label(target) + " of disk " + disk.name();
        return disk.kill(target, mode)
                .thenApply(
                        killed ->
                                told(
                                        new Outcome(
                                                killed,
                                                killed
                                                        ? "killed the %s: %s"
                                                                .formatted(
                                                                        who, Settings.label(mode))
                                                        : "there was no " + who)));
    }

    private CompletionStage<Outcome> killAt(
            Disk disk, KillPoint point, KillMode mode, long times, long millis) {
        later(millis, disk.killPoints().arm(point, mode, 0, (int) times));
        return said(
                "disk %s: whoever passes %s next dies, %s times within %s ms: %s"
                        .formatted(disk.name(), point, times, millis, Settings.label(mode)));
    }

    private CompletionStage<Outcome> killRegistry(
            KillMode mode, @Nullable RegistryPoint point, long times, long millis)
            throws BadRequestException {
        RegistryKilledException death =
                new RegistryKilledException("killed by an injected " + Settings.label(mode));
        if (point == null) {
            if (times != 1) {
                throw new BadRequestException("'count' needs a 'point': without it one dies now");
            }
            registry.now().accept(death);
            return said("killed the registry");
        }
        later(millis, registry.points().arm(point, death, 0, (int) times));
        return said(
                "the registry dies at %s, %s times within %s ms".formatted(point, times, millis));
    }

    private static void later(long millis, Runnable cancel) {
        CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS).execute(cancel);
    }

    private void end() {
        registry.points().disarm();
        for (Disk disk : disks.get()) {
            disk.killPoints().disarm();
            journals.apply(disk.journal()).end();
            if (disk.store() instanceof FaultyStore store) {
                store.heal();
            }
        }
    }

    private static CompletionStage<Outcome> said(String what) {
        return CompletableFuture.completedFuture(told(new Outcome(true, what)));
    }

    private static Outcome told(Outcome outcome) {
        LOG.info("Injected: {}", outcome.what());
        return outcome;
    }

    private static NodeFault fault(String name) throws BadRequestException {
        try {
            return Settings.choiceOf(name, NodeFault.class);
        } catch (IllegalArgumentException e) {
            throw new BadRequestException("'fault' is not " + e.getMessage() + ", " + NONE, e);
        }
    }

    private static KillMode mode(NodeFault fault, @Nullable String how) throws BadRequestException {
        String asked = how == null ? Settings.label(KillMode.ERROR) : how;
        if (!fault.ways().contains(asked)) {
            throw new BadRequestException("'how' is not one of " + String.join(", ", fault.ways()));
        }
        return Settings.choiceOf(asked, KillMode.class);
    }

    private static KillPoint killPoint(NodeFault fault, String point) throws BadRequestException {
        checkPoint(fault, point);
        return KillPoint.valueOf(point);
    }

    private static RegistryPoint registryPoint(String point) throws BadRequestException {
        checkPoint(NodeFault.REGISTRY_KILL, point);
        return RegistryPoint.valueOf(point);
    }

    private static void checkPoint(NodeFault fault, String point) throws BadRequestException {
        if (!fault.points().contains(point)) {
            throw new BadRequestException(
                    "'point' is not one of " + String.join(", ", fault.points()));
        }
    }

    private static void refuseUnused(NodeFault fault, @Nullable String how, @Nullable String point)
            throws BadRequestException {
        List<String> unused = new ArrayList<>();
        if (fault.ways().isEmpty() && how != null) {
            unused.add("'how'");
        }
        if (fault.points().isEmpty() && point != null) {
            unused.add("'point'");
        }
        if (!unused.isEmpty()) {
            throw new BadRequestException(
                    "%s kills nobody, and takes no %s"
                            .formatted(Settings.label(fault), String.join(" and no ", unused)));
        }
    }

    private static long times(NodeFault fault, @Nullable Integer count) throws BadRequestException {
        if (count == null) {
            return fault.lasts() ? OpenFaults.UNCOUNTED : 1;
        }
        if (count < 1 || count > MOST_TIMES) {
            throw new BadRequestException("'count' is not from 1 to " + MOST_TIMES);
        }
        return count;
    }

    private static long millis(NodeFault fault, @Nullable Long millis) throws BadRequestException {
        if (millis == null) {
            return fault.lasts() ? HOLDS_MILLIS : WAITS_MILLIS;
        }
        if (millis < 1 || millis > LONGEST_MILLIS) {
            throw new BadRequestException("'millis' is not from 1 to " + LONGEST_MILLIS);
        }
        return millis;
    }

    private Disk disk(NodeFault fault, @Nullable String name) throws BadRequestException {
        List<Disk> present = disks.get();
        if (name != null) {
            for (Disk disk : present) {
                if (disk.name().equals(name)) {
                    return disk;
                }
            }
        }
        String there = present.stream().map(Disk::name).collect(Collectors.joining(", "));
        throw new BadRequestException(
                name == null
                        ? Settings.label(fault) + " needs a 'disk': one of " + there
                        : "there is no disk %s; there is %s"
                                .formatted(Printable.name(name), there));
    }
}
