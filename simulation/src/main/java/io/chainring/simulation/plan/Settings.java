package io.chainring.simulation.plan;

import io.chainring.ring.turn.BackendLimits;
import io.chainring.ring.turn.CrashPolicy;

/**
 * What kind of run a seed is.
 *
 * @param steps steps with clients and chaos; afterwards everything outstanding must complete
 * @param clients clients, one ring each
 * @param cells size of the disk in cells; small, so that ranges overlap
 * @param cellBytes size of a cell, which every range consists of: a sector, or anything else; at least 16
 * @param ringDescriptors size of each ring
 * @param limits limits of the backend, small enough to be reached
 * @param stashes whether the shell keeps messages back while a record is under way
 * @param faultPermille chance of a fault at a step
 * @param pointPercent of the deaths: those that wait for a named point
 * @param closePermille chance that a client's action is to close its ring
 * @param poisonPermille chance that a request kills the backend whenever it is processed
 * @param storeErrorPermille chance that the store fails an operation
 * @param hostile whether one client writes garbage into its ring
 * @param powerLoss whether a death of the process may be a power loss
 * @param invalidPermille chance that a request is out of range
 * @param outageTicks how long the journal may keep clients waiting; 0 for ever
 * @param stops whether the run ends with a stop of the disk instead of its clients' closing
 * @param remotes clients at the other end of a network, beside the others
 */
public record Settings(
        int steps,
        int clients,
        int cells,
        int cellBytes,
        int ringDescriptors,
        BackendLimits limits,
        boolean stashes,
        int faultPermille,
        int pointPercent,
        int closePermille,
        int poisonPermille,
        int storeErrorPermille,
        boolean hostile,
        boolean powerLoss,
        int invalidPermille,
        int outageTicks,
        boolean stops,
        int remotes) {

    /** Those that a seed stands for. */
    public static Settings random(Draws random) {
        int inFlight = random.nextInt(1, 24);
        BackendLimits limits =
                new BackendLimits(
                        random.nextInt(1, 12),
                        inFlight,
                        random.nextInt(1, 24),
                        random.nextInt(4) == 0 ? random.nextInt(1, 5) : 16,
                        1 << 20,
                        16,
                        random.nextInt(2, 5),
                        policy(random));
        boolean quiet = random.nextInt(8) == 0;
        return new Settings(
                random.nextInt(100, 700),
                random.nextInt(1, 5),
                random.nextInt(2, 33),
                random.nextBoolean() ? 512 : random.nextInt(16, 1600),
                4 << random.nextInt(4),
                limits,
                random.nextInt(4) != 0,
                quiet ? 0 : random.nextInt(1, 40),
                random.nextInt(0, 100),
                random.nextInt(3) == 0 ? 60 : random.nextInt(10),
                random.nextInt(6) == 0 ? 20 : 0,
                random.nextInt(4) == 0 ? 50 : 0,
                random.nextInt(6) == 0,
                random.nextInt(3) == 0,
                random.nextInt(4) == 0 ? 100 : 0,
                random.nextInt(6) == 0 ? random.nextInt(50, 400) : 0,
                random.nextInt(3) == 0,
                random.nextInt(4));
    }

    private static CrashPolicy policy(Draws random) {
        return switch (random.nextInt(10)) {
            case 0 -> CrashPolicy.FAIL;
            case 1 -> CrashPolicy.ABANDON;
            default -> CrashPolicy.RESUME;
        };
    }
}
