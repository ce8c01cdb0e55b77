package io.chainring.ring.record;

/**
 * A {@link BackendState} frozen for the snapshot store: encoded where the state is owned, since the state goes on
 * changing while another thread stores this.
 */
public final class BackendSnapshot {
    private final byte[] bytes;

    BackendSnapshot(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Encodes a state as it is now. */
    public static BackendSnapshot of(BackendState state) {
        return new BackendSnapshot(SnapshotCodec.encode(state));
    }

    /** The encoded state; not a copy. */
    byte[] bytes() {
        return bytes;
    }

    /**
     * The state again.
     *
     * @throws CorruptRecordException when the bytes fail their checks
     */
    public BackendState thaw() {
        return SnapshotCodec.decode(bytes);
    }
}
