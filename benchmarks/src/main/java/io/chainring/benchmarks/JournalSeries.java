package io.chainring.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The runs of one contestant with one number of entities, one a round, and what is told of them. */
final class JournalSeries {
    private final JournalContestant contestant;
    private final int entities;
    private final List<JournalRun.Result> rounds = new ArrayList<>();

    JournalSeries(JournalContestant contestant, int entities) {
        this.contestant = contestant;
        this.entities = entities;
    }

    JournalContestant contestant() {
        return contestant;
    }

    int entities() {
        return entities;
    }

    void add(JournalRun.Result result) {
        rounds.add(result);
    }

    List<Double> rates() {
        return rounds.stream().map(JournalRun.Result::persistsPerSecond).toList();
    }

    double medianRate() {
        return median(rates());
    }

    double medianEventsPerWrite() {
        return median(rounds.stream().map(JournalRun.Result::eventsPerWrite).toList());
    }

    double medianWriteMicros() {
        return median(rounds.stream().map(JournalRun.Result::writeMicros).toList());
    }

    /** What one entity waits for one persist. */
    double microsEach() {
        return entities * 1e6 / medianRate();
    }

    /** Quotient of the medians. */
    double ratioTo(JournalSeries other) {
        return medianRate() / other.medianRate();
    }

    /** Quotients round by round: how much to believe the other one. */
    List<Double> ratiosTo(JournalSeries other) {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < rounds.size(); i++) {
            ratios.add(rates().get(i) / other.rates().get(i));
        }
        return ratios;
    }

    /** The stock journal's series of the same durability and number of entities. */
    @Nullable JournalSeries stockAmong(List<JournalSeries> all) {
        for (JournalSeries other : all) {
            if (other.contestant.kind().equals(JournalContestant.STOCK)
                    && other.contestant.fsync() == contestant.fsync()
                    && other.entities == entities) {
                return other;
            }
        }
        return null;
    }

    /** The middle one; of an even number the mean of the two in the middle. */
    static double median(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
