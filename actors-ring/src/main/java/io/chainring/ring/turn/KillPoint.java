package io.chainring.ring.turn;

/** Named points of a backend's turn at which tests and chaos make it die (scenarios K1 to K11). */
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
    RESUMING
}
