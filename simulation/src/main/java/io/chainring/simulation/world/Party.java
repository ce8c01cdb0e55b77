package io.chainring.simulation.world;

/** A client of the disk, wherever it sits. */
interface Party {
    String name();

    /** Does something of its own; false when it has nothing to do. */
    boolean act(boolean finishing);

    /** Whether nothing that it asked for is still to be answered. */
    boolean isDone();

    /** Closes at the end of a run. */
    void closeIfOpen();

    /** The supervisor has died: whoever has a ring or waits for one hears it. */
    void supervisorDied();

    void processDied(long now);

    /** How many requests it has made. */
    int requests();
}
