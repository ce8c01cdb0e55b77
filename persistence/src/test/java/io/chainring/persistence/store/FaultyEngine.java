package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.engine.EngineException;
import io.chainring.persistence.fault.PassingEngine;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Fails writes and reads on demand, those of the next engine of the same store as well. */
final class FaultyEngine extends PassingEngine {
    private final Faults faults;

    FaultyEngine(Engine engine, Faults faults) {
        super(engine);
        this.faults = faults;
    }

    /** What fails; a test changes it while the store is open. */
    static final class Faults {
        /** Writes of which nothing is stored. */
        volatile Predicate<List<Change>> before = changes -> false;

        /** Writes that are stored, which whoever wrote doesn't hear. */
        volatile Predicate<List<Change>> after = changes -> false;

        /** Keys that can't be read, by a get or by a scan that comes to them. */
        volatile Predicate<byte[]> reads = key -> false;

        final AtomicInteger failedWrites = new AtomicInteger();
        final AtomicInteger failedReads = new AtomicInteger();

        void none() {
            before = changes -> false;
            after = changes -> false;
            reads = key -> false;
        }

        private void write(List<Change> changes, Runnable write) {
            if (before.test(changes)) {
                failedWrites.incrementAndGet();
                throw new EngineException("injected: nothing is written", null);
            }
            write.run();
            if (after.test(changes)) {
                failedWrites.incrementAndGet();
                throw new EngineException("injected: written, but who knows", null);
            }
        }

        private void read(byte[] key) {
            if (reads.test(key)) {
                failedReads.incrementAndGet();
                throw new EngineException.Read("injected: Corruption: block checksum", null);
            }
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        faults.read(key);
        return super.get(key);
    }

    @Override
    public void scan(byte[] fromKey, byte[] toKey, BiPredicate<byte[], byte[]> visitor) {
        super.scan(
                fromKey,
                toKey,
                (key, value) -> {
                    faults.read(key);
                    return visitor.test(key, value);
                });
    }

    @Override
    public void write(List<Change> changes, boolean sync) {
        faults.write(changes, () -> super.write(changes, sync));
    }

    @Override
    public void put(byte[] key, byte[] value, boolean sync) {
        faults.write(List.of(Change.put(key, value)), () -> super.put(key, value, sync));
    }
}
