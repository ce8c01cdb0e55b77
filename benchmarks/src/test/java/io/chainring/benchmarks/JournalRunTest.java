package io.chainring.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalRunTest {
    @TempDir private Path folder;

    private static JournalContestant contestant(boolean fsync, String kind) {
        return JournalContestant.all(fsync).stream()
                .filter(each -> each.kind().equals(kind))
                .findFirst()
                .orElseThrow();
    }

    private static JournalSeries series(boolean fsync, String kind, int entities, double... rates) {
        JournalSeries series = new JournalSeries(contestant(fsync, kind), entities);
        for (double rate : rates) {
            series.add(new JournalRun.Result(rate, 0, 0));
        }
        return series;
    }

    @Test
    void everyJournalPersistsAndLeavesNothingBehind() throws Exception {
        for (boolean fsync : new boolean[] {false, true}) {
            for (JournalContestant contestant : JournalContestant.all(fsync)) {
                Path directory = folder.resolve("run");
                JournalRun.Result result = JournalRun.run(contestant, directory, 3, 0.2);
                assertTrue(result.persistsPerSecond() >= 0, contestant.name());
                assertFalse(Files.exists(directory), contestant.name());
            }
        }
    }

    @Test
    void databaseAloneWritesOneEventOfEachEntityABatch() throws Exception {
        JournalRun.Result result =
                JournalRun.run(
                        contestant(true, JournalContestant.LEVELDB), folder.resolve("run"), 3, 0.1);
        assertEquals(3, result.eventsPerWrite());
        assertTrue(result.writeMicros() > 0);
        assertTrue(result.persistsPerSecond() <= 3e6 / result.writeMicros(), result.toString());
    }

    @Test
    void ratioIsTheQuotientOfTheMedians() {
        JournalSeries stock = series(true, JournalContestant.STOCK, 16, 100, 300, 200);
        JournalSeries ours = series(true, JournalContestant.OURS, 16, 900, 1000, 4000);
        assertEquals(200, stock.medianRate());
        assertEquals(5, ours.ratioTo(stock));
        assertEquals(9, ours.ratiosTo(stock).get(0));
        assertEquals(16_000, ours.microsEach());
        assertEquals(2.5, JournalSeries.median(List.of(1.0, 4.0, 3.0, 2.0)));
        assertThrows(IllegalArgumentException.class, () -> JournalSeries.median(List.of()));
    }

    @Test
    void floorsHoldForEqualDurabilityAndEntities() {
        List<JournalSeries> all = new ArrayList<>();
        all.add(series(false, JournalContestant.STOCK, 1, 20_000));
        all.add(series(false, JournalContestant.OURS, 1, 39_000));
        all.add(series(true, JournalContestant.STOCK, 16, 1_000));
        all.add(series(true, JournalContestant.OURS, 16, 10_000));
        all.add(series(true, JournalContestant.STOCK, 256, 1_000));
        all.add(series(true, JournalContestant.OURS, 256, 14_999));
        List<String> missed = JournalFloors.missed(all);
        assertEquals(3, missed.size(), missed.toString());
        assertTrue(missed.get(0).contains("1.95 times"), missed.get(0));
        assertTrue(missed.get(1).contains("25.6 us a persist, at most 25"), missed.get(1));
        assertTrue(missed.get(2).contains("256 entities: 15.00 times"), missed.get(2));
    }
}
