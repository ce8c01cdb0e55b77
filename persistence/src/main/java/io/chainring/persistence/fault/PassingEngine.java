package io.chainring.persistence.fault;

import io.chainring.persistence.engine.Engine;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Stands between a store and its engine and passes everything on; who extends it changes what he needs. */
public class PassingEngine implements Engine {
    /** What it stands before. */
    protected final Engine engine;

    /** Stands before an engine. */
    public PassingEngine(Engine engine) {
        this.engine = engine;
    }

    @Override
    public String name() {
        return engine.name();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return engine.get(key);
    }

    @Override
    public void write(List<Change> changes, boolean sync) {
        engine.write(changes, sync);
    }

    @Override
    public void put(byte[] key, byte[] value, boolean sync) {
        engine.put(key, value, sync);
    }

    @Override
    public void scan(byte[] fromKey, byte[] toKey, BiPredicate<byte[], byte[]> visitor) {
        engine.scan(fromKey, toKey, visitor);
    }

    @Override
    public void compact(byte[] fromKey, byte[] toKey) {
        engine.compact(fromKey, toKey);
    }

    @Override
    public void close() {
        engine.close();
    }
}
