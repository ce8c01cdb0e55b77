package io.chainring.chaos.work;

import io.chainring.chaos.history.Action;
import io.chainring.chaos.tested.TargetFeatures;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A client's operations from a seed: half of them in the hot cells, so that many overlap; half of them of one cell, the others of
 * several.
 */
final class RandomOperations implements Source {
    private static final int READ_BELOW = 45;
    private static final int WRITE_BELOW = 75;
    private static final int THROUGH_BELOW = 83;
    private static final int ZERO_BELOW = 89;
    private static final int TRIM_BELOW = 93;
    private static final int MIDDLE_CELLS = 8;

    private final SplittableRandom random;
    private final WorkSettings settings;
    private final TargetFeatures features;
    private final BooleanSupplier stop;

    RandomOperations(
            SplittableRandom random,
            WorkSettings settings,
            TargetFeatures features,
            BooleanSupplier stop) {
        this.random = random;
        this.settings = settings;
        this.features = features;
        this.stop = stop;
    }

    @Override
    public @Nullable Planned next() {
        if (stop.getAsBoolean()) {
            return null;
        }
        Action action = action(random.nextInt(100));
        if (action == Action.FLUSH) {
            return new Planned(action, 0, 0);
        }
        int range = random.nextBoolean() ? settings.hotCells() : settings.cells();
        int longest = Math.min(range, settings.longestCells());
        int cells = 1;
        if (random.nextBoolean()) {
            int most = random.nextInt(5) < 3 ? Math.min(longest, MIDDLE_CELLS) : longest;
            cells = 1 + random.nextInt(most);
        }
        return new Planned(action, random.nextInt(range - cells + 1), cells);
    }

    private Action action(int drawn) {
        if (drawn < READ_BELOW) {
            return Action.READ;
        }
        if (drawn < WRITE_BELOW) {
            return Action.WRITE;
        }
        if (drawn < THROUGH_BELOW) {
            return features.through() ? Action.WRITE_THROUGH : Action.WRITE;
        }
        if (drawn < ZERO_BELOW) {
            return features.zeroes() ? Action.ZERO : Action.WRITE;
        }
        if (drawn < TRIM_BELOW) {
            return features.trim() ? Action.TRIM : Action.WRITE;
        }
        return features.flush() ? Action.FLUSH : Action.READ;
    }
}
