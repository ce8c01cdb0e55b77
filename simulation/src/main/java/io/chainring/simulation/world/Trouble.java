package io.chainring.simulation.world;

import io.chainring.simulation.plan.Fault;
import io.chainring.simulation.plan.FaultKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is going wrong at present: faults whose step has come, and states of the surroundings that last some steps. */
final class Trouble {
    private static final int SLOW_STEPS = 120;

    private final List<Fault> faults;
    private final List<Fault> armed = new ArrayList<>();
    private int next;
    private int step;
    private int journalSlowUntil;
    private int journalFullUntil;
    private int storeSlowUntil;
    private @Nullable FaultKind journalFault;

    Trouble(List<Fault> faults) {
        this.faults = faults;
    }

    /** The step begins; what happens at it, those left out that wait for a point. */
    List<Fault> at(int present) {
        step = present;
        List<Fault> due = new ArrayList<>();
        while (next < faults.size() && faults.get(next).step() <= present) {
            Fault fault = faults.get(next++);
            if (fault.step() < present) {
                continue;
            }
            if (fault.point() != null) {
                armed.add(fault);
            } else if (fault.kind().kills()) {
                due.add(fault);
            } else {
                begins(fault);
            }
        }
        return due;
    }

    private void begins(Fault fault) {
        int until = step + 1 + fault.pick() % SLOW_STEPS;
        switch (fault.kind()) {
            case JOURNAL_SLOW -> journalSlowUntil = until;
            case JOURNAL_FULL -> journalFullUntil = until;
            case STORE_SLOW -> storeSlowUntil = until;
            default -> journalFault = fault.kind();
        }
    }

    /** Those that waited for it; each once. */
    List<Fault> armed() {
        return armed;
    }

    boolean isJournalSlow() {
        return step < journalSlowUntil;
    }

    boolean isJournalFull() {
        return step < journalFullUntil;
    }

    boolean isStoreSlow() {
        return step < storeSlowUntil;
    }

    /** What becomes of the record under way; null for nothing bad. */
    @Nullable FaultKind takeJournalFault() {
        FaultKind taken = isJournalFull() ? FaultKind.JOURNAL_REJECTS : journalFault;
        journalFault = null;
        return taken;
    }

    /** For now nothing goes wrong. */
    void pause() {
        armed.clear();
        journalSlowUntil = 0;
        journalFullUntil = 0;
        storeSlowUntil = 0;
        journalFault = null;
    }

    boolean isAnythingSlow() {
        return isJournalSlow() || isStoreSlow();
    }
}
