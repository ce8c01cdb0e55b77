package io.chainring.simulation.world;

/** The backend dies here, as the simulation wants it. */
final class SimulatedDeath extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SimulatedDeath(String message) {
        super(message, null, false, false);
    }
}
