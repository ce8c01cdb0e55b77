package io.chainring.base.fault;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Faults that are open for a while: each ends by itself, after so many operations or so long, whichever is first. While none
 * is open a question costs one read. Thread-safe.
 *
 * @param <F> the faults
 */
public final class OpenFaults<F extends Enum<F>> {
    /** So many operations, which nobody counts to their end. */
    public static final long UNCOUNTED = Long.MAX_VALUE;

    private static final class Span {
        private long operationsLeft;
        private final long untilNanos;

        Span(long operationsLeft, long untilNanos) {
            this.operationsLeft = operationsLeft;
            this.untilNanos = untilNanos;
        }
    }

    private final LongSupplier clockNanos;
    private final Map<F, Span> spans;
    private final Map<F, Long> met;
    private volatile boolean some;

    /** By the clock of the system. */
    public OpenFaults(Class<F> faults) {
        this(faults, System::nanoTime);
    }

    OpenFaults(Class<F> faults, LongSupplier clockNanos) {
        this.clockNanos = clockNanos;
        this.spans = new EnumMap<>(faults);
        this.met = new EnumMap<>(faults);
    }

    /**
     * Opens a fault; one that is open already gives way.
     *
     * @param operations how many it hits at most, or {@link #UNCOUNTED}
     * @param millis how long it is open at most
     */
    public synchronized void open(F fault, long operations, long millis) {
        if (operations < 1 || millis < 1) {
            throw new IllegalArgumentException(
                    "%s for %s operations and %s ms".formatted(fault, operations, millis));
        }
        spans.put(
                fault,
                new Span(
                        operations,
                        clockNanos.getAsLong() + TimeUnit.MILLISECONDS.toNanos(millis)));
        some = true;
    }

    /** An operation asks whether it is hit; that counts as one. */
    public boolean meets(F fault) {
        return some && meetsOpen(fault);
    }

    private synchronized boolean meetsOpen(F fault) {
        Span span = present(fault);
        if (span == null) {
            return false;
        }
        met.merge(fault, 1L, Long::sum);
        if (span.operationsLeft != UNCOUNTED && --span.operationsLeft == 0) {
            close(fault);
        }
        return true;
    }

    /** Whether it is open; counts nothing. */
    public boolean isOpen(F fault) {
        if (!some) {
            return false;
        }
        synchronized (this) {
            return present(fault) != null;
        }
    }

    /** Ends all. */
    public synchronized void closeAll() {
        spans.clear();
        some = false;
    }

    /** How many operations it has hit so far. */
    public synchronized long met(F fault) {
        return met.getOrDefault(fault, 0L);
    }

    private @Nullable Span present(F fault) {
        Span span = spans.get(fault);
        if (span != null && clockNanos.getAsLong() - span.untilNanos >= 0) {
            close(fault);
            return null;
        }
        return span;
    }

    private void close(F fault) {
        spans.remove(fault);
        some = !spans.isEmpty();
    }
}
