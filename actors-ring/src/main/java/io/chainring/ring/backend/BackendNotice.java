package io.chainring.ring.backend;

/** What a backend tells its supervisor. */
public sealed interface BackendNotice {

    /** A new epoch asks for the rings: {@link BackendCommand.ExpectRings} and an attach for each. */
    record RingsWanted(long incarnation, long epoch) implements BackendNotice {}

    /** The epoch has resumed what was in flight and serves. */
    record Serving(long epoch) implements BackendNotice {}

    /** The present size of the disk, as far as chains are let in. */
    record CapacityKnown(long capacityBytes) implements BackendNotice {}

    /** The ring is recorded, in this epoch or an earlier one, and its chains are taken. */
    record RingAttached(long ringId) implements BackendNotice {}

    /** The ring cannot go on and is to be closed: what stands in it broke the rules, or the crash policy ends it. */
    record RingMustClose(long ringId, String reason) implements BackendNotice {}

    /** Nothing of the ring is running or recorded any more. */
    record RingDetached(long ringId, String reason) implements BackendNotice {}
}
