package io.chainring.ring.signal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The mask of one disk around its completion section (US10564889B2, invariant I7).
 *
 * <pre>
 *             mask                                      raise: true, the signal waits
 *   OPEN ------------> MASKED  <-----------------------+
 *    ^ |                 |  +--------------------------+
 *    | | raise: false,   |
 *    | | acts now        | unmask: the strongest that waited, else null
 *    +-+-----------------+ reset: all that waited are void
 * </pre>
 *
 * <p>Of several signals that waited, terminate wins over interrupt whatever came first (S2); the log says
 * which waited, for how long and in which order. Thread-safe; none of its methods blocks on anything but
 * itself.
 */
public final class SignalMask implements SignalGate {
    /** Most signals of one section that are told one by one; further ones are only counted. */
    private static final int DETAILED_SIGNALS = 8;

    private static final Logger LOG = LoggerFactory.getLogger(SignalMask.class);

    private record Deferred(Signal signal, long raisedNanos) {}

    private final String disk;
    private final LongSupplier clockNanos;
    private final List<Deferred> waiting = new ArrayList<>();
    private boolean masked;
    private int waitingCount;
    private @Nullable Signal strongest;
    private long deferredSignals;
    private long longestDelayNanos;

    /**
     * @param disk whose mask it is, for the log
     */
    public SignalMask(String disk) {
        this(disk, System::nanoTime);
    }

    SignalMask(String disk, LongSupplier clockNanos) {
        this.disk = disk;
        this.clockNanos = clockNanos;
    }

    /**
     * @throws IllegalStateException when it is masked already
     */
    @Override
    public synchronized void mask() {
        if (masked) {
            throw new IllegalStateException("disk " + disk + ": signals are masked already");
        }
        masked = true;
    }

    /**
     * @throws IllegalStateException when it is not masked
     */
    @Override
    public @Nullable Signal unmask() {
        String told;
        Signal acting;
        synchronized (this) {
            if (!masked) {
                throw new IllegalStateException("disk " + disk + ": signals are not masked");
            }
            masked = false;
            acting = strongest;
            told = acting == null ? "" : tell(clockNanos.getAsLong());
            forget();
        }
        if (acting != null) {
            LOG.debug("disk {}: {}; {} acts now", disk, told, word(acting));
        }
        return acting;
    }

    @Override
    public synchronized boolean raise(Signal signal) {
        if (!masked) {
            return false;
        }
        if (waitingCount < DETAILED_SIGNALS) {
            waiting.add(new Deferred(signal, clockNanos.getAsLong()));
        }
        waitingCount++;
        deferredSignals++;
        Signal before = strongest;
        if (before == null || signal.compareTo(before) > 0) {
            strongest = signal;
        }
        return true;
    }

    @Override
    public void reset() {
        String told;
        synchronized (this) {
            masked = false;
            told = waitingCount == 0 ? "" : tell(clockNanos.getAsLong());
            forget();
        }
        if (!told.isEmpty()) {
            LOG.debug("disk {}: {}; void, the backend died", disk, told);
        }
    }

    @Override
    public synchronized long deferredSignals() {
        return deferredSignals;
    }

    /** The longest that a signal ever waited, in nanoseconds. */
    public synchronized long longestDelayNanos() {
        return longestDelayNanos;
    }

    /** What waited, for how long, in the order of arrival; notes the longest delay. */
    private String tell(long nowNanos) {
        StringBuilder line = new StringBuilder("deferred in the completion section: ");
        for (int i = 0; i < waiting.size(); i++) {
            Deferred deferred = waiting.get(i);
            long delayNanos = nowNanos - deferred.raisedNanos;
            longestDelayNanos = Math.max(longestDelayNanos, delayNanos);
            line.append(i == 0 ? "" : ", ")
                    .append(word(deferred.signal))
                    .append(String.format(Locale.ROOT, " for %d us", delayNanos / 1000));
        }
        if (waitingCount > waiting.size()) {
            line.append(" and ").append(waitingCount - waiting.size()).append(" more");
        }
        return line.toString();
    }

    private void forget() {
        waiting.clear();
        waitingCount = 0;
        strongest = null;
    }

    private static String word(Signal signal) {
        return signal.name().toLowerCase(Locale.ROOT);
    }
}
