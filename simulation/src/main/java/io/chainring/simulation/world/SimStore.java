package io.chainring.simulation.world;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.simulation.history.DiskOp;
import io.chainring.simulation.history.Violation;
import io.chainring.simulation.mirror.ChainId;
import io.chainring.simulation.plan.Draws;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cells with versions: as long as sectors, or of any other length, so that ranges begin and end within sectors that
 * others write at the same time. Operations are applied cell by cell, in any order and interleaved with each other. Until a
 * flush a cell keeps every value it had since the last one, and a power loss leaves any of them.
 */
final class SimStore {
    /** A chain being executed, or a sync. */
    final class Running {
        private final @Nullable Chain chain;
        private final int executorIncarnation;
        private final @Nullable DiskOp op;
        private final List<Integer> cellsLeft = new ArrayList<>();
        private final int[] syncUpTo;
        private final boolean fails;

        private Running(@Nullable Chain chain, int executorIncarnation, @Nullable DiskOp op) {
            this.chain = chain;
            this.executorIncarnation = executorIncarnation;
            this.op = op;
            this.fails = random.nextInt(1000) < errorPermille;
            if (chain != null && chain.operation().claimsRange()) {
                int first = firstCell(chain);
                for (int i = 0; i < cellsOf(chain); i++) {
                    cellsLeft.add(first + i);
                }
            }
            syncUpTo = new int[values.size()];
            Arrays.setAll(syncUpTo, cell -> values.get(cell).size() - 1);
        }

        /** Null of a sync. */
        @Nullable Chain chain() {
            return chain;
        }

        int executorIncarnation() {
            return executorIncarnation;
        }

        /** Of a sync that ended. */
        byte status() {
            return fails ? ChainStatus.IOERR : ChainStatus.OK;
        }

        /** What no honest client asked for has its effect up to here. */
        void endHostile(long now) {
            if (op != null && op.isHostile()) {
                op.ended = now;
            }
        }

        boolean is(ChainId id) {
            return chain != null && ChainId.of(chain).equals(id);
        }

        /** True when the two may not run at the same time (I4). */
        boolean conflicts(Chain other) {
            return chain != null
                    && chain.operation().claimsRange()
                    && other.operation().claimsRange()
                    && (chain.operation().writes() || other.operation().writes())
                    && chain.offsetBytes() < other.offsetBytes() + other.lengthBytes()
                    && other.offsetBytes() < chain.offsetBytes() + chain.lengthBytes();
        }

        @Override
        public String toString() {
            return chain == null ? "a sync" : chain.toString();
        }
    }

    private record Value(int version, long pattern) {}

    private final Draws random;
    private final int cellBytes;
    private final int errorPermille;

    /** Per cell: the durable value, then every later one. */
    private final List<List<Value>> values = new ArrayList<>();

    private final List<Running> running = new ArrayList<>();

    SimStore(Draws random, int cells, int cellBytes, int errorPermille) {
        this.random = random;
        this.cellBytes = cellBytes;
        this.errorPermille = errorPermille;
        for (int i = 0; i < cells; i++) {
            values.add(new ArrayList<>(List.of(new Value(0, 0))));
        }
    }

    long capacityBytes() {
        return (long) values.size() * cellBytes;
    }

    /** The first cell that a range covers as a whole. */
    int firstCell(Chain chain) {
        return (int) ((chain.offsetBytes() + cellBytes - 1) / cellBytes);
    }

    /** Cells that a range covers as a whole. What a hostile client does to a part of one, this store does not keep. */
    int cellsOf(Chain chain) {
        long end = (chain.offsetBytes() + chain.lengthBytes()) / cellBytes;
        return (int) Math.max(0, end - firstCell(chain));
    }

    List<Running> running() {
        return running;
    }

    void begin(Chain chain, int executorIncarnation, @Nullable DiskOp op) {
        running.add(new Running(chain, executorIncarnation, op));
    }

    void beginSync(int executorIncarnation) {
        running.add(new Running(null, executorIncarnation, null));
    }

