package io.chainring.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the journal is to reach, against Pekko's stock LevelDB journal in the same run. */
final class JournalFloors {
    private static final double ONE_ENTITY_MICROS = 25;

    private JournalFloors() {}

    /** One line for each floor that was measured and missed. */
    static List<String> missed(List<JournalSeries> all) {
        List<String> missed = new ArrayList<>();
        for (JournalSeries series : all) {
            JournalSeries stock = series.stockAmong(all);
            if (!series.contestant().kind().equals(JournalContestant.OURS) || stock == null) {
                continue;
            }
            double floor = floor(series.entities(), series.contestant().fsync());
            double ratio = series.ratioTo(stock);
            if (ratio < floor) {
                missed.add(
                        String.format(
                                Locale.ROOT,
                                "%s, %d entities: %.2f times the stock journal's rate, at least %.1f wanted",
                                series.contestant().name(),
                                series.entities(),
                                ratio,
                                floor));
            }
            if (!series.contestant().fsync()
                    && series.entities() == 1
                    && series.microsEach() > ONE_ENTITY_MICROS) {
                missed.add(
                        String.format(
                                Locale.ROOT,
                                "%s, 1 entity: %.1f us a persist, at most %.0f wanted",
                                series.contestant().name(),
                                series.microsEach(),
                                ONE_ENTITY_MICROS));
            }
        }
        return missed;
    }

    /** Least ratio; 0 where none is set. */
    static double floor(int entities, boolean fsync) {
        return switch (entities) {
            case 1 -> fsync ? 1 : 2;
            case 16 -> fsync ? 10 : 1.5;
            case 256 -> fsync ? 15 : 0;
            default -> 0;
        };
    }
}
