package io.chainring.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.chaos.MemoryDisk.Lie;
import io.chainring.chaos.check.Violation;
import io.chainring.chaos.check.Violation.Kind;
import io.chainring.chaos.report.HtmlReport;
import io.chainring.chaos.work.AfterLoss;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ChaosTest {
    private static final int CELLS = 512;
    private static final int OPERATIONS = 6000;

    @TempDir private Path folder;

    private ChaosResult run(Lie lie, AfterLoss afterLoss, boolean cuts) throws Exception {
        long seed = Seed.next("ChaosTest " + lie + " " + afterLoss);
        try (MemoryDisk disk = new MemoryDisk(CELLS * 512, seed)) {
            disk.lie(lie);
            Chaos chaos =
                    Chaos.on(disk)
                            .seed(seed)
                            .area(CELLS, 512)
                            .operations(OPERATIONS)
                            .answerLimit(Duration.ofSeconds(lie == Lie.NEVER_ANSWERS ? 1 : 300))
                            .afterLoss(afterLoss)
                            .faultEvery(Duration.ofMillis(5))
                            .history(folder.resolve("history.jsonl"));
            if (cuts) {
                chaos.clientFault("connection-cut");
            }
            return chaos.run();
        }
    }

    private static Set<Kind> kinds(ChaosResult result) {
        return result.verdict().violations().stream()
                .map(Violation::kind)
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @EnumSource(AfterLoss.class)
    void aDiskThatKeepsItsPromisesIsGoodWhateverItsClientsDo(AfterLoss afterLoss) throws Exception {
        ChaosResult result = run(Lie.NONE, afterLoss, true);
        assertTrue(result.isGood(), result::text);
        assertTrue(result.tally().done() >= OPERATIONS, result::text);
        assertTrue(result.faults().injected() > 0, result::text);
        assertEquals(afterLoss == AfterLoss.RESEND, result.tally().resentCount() > 0, result::text);
    }

    @ParameterizedTest
    @EnumSource(names = {"LOSES_WRITES", "TEARS_WRITES", "MISPLACES_WRITES"})
    void aDiskThatChangesWhatItWasToldIsFound(Lie lie) throws Exception {
        ChaosResult result = run(lie, AfterLoss.LEAVE, false);
        assertFalse(result.isGood(), result::text);
        Set<Kind> allowed = EnumSet.of(Kind.LOST_WRITE, Kind.STALE_READ, Kind.FOREIGN_VALUE);
        assertTrue(allowed.containsAll(kinds(result)), result::text);
        assertEquals(lie != Lie.LOSES_WRITES, kinds(result).contains(Kind.FOREIGN_VALUE));
        Path page = folder.resolve("report.html");
        HtmlReport.write(result, List.of(), page);
        String text = Files.readString(page);
        assertTrue(text.contains("Promises were broken."));
        assertTrue(text.contains(result.verdict().violations().get(0).text()));
        assertTrue(text.length() < 2_000_000, "the page is of bounded size");
    }

    @Test
    void anOldCopyThatRunsBehindItsSuccessorIsFound() throws Exception {
        ChaosResult result = run(Lie.RUNS_OLD_COPIES_LATE, AfterLoss.RESEND, true);
        assertFalse(result.isGood(), result::text);
    }

    @Test
    void anOldCopyMayRunLateWhereNobodySentAnother() throws Exception {
        ChaosResult result = run(Lie.RUNS_OLD_COPIES_LATE, AfterLoss.LEAVE, true);
        assertTrue(result.isGood(), result::text);
    }

    @Test
    void aRequestThatIsNeverAnsweredIsAHang() throws Exception {
        ChaosResult result = run(Lie.NEVER_ANSWERS, AfterLoss.LEAVE, false);
        assertFalse(result.isGood(), result::text);
        assertEquals(Set.of(Kind.HANG), kinds(result), result::text);
        assertFalse(result.tally().hangs().isEmpty());
    }

    @Test
    void errorsAreWrongUnlessTheyMayBe() throws Exception {
        ChaosResult result = run(Lie.ANSWERS_WITH_ERRORS, AfterLoss.LEAVE, false);
        assertTrue(result.verdict().isGood(), result::text);
        assertFalse(result.isGood(), result::text);
    }

    @Test
    void whatIsLostIsFoundAmongErrorsThatMayBe() throws Exception {
        long seed = Seed.next("ChaosTest errors");
        try (MemoryDisk disk = new MemoryDisk(CELLS * 512, seed)) {
            disk.lie(Lie.ANSWERS_WITH_ERRORS);
            ChaosResult result =
                    Chaos.on(disk)
                            .seed(seed)
                            .area(CELLS, 512)
                            .operations(OPERATIONS)
                            .errorsAllowed()
                            .run();
            assertTrue(result.isGood(), result::text);
            assertFalse(result.tally().errors().isEmpty());
        }
    }
}
