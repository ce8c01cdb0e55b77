package io.chainring.persistence.journal;

import java.nio.charset.StandardCharsets;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/** Serializes an event that holds an actor; only works where the transport's information is set. */
public final class ReferenceSerializer extends SerializerWithStringManifest {
    public static final String CONFIG =
            "pekko.actor { serializers.reference = \""
                    + ReferenceSerializer.class.getName()
                    + "\"\nserialization-bindings { \""
                    + Named.class.getName()
                    + "\" = reference } }";

    private final ExtendedActorSystem system;

    /** Called by Pekko. */
    public ReferenceSerializer(ExtendedActorSystem system) {
        this.system = system;
    }

    /** An event that names an actor. */
    public record Named(ActorRef actor) {}

    @Override
    public int identifier() {
        return 712_001;
    }

    @Override
    public String manifest(Object object) {
        return "named";
    }

    @Override
    public byte[] toBinary(Object object) {
        // Throws where it is not set.
        Serialization.getCurrentTransportInformation();
        return Serialization.serializedActorPath(((Named) object).actor())
                .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) {
        Serialization.getCurrentTransportInformation();
        return new Named(
                system.provider().resolveActorRef(new String(bytes, StandardCharsets.UTF_8)));
    }
}
