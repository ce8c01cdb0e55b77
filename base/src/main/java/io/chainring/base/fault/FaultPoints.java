package io.chainring.base.fault;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The named points of something that runs, and what waits at them. Whoever passes a point gets what waits there, once, and
 * carries it out himself.
 *
 * <pre>
 *   UNWATCHED --arm, or count--> WATCHED
 *   a pass reads one field,      passes are counted; what is armed is handed to who passes
 *   and nothing else
 * </pre>
 *
 * <p>There is no way back from WATCHED: disarmed it counts on. Thread-safe.
 *
 * @param <P> the points
 * @param <A> what may happen at one
 */
public final class FaultPoints<P extends Enum<P>, A> {
    private final Class<P> points;
    private volatile @Nullable PassCounts<P, A> watched;

    /** What became of one point. */
    public record Count<P>(P point, long passed, long acted) {}

    /** Points that nobody watches. */
    public FaultPoints(Class<P> points) {
        this.points = points;
    }

    /**
     * Somebody passes a point.
     *
     * @return what happens to him here, or null
     */
    public @Nullable A pass(P point) {
        PassCounts<P, A> present = watched;
        return present == null ? null : present.pass(point);
    }

    /** Passes are counted from now on. */
    public void count() {
        watch();
    }

    /**
     * Puts something at a point, behind what waits there already.
     *
     * @param passesBefore passes that are let through first
     * @param times passes in a row to which it happens then, at least 1
     * @return takes what has not happened away again
     */
    public Runnable arm(P point, A act, long passesBefore, int times) {
        if (times < 1 || passesBefore < 0) {
            throw new IllegalArgumentException(
                    "nothing happens %s times after %s passes".formatted(times, passesBefore));
        }
        return watch().arm(point, act, passesBefore, times);
    }

    /** Takes away what waits. */
    public void disarm() {
        PassCounts<P, A> present = watched;
        if (present != null) {
            present.disarm();
        }
    }

    /** How often something waits yet, at all points together. */
    public int armed() {
        PassCounts<P, A> present = watched;
        return present == null ? 0 : present.armed();
    }

    /** All points in their order; since when they are watched. */
    public List<Count<P>> counts() {
        PassCounts<P, A> present = watched;
        return (present == null ? new PassCounts<P, A>(points) : present).counts();
    }

    private synchronized PassCounts<P, A> watch() {
        PassCounts<P, A> present = watched;
        if (present == null) {
            present = new PassCounts<>(points);
            watched = present;
        }
        return present;
    }
}
