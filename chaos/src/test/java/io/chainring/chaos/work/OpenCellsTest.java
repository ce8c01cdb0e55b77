package io.chainring.chaos.work;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class OpenCellsTest {
    @Test
    void aCellTakesSoManyChangesAndAfterwardsReads() {
        OpenCells cells = new OpenCells(10);
        for (int i = 0; i < 3; i++) {
            assertTrue(cells.take(2, 3, true));
        }
        assertFalse(cells.take(4, 1, true));
        assertTrue(cells.take(5, 1, true));
        for (int i = 0; i < 5; i++) {
            assertTrue(cells.take(0, 10, false));
        }
        assertFalse(cells.take(2, 1, false));
        cells.release(2, 3, true);
        assertTrue(cells.take(2, 1, true));
    }

    @Test
    void aCellWithSeveralUnknownChangesIsOnlyRead() {
        OpenCells cells = new OpenCells(10);
        for (int i = 0; i < 3; i++) {
            assertTrue(cells.take(3, 1, true));
            cells.leave(3, 1);
            cells.release(3, 1, true);
        }
        assertFalse(cells.take(0, 10, true));
        assertTrue(cells.take(0, 10, false));
    }
}
