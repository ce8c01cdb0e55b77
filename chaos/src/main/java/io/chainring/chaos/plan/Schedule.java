package io.chainring.chaos.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Faults one after the other without end, all from a seed: times, kinds, ways, points, disks. Each kind comes once in every round
 * of all kinds (one that costs much in some of them only), each way of a kind once in every round of its ways, and so each point; every other time a fault that has points
 * strikes anywhere.
 */
public final class Schedule {
    private final SplittableRandom random;
    private final List<FaultChoice> choices;
    private final int disks;
    private final long everyMillis;
    private final Map<String, List<String>> decks = new HashMap<>();
    private final List<FaultChoice> round = new ArrayList<>();
    private final Map<String, Boolean> aimed = new HashMap<>();
    private long rounds;
    private long atMillis;

    /** @param atMillis since the run began */
    public record Due(long atMillis, Fault fault) {}

    /**
     * @param everyMillis mean time between two faults
     * @throws IllegalArgumentException when there is nothing to choose
     */
    public Schedule(long seed, List<FaultChoice> choices, int disks, long everyMillis) {
        if (choices.isEmpty() || disks < 1 || everyMillis < 1) {
            throw new IllegalArgumentException("a schedule of nothing");
        }
        random = new SplittableRandom(seed);
        this.choices = List.copyOf(choices);
        this.disks = disks;
        this.everyMillis = everyMillis;
    }

    /** The next one. */
    public Due next() {
        atMillis += Math.max(1, everyMillis / 2 + random.nextLong(everyMillis + 1));
        while (round.isEmpty()) {
            choices.stream().filter(each -> rounds % each.everyRounds() == 0).forEach(round::add);
            rounds++;
        }
        FaultChoice choice = round.remove(random.nextInt(round.size()));
        boolean aims = aimed.merge(choice.name(), true, (before, now) -> !before);
        String how = card(choice.name() + "/how", choice.how());
        String point = aims ? card(choice.name() + "/point", choice.points()) : null;
        long millis =
                choice.shortestMillis()
                        + random.nextLong(choice.longestMillis() - choice.shortestMillis() + 1);
        return new Due(
                atMillis,
                new Fault(
                        choice.name(),
                        random.nextInt(disks),
                        how,
                        point,
                        millis,
                        random.nextInt(Integer.MAX_VALUE)));
    }

    private @Nullable String card(String deckName, List<String> all) {
        if (all.isEmpty()) {
            return null;
        }
        List<String> deck = decks.computeIfAbsent(deckName, name -> new ArrayList<>());
        if (deck.isEmpty()) {
            deck.addAll(all);
        }
        return deck.remove(random.nextInt(deck.size()));
    }
}
