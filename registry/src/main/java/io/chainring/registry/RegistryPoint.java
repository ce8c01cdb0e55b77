package io.chainring.registry;

/** Named points at which tests and chaos make the disk registry die (scenario R2). */
public enum RegistryPoint {
    /** An event is being replayed. */
    REGISTRY_REPLAYING,
    /** Its journal is read, and nobody was answered. */
    REGISTRY_RECOVERED,
    /** A request is decided, and nothing of it is in the journal. */
    REGISTRY_DECIDED,
    /** A decision is in the journal, and nobody was answered. */
    REGISTRY_RECORDED,
    /** A decision is answered. */
    REGISTRY_ANSWERED,
    /** Its state is being copied for a snapshot. */
    REGISTRY_SNAPSHOTTING
}
