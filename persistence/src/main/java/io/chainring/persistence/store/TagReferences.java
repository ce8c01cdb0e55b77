package io.chainring.persistence.store;

import io.chainring.base.text.Printable;
import io.chainring.persistence.engine.EngineView;
import io.chainring.persistence.format.EventRecord;
import io.chainring.persistence.format.FormatException;
import io.chainring.persistence.format.Keys;
import io.chainring.persistence.format.RecordReader;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** For tools: references of the tag index to events that are not there, or that have not this place. */
final class TagReferences {
    private TagReferences() {}

    /** One line for each; a deleted event is not missed. */
    static void verify(Store store, Consumer<String> report) {
        scan(
                store.engine(),
                (key, persistenceId, number, sequenceNr) -> {
                    PersistenceIdState state = store.persistenceIds().get(persistenceId);
                    if (state.number != number || state.deletedTo < sequenceNr) {
                        report.accept(
                                "event %s of %s is missing, a tag refers to it"
                                        .formatted(sequenceNr, Printable.name(persistenceId)));
                    }
                });
    }

    private interface Lost {
        void reference(byte[] key, String persistenceId, long number, long sequenceNr);
    }

    private static void scan(EngineView engine, Lost lost) {
        engine.scan(
                Keys.first(Keys.TAG),
                Keys.above(Keys.TAG),
                (key, value) -> {
                    RecordReader reference = new RecordReader(key, value);
                    long number = reference.i64();
                    long sequenceNr = reference.i64();
                    byte[] eventKey = Keys.event(number, sequenceNr);
                    if (!isThere(engine.get(eventKey), eventKey, key)) {
                        lost.reference(key, reference.text(), number, sequenceNr);
                    }
                    return true;
                });
    }

    private static boolean isThere(byte @Nullable [] event, byte[] eventKey, byte[] reference) {
        try {
            return event != null
                    && EventRecord.decode(eventKey, event)
                            .isAt(Keys.longAt(reference, 1), Keys.positionAt(reference, 9));
        } catch (FormatException e) {
            // What can't be read is not there.
            return false;
        }
    }
}
