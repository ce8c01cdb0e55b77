package io.chainring.persistence.power;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.base.Seed;
import io.chainring.base.power.Operation;
import io.chainring.base.power.Recorder;
import io.chainring.base.power.VolatileStorage;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The mark of what was acknowledged last is a page that the kernel writes when it likes. When an actor is forgotten and the
 * power fails, no older state of that page may say that its events are missing: the power fails right after actors were
 * forgotten, at each of those places in many ways.
 */
@Tag("clients")
final class ForgetPowerLossTest {
    private static final int CUTS_AT_A_PLACE = 40;
    private static final int PLACES = 4;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path root;

    @ParameterizedTest
    @ValueSource(strings = {"system", "leveldbjni", "iq80"})
    void nothingIsMissedOfWhoIsForgotten(String engine) throws Exception {
        Random random = new Random(Seed.of(ForgetPowerLossTest.class));
        Path directory = Files.createDirectory(root.resolve("folder")).resolve("journal");
        List<Operation> record =
                Recorder.in(root)
                        .record(
                                directory,
                                0,
                                ForgetChild.class,
                                List.of(directory.toString(), engine));
        VolatileStorage storage = new VolatileStorage(VolatileStorage.Model.JOURNALED, directory);
        List<String> wrong = new ArrayList<>();
        int places = 0;
        for (Operation operation : record) {
            storage.apply(operation);
            if (operation.kind() == Operation.Kind.NOTE) {
                places++;
                for (int i = 0; i < CUTS_AT_A_PLACE; i++) {
                    Path image = root.resolve("image-" + places + "-" + i);
                    storage.cut(random, image);
                    open(image, engine, wrong);
                }
            }
        }
        assertEquals(PLACES, places);
        assertEquals(List.of(), wrong);
    }

    private static void open(Path image, String engine, List<String> wrong) {
        try {
            Store store =
                    Store.open(Stores.settings(image, engine, true, Duration.ofMillis(1), 1000, 0));
            wrong.addAll(Stores.leftBehind(store));
            store.close();
        } catch (StoreException e) {
            wrong.add(image.getFileName() + ": " + e.getMessage());
        }
    }
}
