package io.chainring.registry;

import io.chainring.registry.rules.RegistrySettings;
import io.chainring.registry.rules.RegistryState;

/**
 * A {@link RegistryState} frozen for the snapshot store: encoded where the state is owned, since the state goes on
 * changing while another thread stores this.
 */
public final class RegistrySnapshot {
    private final byte[] bytes;

    RegistrySnapshot(byte[] bytes) {
        this.bytes = bytes;
    }

    public static RegistrySnapshot of(RegistryState state) {
        return new RegistrySnapshot(RegistrySnapshotCodec.encode(state));
    }

    /** The encoded state; not a copy. */
    byte[] bytes() {
        return bytes;
    }

    /**
     * The state again, under these settings.
     *
     * @throws CorruptRegistryException when the bytes fail their checks
     */
    public RegistryState thaw(RegistrySettings settings) {
        return RegistrySnapshotCodec.decode(bytes, settings);
    }
}
