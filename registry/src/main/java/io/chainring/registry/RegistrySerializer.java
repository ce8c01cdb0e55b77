package io.chainring.registry;

import io.chainring.registry.rules.RegistryEvent;
import java.io.NotSerializableException;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** Pekko serializer of what the registry journals: events and snapshots, by manifest and version. */
public final class RegistrySerializer extends SerializerWithStringManifest {
    /** Never changes: it stands in journals. */
    public static final int IDENTIFIER = 0x4352_0002;

    static final String EVENT_MANIFEST = "registry-event2";
    static final String SNAPSHOT_MANIFEST = "registry2";
    private static final String OLD_EVENT_MANIFEST = "registry-event1";
    private static final String OLD_SNAPSHOT_MANIFEST = "registry1";

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object object) {
        if (object instanceof RegistryEvent) {
            return EVENT_MANIFEST;
        }
        if (object instanceof RegistrySnapshot) {
            return SNAPSHOT_MANIFEST;
        }
        throw new IllegalArgumentException("not journaled by the registry: " + object.getClass());
    }

    @Override
    public byte[] toBinary(Object object) {
        if (object instanceof RegistryEvent event) {
            return RegistryEventCodec.encode(event);
        }
        if (object instanceof RegistrySnapshot snapshot) {
            return snapshot.bytes();
        }
        throw new IllegalArgumentException("not journaled by the registry: " + object.getClass());
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        return switch (manifest) {
            case EVENT_MANIFEST, OLD_EVENT_MANIFEST -> RegistryEventCodec.decode(bytes);
            case SNAPSHOT_MANIFEST, OLD_SNAPSHOT_MANIFEST -> new RegistrySnapshot(bytes);
            default ->
                    throw new NotSerializableException(
                            "manifest '"
                                    + manifest
                                    + "' of the registry: written by a newer version");
        };
    }
}
