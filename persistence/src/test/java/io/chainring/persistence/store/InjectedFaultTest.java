package io.chainring.persistence.store;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.fault.JournalFault;
import io.chainring.persistence.fault.JournalFaults;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A journal that is told to fail does so in the way it was told, ends by itself, and loses nothing that it acknowledged. */
final class InjectedFaultTest {
    private static final long LONG_MILLIS = 600_000;

    @TempDir Path directory;

    private JournalFaults faults;

    private Store open(String engine) {
        faults = faults == null ? new JournalFaults(directory, 7) : faults;
        return Store.open(Stores.settings(directory, engine, false, Duration.ZERO, 500, 1), faults);
    }

    private static void refused(Store store, long sequenceNr) {
        assertThrows(
                StoreException.Unavailable.class,
                () -> store.append(List.of(Stores.event("p", sequenceNr, "lost")), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"leveldbjni", "iq80"})
    void ofATornWriteNothingIsLeftAndWhatWasBeforeItIsThere(String engine) {
        Store store = open(engine);
        Stores.append(store, "p", 1, 5, "kept");
        faults.inject(JournalFault.TORN, 1, LONG_MILLIS);
        refused(store, 6);
        await().until(store::isOpen);
        assertEquals(5, Stores.read(store, "p").size());
        assertEquals(1, faults.met(JournalFault.TORN));
        Stores.append(store, "p", 6, 7, "later");
        store.close();
        store = open(engine);
        assertEquals(
                List.of("kept", "kept", "kept", "kept", "kept", "later", "later"),
                Stores.read(store, "p"));
        store.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"leveldbjni", "iq80"})
    void soManyWritesFailAsAreAskedFor(String engine) {
        Store store = open(engine);
        Stores.append(store, "p", 1, 5, "kept");
        faults.inject(JournalFault.FAIL, 2, LONG_MILLIS);
        for (int i = 0; i < 2; i++) {
            refused(store, 6);
            await().until(store::isOpen);
        }
        Stores.append(store, "p", 6, 6, "later");
        assertEquals(6, Stores.read(store, "p").size());
        assertEquals(2, store.gauges().failures());
        store.close();
    }

    @ParameterizedTest
    @ValueSource(strings = "iq80")
    void aFullDirectoryRefusesUntilItIsOver(String engine) {
        Store store = open(engine);
        Stores.append(store, "p", 1, 5, "kept");
        faults.inject(JournalFault.FULL, Long.MAX_VALUE, LONG_MILLIS);
        refused(store, 6);
        assertTrue(store.problem().contains("full"), store.problem());
        assertEquals(5, Stores.read(store, "p").size());
        faults.end();
        Stores.append(store, "p", 6, 6, "later");
        assertNull(store.problem());
        assertEquals(0, store.gauges().failures());
        store.close();
    }

    @ParameterizedTest
    @ValueSource(strings = "iq80")
    void slowWritesAreDone(String engine) {
        Store store = open(engine);
        faults.inject(JournalFault.SLOW, 3, LONG_MILLIS);
        Stores.append(store, "p", 1, 6, "kept");
        assertEquals(3, faults.met(JournalFault.SLOW));
        assertEquals(6, Stores.read(store, "p").size());
        assertFalse(store.gauges().failures() > 0);
        store.close();
    }
}
