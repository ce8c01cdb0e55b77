package io.chainring.persistence.power;

import io.chainring.base.power.Recorder;
import io.chainring.persistence.store.Erasure;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.StoreInspection;
import io.chainring.persistence.store.Stores;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The recorded process: some actors come and go, one lives on in every other opening, and the others are forgotten or erased.
 * Arguments: directory, engine. It notes {@code forgotten} when that is done, so that the power can fail there.
 */
public final class ForgetChild {
    private static final int OPENINGS = 4;
    private static final int ACTORS = 6;

    private ForgetChild() {}

    public static void main(String[] args) throws Exception {
        try (OutputStream notes = new FileOutputStream(System.getenv(Recorder.NOTES))) {
            for (int opening = 0; opening < OPENINGS; opening++) {
                Store store =
                        Store.open(
                                Stores.settings(
                                        Path.of(args[0]),
                                        args[1],
                                        true,
                                        Duration.ofMillis(1),
                                        1000,
                                        0));
                comeAndGo(store, opening);
                forget(store);
                notes.write("forgotten\n".getBytes(StandardCharsets.UTF_8));
                store.close();
            }
        }
    }

    private static void comeAndGo(Store store, int opening) {
        for (int actor = 0; actor < ACTORS; actor++) {
            // Each of them is the one that the mark speaks of, for a while.
            String id = "gone-" + opening + "-" + actor;
            store.append(List.of(Stores.event(id, 1, "t")), true);
            store.append(List.of(Stores.event(id, 2, "t")), true);
            if (actor % 2 == 0) {
                store.deleteTo(id, 2, true);
            } else {
                new Erasure(store).erase(List.of(id));
            }
        }
        if (opening % 2 == 0) {
            long next = store.highestSequenceNr("alive") + 1;
            store.append(List.of(Stores.event("alive", next, "t")), true);
        }
    }

    /** The next time that the clock shows another number. */
    private static void forget(Store store) {
        StoreInspection inspection = new StoreInspection(store);
        List<String> ids = new ArrayList<>(List.of("gone"));
        while (ids.stream().anyMatch(id -> id.startsWith("gone"))) {
            ids.clear();
            inspection.finishDeletions();
            inspection.persistenceIds(null, Integer.MAX_VALUE, ids::add);
        }
    }
}