    /** Does a piece of some operation; the one that ended with it, outcome set, or null. */
    @Nullable Running progress() {
        Running one = running.get(random.nextInt(running.size()));
        Chain chain = one.chain;
        boolean ends = one.cellsLeft.isEmpty();
        if (!ends && chain != null) {
            int cell = one.cellsLeft.remove(random.nextInt(one.cellsLeft.size()));
            apply(one, chain, cell);
            ends = one.fails && random.nextInt(3) == 0;
        }
        if (!ends) {
            return null;
        }
        running.remove(one);
        if (chain == null) {
            finishSync(one);
        } else if (one.fails) {
            chain.finish(random.nextBoolean() ? ChainStatus.IOERR : ChainStatus.NOSPC, 0);
        } else {
            boolean reads = chain.operation() == Operation.READ;
            chain.finish(ChainStatus.OK, reads ? (int) chain.lengthBytes() : 0);
        }
        return one;
    }

    private void finishSync(Running sync) {
        for (int cell = 0; cell < values.size() && !sync.fails; cell++) {
            makeDurable(cell, sync.syncUpTo[cell]);
        }
    }

    private void apply(Running one, Chain chain, int cell) {
        int at = cell * cellBytes - (int) chain.offsetBytes();
        Value last = last(cell);
        DiskOp op = one.op;
        switch (chain.operation()) {
            case READ -> {
                putLong(chain, at, last.pattern);
                putLong(chain, at + cellBytes - 8, last.pattern);
                if (op != null) {
                    op.seen[cell - op.firstCell] = last.version;
                }
            }
            case WRITE -> {
                long begin = getLong(chain, at);
                long end = getLong(chain, at + cellBytes - 8);
                Violation.check(
                        op == null || op.isHostile() || (begin == op.pattern(cell) && end == begin),
                        "F1",
                        () -> chain + " writes other data than " + op);
                values.get(cell).add(new Value(op == null ? -1 : op.id, begin));
            }
            default -> values.get(cell).add(new Value(op == null ? -1 : op.id, 0));
        }
    }

    /** Values in front of this index are gone for good; indexes of flushes under way move along. */
    private void makeDurable(int cell, int index) {
        if (index <= 0) {
            return;
        }
        values.get(cell).subList(0, index).clear();
        for (Running one : running) {
            one.syncUpTo[cell] = Math.max(0, one.syncUpTo[cell] - index);
        }
    }

    /** The process is dead, and its operations with it, done by half. */
    void cutAll() {
        running.clear();
    }

    void losePower() {
        for (List<Value> cell : values) {
            Value kept = cell.get(random.nextInt(cell.size()));
            cell.clear();
            cell.add(kept);
        }
    }

    /** True when a power loss may leave an older value than this version in the cell. */
    boolean isVolatile(int cell, int version) {
        List<Value> all = values.get(cell);
        for (int i = 1; i < all.size(); i++) {
            if (all.get(i).version == version) {
                return true;
            }
        }
        return false;
    }

    int[] versions() {
        int[] versions = new int[values.size()];
        Arrays.setAll(versions, cell -> last(cell).version);
        return versions;
    }

    private Value last(int cell) {
        List<Value> all = values.get(cell);
        return all.get(all.size() - 1);
    }

    private static void putLong(Chain chain, int at, long value) {
        for (int i = 0; i < 8; i++) {
            int skipped = 0;
            for (ByteBuffer part : chain.data()) {
                if (at + i < skipped + part.remaining()) {
                    part.put(part.position() + at + i - skipped, (byte) (value >>> (8 * i)));
                    break;
                }
                skipped += part.remaining();
            }
        }
    }

    private static long getLong(Chain chain, int at) {
        long value = 0;
        for (int i = 0; i < 8; i++) {
            int skipped = 0;
            for (ByteBuffer part : chain.data()) {
                if (at + i < skipped + part.remaining()) {
                    value |= (part.get(part.position() + at + i - skipped) & 0xFFL) << (8 * i);
                    break;
                }
                skipped += part.remaining();
            }
        }
        return value;
    }
}
