package io.chainring.ring.record;

/** Lets tests of other packages take a snapshot as the shell does. */
public final class BackendDoor {
    private BackendDoor() {}

    /** A snapshot of the state. */
    public static BackendSnapshot snapshot(BackendState state) {
        return BackendSnapshot.of(state);
    }

    /** The bytes of such a snapshot. */
    public static byte[] encode(BackendState state) {
        return SnapshotCodec.encode(state);
    }
}
