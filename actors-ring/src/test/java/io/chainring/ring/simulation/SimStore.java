package io.chainring.ring.simulation;

import io.chainring.ring.execute.Chain;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Sectors with versions. Operations are applied sector by sector, in any order and interleaved with each other. Until a
 * flush a sector keeps every value it had since the last one, and a power loss leaves any of them.
 */
final class SimStore {
    /** A chain being executed, or a sync. */
    final class Running {
        private final @Nullable Chain chain;
        private final int executorIncarnation;
        private final @Nullable DiskOp op;
        private final List<Integer> sectorsLeft = new ArrayList<>();
        private final int[] syncUpTo;
        private final boolean fails;

        private Running(@Nullable Chain chain, int executorIncarnation, @Nullable DiskOp op) {
            this.chain = chain;
            this.executorIncarnation = executorIncarnation;
            this.op = op;
            this.fails = random.nextInt(1000) < errorPermille;
            if (chain != null && chain.operation().claimsRange()) {
                int first = (int) (chain.offsetBytes() / RequestHeader.SECTOR_BYTES);
                int count = (int) (chain.lengthBytes() / RequestHeader.SECTOR_BYTES);
                for (int i = 0; i < count; i++) {
                    sectorsLeft.add(first + i);
                }
            }
            syncUpTo = new int[values.size()];
            Arrays.setAll(syncUpTo, sector -> values.get(sector).size() - 1);
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

    private final SplittableRandom random;
    private final int errorPermille;

    /** Per sector: the durable value, then every later one. */
    private final List<List<Value>> values = new ArrayList<>();

    private final List<Running> running = new ArrayList<>();

    SimStore(SplittableRandom random, int sectors, int errorPermille) {
        this.random = random;
        this.errorPermille = errorPermille;
        for (int i = 0; i < sectors; i++) {
            values.add(new ArrayList<>(List.of(new Value(0, 0))));
        }
    }

    long capacityBytes() {
        return (long) values.size() * RequestHeader.SECTOR_BYTES;
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
        boolean ends = one.sectorsLeft.isEmpty();
        if (!ends && chain != null) {
            int sector = one.sectorsLeft.remove(random.nextInt(one.sectorsLeft.size()));
            apply(one, chain, sector);
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
        for (int sector = 0; sector < values.size() && !sync.fails; sector++) {
            makeDurable(sector, sync.syncUpTo[sector]);
        }
    }

    private void apply(Running one, Chain chain, int sector) {
        int at = sector * RequestHeader.SECTOR_BYTES - (int) chain.offsetBytes();
        Value last = last(sector);
        DiskOp op = one.op;
        switch (chain.operation()) {
            case READ -> {
                putLong(chain, at, last.pattern);
                putLong(chain, at + RequestHeader.SECTOR_BYTES - 8, last.pattern);
                if (op != null) {
                    op.seen[sector - op.firstSector] = last.version;
                }
            }
            case WRITE -> {
                long begin = getLong(chain, at);
                long end = getLong(chain, at + RequestHeader.SECTOR_BYTES - 8);
                Violation.check(
                        op == null
                                || op.isHostile()
                                || (begin == op.pattern(sector) && end == begin),
                        "F1",
                        () -> chain + " writes other data than " + op);
                values.get(sector).add(new Value(op == null ? -1 : op.id, begin));
            }
            default -> values.get(sector).add(new Value(op == null ? -1 : op.id, 0));
        }
    }

    /** Values in front of this index are gone for good; indexes of flushes under way move along. */
    private void makeDurable(int sector, int index) {
        if (index <= 0) {
            return;
        }
        values.get(sector).subList(0, index).clear();
        for (Running one : running) {
            one.syncUpTo[sector] = Math.max(0, one.syncUpTo[sector] - index);
        }
    }

    /** The process is dead, and its operations with it, done by half. */
    void cutAll() {
        running.clear();
    }

    void losePower() {
        for (List<Value> sector : values) {
            Value kept = sector.get(random.nextInt(sector.size()));
            sector.clear();
            sector.add(kept);
        }
    }

    /** True when a power loss may leave an older value than this version in the sector. */
    boolean isVolatile(int sector, int version) {
        List<Value> all = values.get(sector);
        for (int i = 1; i < all.size(); i++) {
            if (all.get(i).version == version) {
                return true;
            }
        }
        return false;
    }

    int[] versions() {
        int[] versions = new int[values.size()];
        Arrays.setAll(versions, sector -> last(sector).version);
        return versions;
    }

    private Value last(int sector) {
        List<Value> all = values.get(sector);
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
