package io.chainring.host.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.Test;

/** An application with our libraries and no settings of its own neither writes nor reads Java's serialization. */
class EmbeddersSerializationTest {
    private static final String SWITCH = "pekko.actor.allow-java-serialization";

    /** Identifier of Pekko's serializer for it, as it stands beside stored bytes. */
    private static final int JAVA_SERIALIZER = 1;

    @Test
    void eachModuleThatStoresSaysSoItself() throws Exception {
        List<String> saying = new ArrayList<>();
        for (URL reference :
                Collections.list(getClass().getClassLoader().getResources("reference.conf"))) {
            Config own = ConfigFactory.parseURL(reference);
            if (own.hasPath("chainring.ring") || own.hasPath("chainring.persistence")) {
                assertEquals(
                        "off",
                        own.hasPath(SWITCH) ? own.getString(SWITCH) : "not set",
                        reference::toString);
                saying.add(reference.toString());
            }
        }
        assertEquals(2, saying.size(), saying::toString);
    }

    @Test
    void neitherWritesNorReadsIt() throws Exception {
        ActorTestKit kit =
                ActorTestKit.create("embedder", ConfigFactory.defaultReference().resolve());
        try {
            var serialization = SerializationExtension.get(kit.system().classicSystem());
            ByteArrayOutputStream stored = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(stored)) {
                out.writeObject(new ArrayList<>(List.of("planted")));
            }
            assertThrows(
                    Exception.class,
                    () -> serialization.serialize(new ArrayList<>(List.of("own"))).get());
            assertThrows(
                    Exception.class,
                    () ->
                            serialization
                                    .deserialize(stored.toByteArray(), JAVA_SERIALIZER, "")
                                    .get());
        } finally {
            kit.shutdownTestKit();
        }
    }
}
