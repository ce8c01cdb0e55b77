package io.chainring.simulation.history;

import io.chainring.ring.request.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What clients asked for and heard, since the last power loss. A cell is a register whose writes are all different,
 * so linearizability can be decided exactly ({@link #checkCell}).
 */
public final class History {
    private final int cells;
    private final List<DiskOp> ops = new ArrayList<>();
    private final int[] initial;
    private final List<DiskOp> all = new ArrayList<>();
    private int nextId = 1;

    /** A pattern that only a hostile client knows. */
    public static final long UNKNOWN = -2;

    public History(int cells) {
        this.cells = cells;
        this.initial = new int[cells];
    }

    /** A client asks. */
    public DiskOp begin(
            String client,
            Operation operation,
            int first,
            int count,
            boolean fua,
            long now,
            boolean poison) {
        DiskOp op = new DiskOp(nextId++, client, operation, first, count, fua, now, poison);
        ops.add(op);
        all.add(op);
        return op;
    }

    /** After a power loss: what the store holds is where the history begins again. */
    public void restart(int[] versions) {
        ops.clear();
        System.arraycopy(versions, 0, initial, 0, cells);
    }

    /** The whole history, cell by cell. */
    public void check() {
        for (int cell = 0; cell < cells; cell++) {
            checkCell(cell);
        }
    }

    /** A read has just ended: nothing that it saw may have been overwritten before it was asked for. */
    public void checkRead(DiskOp read) {
        for (int i = 0; i < read.cells; i++) {
            int cell = read.firstCell + i;
            DiskOp source = write(read.seen[i]);
            long sourceEnded = source == null ? 0 : source.ended;
            for (DiskOp other : ops) {
                Violation.check(
                        !(isCertain(other)
                                && other.covers(cell)
                                && other.invoked > sourceEnded
                                && other.ended < read.invoked),
                        "stale read",
                        () ->
                                read
                                        + " saw cell "
                                        + cell
                                        + " of "
                                        + source
                                        + ", overwritten by "
                                        + other);
            }
        }
    }

    /**
     * Invariant I8 when a flush or a FUA write has just been completed: what it promises is on stable storage.
     *
     * @param isVolatile whether a power loss may leave an older value than this version, the second, in the cell, the first
     */
    public void checkDurable(DiskOp flush, BiPredicate<Integer, Integer> isVolatile) {
        for (DiskOp op : ops) {
            boolean promised =
                    flush.operation == Operation.FLUSH ? op.ended < flush.invoked : op == flush;
            for (int i = 0; i < op.cells && promised && isCertain(op); i++) {
                Violation.check(
                        !isVolatile.test(op.firstCell + i, op.id),
                        "I8",
                        () -> flush + " is completed, and this could still be lost: " + op);
            }
        }
    }

    /**
     * Invariant I8 after a power loss: what a cell holds is not older than a write that was completed before a
     * completed flush was submitted, or that was completed with FUA.
     */
    public void checkAfterPowerLoss(int[] versions) {
        long flushed = 0;
        for (DiskOp op : ops) {
            if (op.operation == Operation.FLUSH && op.acknowledged) {
                flushed = Math.max(flushed, op.invoked);
            }
        }
        for (int i = 0; i < cells; i++) {
            int cell = i;
            DiskOp source = write(versions[cell]);
            long sourceEnded = source == null ? 0 : source.ended;
            for (DiskOp op : ops) {
                boolean durable = isCertain(op) && (op.ended < flushed || op.fua);
                Violation.check(
                        !(durable && op.covers(cell) && op.invoked > sourceEnded),
                        "I8",
                        () ->
                                "cell "
                                        + cell
                                        + " holds "
                                        + source
                                        + " after the power loss, older than "
                                        + op);
            }
        }
    }

    /**
     * Gibbons and Korach, "Testing shared memories" (1997): with unique writes, a register's history is linearizable
     * iff no two forward zones overlap and no backward zone lies within a forward one. A zone is what a write and
     * its reads span, from the first end to the last begin.
     */
    private void checkCell(int cell) {
        List<Zone> zones = new ArrayList<>();
        Zone first = new Zone("the initial value", 0, 0);
        zones.add(first);
        Zone[] byWrite = new Zone[nextId];
        for (DiskOp op : ops) {
            if (op.operation.writes() && op.covers(cell)) {
                byWrite[op.id] = new Zone(op, op.invoked, op.ended);
            }
        }
        for (DiskOp op : ops) {
            if (op.operation == Operation.READ && op.acknowledged && op.covers(cell)) {
                int version = op.seen[cell - op.firstCell];
                Zone zone = version == initial[cell] ? first : byWrite[version];
                Violation.check(
                        zone != null, "history", () -> op + " saw a write that nobody made");
                if (zone != null) {
                    zone.addRead(op);
                }
            } else if (isCertain(op) && op.covers(cell)) {
                byWrite[op.id].used = true;
            }
        }
        for (Zone zone : byWrite) {
            if (zone != null && zone.used) {
                zones.add(zone);
            }
        }
        for (Zone zone : zones) {
            for (Zone other : zones) {
                Violation.check(
                        zone == other || !zone.contradicts(other),
                        "linearizability",
                        () -> "cell " + cell + ": " + zone + " and " + other);
            }
        }
    }

    private static boolean isCertain(DiskOp op) {
        return op.operation.writes() && op.acknowledged;
    }

    private @Nullable DiskOp write(int version) {
        int index = ops.isEmpty() ? -1 : version - ops.get(0).id;
        return index < 0 ? null : ops.get(index);
    }

    /** What a cell holds that has this version. */
    public long pattern(int version, int cell) {
        if (version == 0) {
            return 0;
        }
        DiskOp op = all.get(version - 1);
        if (op.isHostile()) {
            return UNKNOWN;
        }
        return op.operation == Operation.WRITE ? op.pattern(cell) : 0;
    }

    private static final class Zone {
        private final Object source;
        private final List<DiskOp> reads = new ArrayList<>();
        private final long writeInvoked;
        private long firstEnd;
        private long lastBegin;
        private boolean used;

        Zone(Object source, long invoked, long ended) {
            this.source = source;
            this.writeInvoked = invoked;
            this.firstEnd = ended;
            this.lastBegin = invoked;
        }

        void addRead(DiskOp read) {
            Violation.check(
                    read.ended > writeInvoked,
                    "history",
                    () -> read + " saw the future: " + source);
            reads.add(read);
            firstEnd = Math.min(firstEnd, read.ended);
            lastBegin = Math.max(lastBegin, read.invoked);
            used = true;
        }

        private boolean isForward() {
            return firstEnd < lastBegin;
        }

        private long low() {
            return Math.min(firstEnd, lastBegin);
        }

        private long high() {
            return Math.max(firstEnd, lastBegin);
        }

        boolean contradicts(Zone other) {
            if (isForward() && other.isForward()) {
                return low() < other.high() && other.low() < high();
            }
            if (isForward()) {
                return low() < other.low() && other.high() < high();
            }
            return other.isForward() && other.low() < low() && high() < other.high();
        }

        @Override
        public String toString() {
            return "{" + source + ", read by " + reads + "}";
        }
    }
}
