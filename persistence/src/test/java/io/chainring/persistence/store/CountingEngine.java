package io.chainring.persistence.store;

import io.chainring.persistence.engine.Engine;
import io.chainring.persistence.fault.PassingEngine;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Counts what is asked of an engine. */
final class CountingEngine extends PassingEngine {
    final AtomicLong gets = new AtomicLong();
    final AtomicLong scans = new AtomicLong();
    final AtomicLong visited = new AtomicLong();
    final AtomicLong writes = new AtomicLong();

    CountingEngine(Engine engine) {
        super(engine);
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        gets.incrementAndGet();
        return super.get(key);
    }

    @Override
    public void scan(byte[] fromKey, byte[] toKey, BiPredicate<byte[], byte[]> visitor) {
        scans.incrementAndGet();
        super.scan(
                fromKey,
                toKey,
                (key, value) -> {
                    visited.incrementAndGet();
                    return visitor.test(key, value);
                });
    }

    @Override
    public void write(List<Change> changes, boolean sync) {
        writes.incrementAndGet();
        super.write(changes, sync);
    }

    @Override
    public void put(byte[] key, byte[] value, boolean sync) {
        writes.incrementAndGet();
        super.put(key, value, sync);
    }
}
