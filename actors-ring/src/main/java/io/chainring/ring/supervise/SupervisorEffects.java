package io.chainring.ring.supervise;

import io.chainring.ring.transport.Outstanding;
import java.util.List;

/** What {@link SupervisorCore} wants done. Implemented by the actor shell, and by the simulation. */
public interface SupervisorEffects {

    /** Starts a backend, with the executor that was started last. */
    void startBackend(long incarnation);

    /** Starts an executor; the backend that is up, if one is, is told. */
    void startExecutor(long incarnation);

    /** Whether the journal takes writes now; a backend that comes up writes one. */
    default boolean journalTakesWrites() {
        return true;
    }

    /** The input comes after a pause. */
    void after(long nanos, SupervisorInput input);

    /** Tells the executor that the disk has another size. */
    void capacityChanged();

    /** Rings that open from now on are told this size. */
    void capacityKnown(long capacityBytes);

    /** Tells the backend which rings will attach. */
    void expectRings(long epoch, List<Long> ringIds);

    /** Tells the backend of a ring. */
    void attach(long ringId, Outstanding outstanding, boolean closing);

    /** Tells the backend that a ring's client is gone. */
    void detach(long ringId);

    /**
     * Makes a ring's memory and starts its frontend; its client is told nothing yet.
     *
     * @return false when there is no memory for it, and nothing was started
     */
    boolean startRing(long ringId);

    /** Asks a frontend what it waits for, in the name of the present backend. */
    void introduce(long ringId, long epoch);

    /** Through its frontend the client hears that the ring is open. */
    void opened(long ringId, long capacityBytes);

    /** Through its frontend: what is outstanding ends with an I/O error, and the ring takes no more. */
    void giveUp(long ringId, String reason);

    /** Through its frontend, which ends then, the client hears that the ring is gone. */
    void endRing(long ringId, String reason);

    /** The ring is forgotten, its memory with it. Its client hears the reason unless it has heard of the end already. */
    void gone(long ringId, String reason);

    /** The disk was to stop and the last ring is gone: the supervisor ends, and its children with it. */
    void stopped();
}
