package io.chainring.ring.record;

import java.io.NotSerializableException;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** Pekko serializer of what a backend journals: turn records and snapshots, by manifest and version. */
public final class BackendSerializer extends SerializerWithStringManifest {
    /** Never changes: it stands in journals. */
    public static final int IDENTIFIER = 0x4352_0001;

    static final String TURN_MANIFEST = "turn1";
    static final String SNAPSHOT_MANIFEST = "arrays1";

    @Override
    public int identifier() {
        return IDENTIFIER;
    }

    @Override
    public String manifest(Object object) {
        if (object instanceof TurnEvent) {
            return TURN_MANIFEST;
        }
        if (object instanceof BackendSnapshot) {
            return SNAPSHOT_MANIFEST;
        }
        throw new IllegalArgumentException("not journaled by a backend: " + object.getClass());
    }

    @Override
    public byte[] toBinary(Object object) {
        if (object instanceof TurnEvent event) {
            return TurnEventCodec.encode(event);
        }
        if (object instanceof BackendSnapshot snapshot) {
            return snapshot.bytes();
        }
        throw new IllegalArgumentException("not journaled by a backend: " + object.getClass());
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        return switch (manifest) {
            case TURN_MANIFEST -> TurnEventCodec.decode(bytes);
            case SNAPSHOT_MANIFEST -> checked(new BackendSnapshot(bytes));
            default ->
                    throw new NotSerializableException(
                            "manifest '" + manifest + "' of a backend: written by a newer version");
        };
    }

    private static BackendSnapshot checked(BackendSnapshot snapshot) {
        snapshot.thaw();
        return snapshot;
    }
}
