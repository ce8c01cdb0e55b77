package io.chainring.chaos.tested;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;

/**
 * A client in the same JVM, by its methods: that of an embedded disk, or any of the same shape.
 *
 * <pre>{@code
 * new CallTarget(features, client::read, client::write, client::writeThrough,
 *         client::flush, client::discard, client::writeZeroes, client::close)
 * }</pre>
 */
public final class CallTarget implements BlockTarget {
    private final TargetFeatures features;
    private final Reading reading;
    private final Writing writing;
    private final Writing writingThrough;
    private final Flushing flushing;
    private final Ranging trimming;
    private final Ranging zeroing;
    private final Runnable closing;

    /** Reads a range into a new buffer. */
    @FunctionalInterface
    public interface Reading {
        CompletionStage<ByteBuffer> read(long offsetBytes, int lengthBytes);
    }

    /** Writes what remains in a buffer. */
    @FunctionalInterface
    public interface Writing {
        CompletionStage<Void> write(long offsetBytes, ByteBuffer data);
    }

    /** Flushes. */
    @FunctionalInterface
    public interface Flushing {
        CompletionStage<Void> flush();
    }

    /** Does something with a range. */
    @FunctionalInterface
    public interface Ranging {
        CompletionStage<Void> range(long offsetBytes, long lengthBytes);
    }

    /**
     * @param features what it takes; for what it does not, any method will do
     * @param closing ends the client
     */
    public CallTarget(
            TargetFeatures features,
            Reading reading,
            Writing writing,
            Writing writingThrough,
            Flushing flushing,
            Ranging trimming,
            Ranging zeroing,
            Runnable closing) {
        this.features = features;
        this.reading = reading;
        this.writing = writing;
        this.writingThrough = writingThrough;
        this.flushing = flushing;
        this.trimming = trimming;
        this.zeroing = zeroing;
        this.closing = closing;
    }

    @Override
    public CompletionStage<ByteBuffer> read(long offsetBytes, int lengthBytes) {
        return reading.read(offsetBytes, lengthBytes);
    }

    @Override
    public CompletionStage<Void> write(long offsetBytes, ByteBuffer data, boolean through) {
        return (through ? writingThrough : writing).write(offsetBytes, data);
    }

    @Override
    public CompletionStage<Void> flush() {
        return flushing.flush();
    }

    @Override
    public CompletionStage<Void> trim(long offsetBytes, int lengthBytes) {
        return trimming.range(offsetBytes, lengthBytes);
    }

    @Override
    public CompletionStage<Void> writeZeroes(long offsetBytes, int lengthBytes) {
        return zeroing.range(offsetBytes, lengthBytes);
    }

    @Override
    public TargetFeatures features() {
        return features;
    }

    @Override
    public void close() {
        closing.run();
    }
}
