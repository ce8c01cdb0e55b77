package io.chainring.host.scenario;

import io.chainring.ring.backend.KillSwitch;
import io.chainring.ring.execute.Chain;
import io.chainring.ring.turn.KillPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Deaths planned by kill point, which nobody asked for: each acts at the nth passing that fits it, once. */
final class KillPlan implements KillSwitch.Probe {
    private static final class Planned {
        final KillPoint point;
        final Predicate<@Nullable Chain> fits;
        int passingsLeft;
        int deathsLeft;

        Planned(KillPoint point, Predicate<@Nullable Chain> fits, int nth, int deaths) {
            this.point = point;
            this.fits = fits;
            this.passingsLeft = nth;
            this.deathsLeft = deaths;
        }
    }

    private final List<Planned> plans = new ArrayList<>();
    private int deaths;
    private @Nullable KillPoint watchedPoint;
    private Runnable watcher = () -> {};

    /** Kills at the nth passing of the point. */
    synchronized KillPlan killAt(KillPoint point, int nth) {
        plans.add(new Planned(point, chain -> true, nth, 1));
        return this;
    }

    /** Kills at each of the next passings of the point with a chain that fits. */
    synchronized KillPlan killEach(KillPoint point, int times, Predicate<Chain> fits) {
        plans.add(new Planned(point, chain -> chain != null && fits.test(chain), 1, times));
        return this;
    }

    /** Kills at each of the next passings of the point. */
    synchronized KillPlan killEach(KillPoint point, int times) {
        plans.add(new Planned(point, chain -> true, 1, times));
        return this;
    }

    /** Runs something at each passing of the point. */
    synchronized void watch(KillPoint point, Runnable action) {
        watchedPoint = point;
        watcher = action;
    }

    /** Deaths that were planned and happened. */
    synchronized int deaths() {
        return deaths;
    }

    /** True when nothing planned is left. */
    synchronized boolean isDone() {
        return plans.isEmpty();
    }

    @Override
    public synchronized void at(KillPoint point, @Nullable Chain chain) {
        if (point == watchedPoint) {
            watcher.run();
        }
        for (Planned planned : plans) {
            if (planned.point == point && planned.fits.test(chain) && --planned.passingsLeft <= 0) {
                planned.deathsLeft--;
                deaths++;
                if (planned.deathsLeft == 0) {
                    plans.remove(planned);
                }
                throw new IllegalStateException("planned at " + point);
            }
        }
    }
}
