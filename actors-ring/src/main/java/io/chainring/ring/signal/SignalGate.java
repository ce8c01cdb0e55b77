package io.chainring.ring.signal;

import org.jspecify.annotations.Nullable;

/**
 * The mask around the completion section (US10564889B2): from the moment at which completed chains are about to
 * be recorded until both arrays are updated and the frontend is informed, maskable signals wait.
 *
 * <p>{@link #raise} may come from any thread, {@link #mask} and {@link #unmask} from the backend alone.
 */
public interface SignalGate {

    /** Enters the completion section. Not nested: one section at a time. */
    void mask();

    /**
     * Leaves the section.
     *
     * @return the strongest signal that was deferred in it and must act now, or null
     */
    @Nullable Signal unmask();

    /**
     * A signal arrives.
     *
     * @return true when it was deferred and {@link #unmask} will return it; false when the caller has to deliver it now
     */
    boolean raise(Signal signal);

    /** Leaves the section without acting: the backend died in it. Deferred signals are void, the death did their work. */
    void reset();

    /** Signals deferred since the disk came up. */
    long deferredSignals();
}
