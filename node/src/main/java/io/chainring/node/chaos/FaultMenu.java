package io.chainring.node.chaos;

import io.chainring.base.settings.Settings;
import io.chainring.chaos.Chaos;
import io.chainring.chaos.plan.FaultChoice;
import io.chainring.chaos.process.ProcessFaults;
import io.chainring.node.StartException;
import io.chainring.node.fault.NodeFaults;
import io.chainring.ring.signal.KillMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The faults that can be asked for by name: a node's own, those of its process, those of its clients. */
final class FaultMenu {
    private static final String ALL = "all";
    private static final String NONE = "none";
    private static final String CLOCK_JUMP = "clock-jump";
    private static final String SYNC_FAIL = "store-sync-fail";
    private static final long LASTING_MILLIS_MOST = 300;

    /** Known by name to every node, though an older one may not be able to do them. */
    static final List<String> NODE_FAULTS = NodeFaults.names();

    /** Faults that may make a disk answer with an error. */
    private static final Set<String> CAUSE_ERRORS =
            Set.of(
                    "journal-fail",
                    "journal-reject",
                    "journal-torn",
                    "journal-full",
                    "store-eio",
                    "store-enospc",
                    "store-torn",
                    "store-short",
                    SYNC_FAIL);

    private final Map<String, FaultChoice> inNode = new LinkedHashMap<>();

    /**
     * @param offered what the node says that it can do; null when it is of a version that cannot say
     */
    FaultMenu(FaultDoor.@Nullable Menu offered) {
        if (offered == null) {
            for (String each : NODE_FAULTS.subList(0, 2)) {
                inNode.put(
                        each,
                        new FaultChoice(each, Settings.labels(KillMode.class), List.of(), 0, 0));
            }
            return;
        }
        for (FaultDoor.Offer each : offered.faults()) {
            inNode.put(
                    each.name(),
                    new FaultChoice(
                            each.name(),
                            Objects.requireNonNullElse(each.how(), List.of()),
                            Objects.requireNonNullElse(each.points(), List.of()),
                            1,
                            LASTING_MILLIS_MOST));
        }
    }

    /** All names, for people. */
    static List<String> names() {
        List<String> all = new ArrayList<>(NODE_FAULTS);
        all.addAll(processFaults().keySet());
        all.add(CLOCK_JUMP);
        all.addAll(Chaos.clientFaultNames());
        return all;
    }

    private static Map<String, FaultChoice> processFaults() {
        Map<String, FaultChoice> all = new LinkedHashMap<>();
        all.put(ProcessFaults.STOP.name(), ProcessFaults.STOP);
        all.put(ProcessFaults.KILL.name(), ProcessFaults.KILL);
        return all;
    }

    /**
     * The names in a list of an option's.
     *
     * @throws StartException when there is none of a name
     */
    static Set<String> parse(String text) throws StartException {
        if (text.equals(NONE)) {
            return Set.of();
        }
        Set<String> wanted = new LinkedHashSet<>(List.of(text.split(",", -1)));
        List<String> known = names();
        for (String each : wanted) {
            if (!each.equals(ALL) && !known.contains(each)) {
                throw new StartException(
                        "--faults '%s': all, none, or some of %s"
                                .formatted(each, String.join(", ", known)));
            }
        }
        return wanted;
    }

    /**
     * Adds faults to a test.
     *
     * @throws StartException when one cannot be done here
     */
    void addTo(Chaos chaos, Set<String> wanted, OwnNode node, boolean knowsFaults)
            throws StartException {
        FaultDoor door = new FaultDoor(node.data(), node.disks(), knowsFaults);
        ProcessFaults process = new ProcessFaults(node.process());
        Map<String, FaultChoice> ofProcess = processFaults();
        for (String each : wanted(wanted)) {
            @Nullable FaultChoice inside = inNode.get(each);
            @Nullable FaultChoice outside = ofProcess.get(each);
            if (inside != null) {
                chaos.fault(inside, door);
            } else if (outside != null) {
                chaos.fault(outside, process);
            } else if (Chaos.clientFaultNames().contains(each)) {
                chaos.clientFault(each);
            } else if (each.equals(CLOCK_JUMP)) {
                throw new StartException("clock-jump is not available: nothing here fakes a clock");
            } else {
                throw new StartException("this node cannot do " + each);
            }
        }
    }

    private Set<String> wanted(Set<String> wanted) {
        if (!wanted.contains(ALL)) {
            return wanted;
        }
        Set<String> all = new LinkedHashSet<>(inNode.keySet());
        // It ends its disk until somebody ejects and inserts it.
        all.remove(SYNC_FAIL);
        all.addAll(processFaults().keySet());
        all.addAll(Chaos.clientFaultNames());
        return all;
    }

    /** Whether answers with an error may come of these. */
    static boolean causeErrors(Set<String> wanted) {
        return wanted.stream().anyMatch(each -> each.equals(ALL) || CAUSE_ERRORS.contains(each));
    }
}
