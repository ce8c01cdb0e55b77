package io.chainring.ring.turn;

/**
 * Named points at which tests and chaos make an actor of a disk die, in the order of who passes them: backend, host,
 * frontends, supervisor. {@code SupervisorCommand.Target} says which are whose.
 */
public enum KillPoint {
    /** A chain was taken from the available ring and is not marked (K1). */
    TAKEN,
    /** The record goes to the journal (K2: sent, not acknowledged). */
    RECORDING,
    /** The record is acknowledged, nothing has followed from it (K3, K6). */
    RECORDED,
    /** Used elements are published, the frontend is not informed (K7). */
    PUBLISHED,
    /** The frontend is informed. */
    INFORMED,
    /** A begun chain is about to be handed to the executor (K3, K9). */
    EXECUTING,
    /** Chains were handed to the executor (K4). */
    EXECUTED,
    /** Outcomes arrived and are not recorded (K5). */
    OUTCOMES,
    /** The state was replayed, the new epoch is not recorded (K8). */
    RECOVERED,
    /** The new epoch is recorded, nothing is resumed (K8). */
    EPOCH_BEGUN,
    /** Rings are attached again, chains are about to be resumed (K8). */
    RESUMING,
    /** Signals wait from here on: completions are about to be recorded, or published again (S1 to S4). */
    MASKED,
    /** A record is being replayed (K8). */
    REPLAYING,
    /** The arrays are being copied for a snapshot (K8). */
    SNAPSHOTTING,
    /** A snapshot is stored; what it covers is being deleted (K8). */
    DELETING,
    /** A ring's memory is about to be mapped (K8, F5). */
    RING_ATTACHING,
    /** A ring is recorded, and nobody has been told. */
    RING_RECORDED,
    /** A ring's client is gone; what it has begun is to finish (F1, F2). */
    RING_DRAINING,
    /** The end of a ring is recorded, and nobody has been told. */
    RING_CLOSED,

    /** A chain is about to be executed by the host (H1). */
    HOST_STARTING,
    /** A chain is with the store, on whatever thread (H1). */
    HOST_INSIDE,
    /** A chain was executed, and the host has not noted it (H1). */
    HOST_ENDED,
    /** Outcomes are noted, and the backend has not been told (K5, H1). */
    HOST_REPORTING,
    /** The backend has been told of outcomes. */
    HOST_REPORTED,
    /** A backend introduces itself to the host, which has not answered. */
    HOST_ADOPTING,
    /** The host has told a backend what runs and what is done. */
    HOST_ADOPTED,
    /** A sync is about to begin (K10). */
    HOST_SYNCING,
    /** A sync has ended, and those that wait for it don't know (K10). */
    HOST_SYNCED,

    /** Requests have come, and are not in the ring (F1). */
    FRONTEND_SUBMITTING,
    /** Requests are in the ring, and the backend is not kicked (F1). */
    FRONTEND_SUBMITTED,
    /** Completions were taken from the used ring, and the client has not been told (F1). */
    FRONTEND_DRAINED,
    /** A backend asks what the frontend waits for (K7). */
    FRONTEND_INTRODUCING,
    /** A ring is recorded, and its client has not been told (F6). */
    FRONTEND_OPENING,
    /** A ring is gone, and its client has not been told (F6). */
    FRONTEND_CLOSING,

    /** The host is about to be started. */
    SUPERVISOR_STARTS_HOST,
    /** The backend is about to be started. */
    SUPERVISOR_STARTS_BACKEND,
    /** A child has ended, and nothing has followed from it. */
    SUPERVISOR_HEARS_OF_AN_END,
    /** The backend is about to be told which rings there are. */
    SUPERVISOR_EXPECTS_RINGS,
    /** A frontend is about to be asked what it waits for. */
    SUPERVISOR_INTRODUCES,
    /** A ring is about to get its memory and its frontend. */
    SUPERVISOR_STARTS_RING,
    /** The backend is about to be told of a ring. */
    SUPERVISOR_ATTACHES,
    /** A client is about to hear that its ring is open. */
    SUPERVISOR_OPENS,
    /** The backend is about to be told that a client is gone. */
    SUPERVISOR_DETACHES,
    /** A frontend is about to be told that its ring is gone. */
    SUPERVISOR_ENDS_RING,
    /** A ring is about to be forgotten. */
    SUPERVISOR_FORGETS_RING
}
