package io.chainring.node.service;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.node.data.DataDirectory;
import io.chainring.node.data.DirectoryClaim;
import io.chainring.node.service.DiskPlaces.Placed;
import io.chainring.registry.rules.DiskStorage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A new disk goes where the fewest are, whatever has come and gone before. */
class DiskPlacesTest {
    private static final int LOOPS = 3;

    @TempDir Path folder;
    private final List<Placed> placed = new ArrayList<>();

    private void disk(int journal, boolean served) {
        placed.add(new Placed(new DiskStorage("/" + placed.size(), 512, journal, "x"), served));
    }

    private int next() throws Exception {
        try (DataDirectory data = DataDirectory.open(folder, DirectoryClaim.UNKNOWN)) {
            DiskStorage storage =
                    new DiskPlaces(data, LOOPS).of(folder.resolve("i"), new UUID(1, 2), placed);
            assertEquals(new UUID(1, 2).toString(), storage.journalId());
            return storage.journal();
        }
    }

    @Test
    void theFewestThatAreServedDecide() throws Exception {
        assertEquals(0, next());
        disk(0, true);
        assertEquals(1, next());
        disk(1, true);
        disk(2, true);
        assertEquals(0, next());
        placed.remove(1);
        assertEquals(1, next());
    }

    /** A loop has no work with a disk that is away; it may come back all the same. */
    @Test
    void thoseThatAreAwayCountWhereNothingElseDoes() throws Exception {
        for (int i = 0; i < 9; i++) {
            disk(0, false);
        }
        disk(1, true);
        disk(2, true);
        assertEquals(0, next());
        disk(0, true);
        assertEquals(1, next());
    }

    /** Journals of a time with more loops are written by the loops that there are. */
    @Test
    void journalsOfMoreLoopsLoadThoseThatThereAre() throws Exception {
        disk(LOOPS, true);
        disk(2 * LOOPS + 1, true);
        assertEquals(2, next());
    }
}
