package io.chainring.persistence.journal;

import io.chainring.base.text.Printable;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.EventRecord.Serialized;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.store.AtomicAppend;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.pekko.actor.Actor;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.persistence.AtomicWrite;
import org.apache.pekko.persistence.PersistentRepr;
import org.apache.pekko.persistence.journal.EventAdapter;
import org.apache.pekko.persistence.journal.EventAdapters;
import org.apache.pekko.persistence.journal.EventSeq;
import org.apache.pekko.persistence.journal.IdentityEventAdapter$;
import org.apache.pekko.persistence.journal.IdentityEventAdapters$;
import org.apache.pekko.persistence.journal.NoopWriteEventAdapter;
import org.apache.pekko.persistence.journal.Tagged;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.Serialization$;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Between Pekko's events and stored ones: event adapters, tags, and the configured serializers with their manifests.
 * Thread-safe.
 */
public final class EventSerializer {
    private static final int MAX_TEXT_BYTES = 0xFFFF;
    private static final int MAX_PERSISTENCE_ID_BYTES = 4096;

    private final ExtendedActorSystem system;
    private final Serialization serialization;
    private final EventAdapters adapters;
    private final int maxEventBytes;

    /** With the adapters of one journal. */
    public EventSerializer(ExtendedActorSystem system, EventAdapters adapters, int maxEventBytes) {
        this.system = system;
        this.serialization = SerializationExtension.get(system);
        this.adapters = adapters;
        this.maxEventBytes = maxEventBytes;
    }

    /** For what has no event adapters: snapshots. */
    public static EventSerializer withoutAdapters(ExtendedActorSystem system, int maxBytes) {
        return new EventSerializer(system, IdentityEventAdapters$.MODULE$, maxBytes);
    }

    /**
     * Serializes everything of one atomic write.
     *
     * @throws NotSerializableException if an event is too large or cannot be stored; or whatever adapter and serializer
     *     throw. Any exception means: reject this write, nothing has been touched
     */
    AtomicAppend serialize(AtomicWrite write) throws NotSerializableException {
        String persistenceId = write.persistenceId();
        checkText("persistence id", persistenceId, MAX_PERSISTENCE_ID_BYTES);
        int size = write.size();
        if (size == 1) {
            return new AtomicAppend(persistenceId, List.of(serialize(write.payload().head())));
        }
        List<AtomicAppend.Event> events = new ArrayList<>(size);
        Iterator<PersistentRepr> payload = write.payload().iterator();
        while (payload.hasNext()) {
            events.add(serialize(payload.next()));
        }
        return new AtomicAppend(persistenceId, events);
    }

    /** Gives the event or events that the adapters make of a stored one. */
    public void deserialize(
            String persistenceId,
            long sequenceNr,
            EventRecord event,
            Consumer<PersistentRepr> visitor) {
        Object stored = toObject(event.payload());
        String manifest = event.adapterManifest();
        PersistentRepr repr =
                PersistentRepr.apply(
                                stored,
                                sequenceNr,
                                persistenceId,
                                manifest,
                                false,
                                Actor.noSender(),
                                event.writerUuid())
                        .withTimestamp(event.timestampMillis());
        Serialized metadata = event.metadata();
        if (metadata != null) {
            repr = repr.withMetadata(toObject(metadata));
        }
        EventAdapter adapter = adapters.get(stored.getClass());
        if (adapter == IdentityEventAdapter$.MODULE$) {
            visitor.accept(repr);
            return;
        }
        EventSeq adapted = adapter.fromJournal(stored, manifest);
        for (Object payload : CollectionConverters.asJava(adapted.events())) {
            visitor.accept(repr.withPayload(payload));
        }
    }

    private AtomicAppend.Event serialize(PersistentRepr repr) throws NotSerializableException {
        Object payload = repr.payload();
        String manifest = repr.manifest();
        EventAdapter adapter = adapters.get(payload.getClass());
        if (adapter != IdentityEventAdapter$.MODULE$
                && !(adapter instanceof NoopWriteEventAdapter)) {
            manifest = adapter.manifest(payload);
            payload = adapter.toJournal(payload);
        }
        Set<String> tags = Set.of();
        if (payload instanceof Tagged tagged) {
            tags = CollectionConverters.asJava(tagged.tags());
            payload = tagged.payload();
        }
        Serialized bytes = toBytes(payload);
        if (bytes.bytes().length > maxEventBytes) {
            throw new NotSerializableException(
                    "event %s of %s has %s bytes, max-event-size is %s"
                            .formatted(
                                    repr.sequenceNr(),
                                    Printable.name(repr.persistenceId()),
                                    bytes.bytes().length,
                                    maxEventBytes));
        }
        checkText("adapter manifest", manifest, MAX_TEXT_BYTES);
        checkText("serializer manifest", bytes.manifest(), MAX_TEXT_BYTES);
        checkText("writer uuid", repr.writerUuid(), MAX_TEXT_BYTES);
        for (String tag : tags) {
            checkText("tag", tag, MAX_PERSISTENCE_ID_BYTES);
        }
        Serialized metadata = repr.metadata().isEmpty() ? null : toBytes(repr.metadata().get());
        return new AtomicAppend.Event(
                repr.sequenceNr(), bytes, manifest, repr.writerUuid(), tags, metadata);
    }

    /** Serializes with the configured serializer; actor references become full addresses. */
    public Serialized toBytes(Object object) {
        Serializer serializer = serialization.findSerializerFor(object);
        byte[] bytes =
                Serialization$.MODULE$.withTransportInformation(
                        system, () -> serializer.toBinary(object));
        return new Serialized(
                serializer.identifier(), Serializers.manifestFor(serializer, object), bytes);
    }

    /** Reads what {@link #toBytes} made. */
    public Object toObject(Serialized serialized) {
        return serialization
                .deserialize(serialized.bytes(), serialized.serializerId(), serialized.manifest())
                .get();
    }

    private static void checkText(String what, @Nullable String text, int maxBytes)
            throws NotSerializableException {
        if (text != null && !Keys.isText(text)) {
            throw new NotSerializableException(
                    "%s has half of a character (a lone surrogate): %s"
                            .formatted(what, Printable.name(text)));
        }
        if (text != null
                && text.length() > maxBytes / 4
                && text.getBytes(StandardCharsets.UTF_8).length > maxBytes) {
            throw new NotSerializableException(what + " is longer than " + maxBytes + " bytes");
        }
    }
}
