package io.chainring.chaos.check;

import io.chainring.chaos.history.HistoryEvent;
import java.util.List;
import java.util.SplittableRandom;

/** How long the checker takes for a history: {@code CheckerBench OPERATIONS CLIENTS CELLS}. Prints a line a round. */
final class CheckerBench {
    private static final int ROUNDS = 3;

    private CheckerBench() {}

    public static void main(String[] args) {
        int operations = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
        int clients = args.length > 1 ? Integer.parseInt(args[1]) : 64;
        int cells = args.length > 2 ? Integer.parseInt(args[2]) : 32_768;
        List<HistoryEvent> history =
                new KeptPromises(new SplittableRandom(1), clients, cells).history(operations);
        for (int round = 0; round < ROUNDS; round++) {
            long began = System.nanoTime();
            Verdict verdict = Checker.check(history);
            System.out.printf(
                    "%d operations of %d clients on %d cells: %.1f s, %s%n",
                    verdict.operations(),
                    clients,
                    verdict.cells(),
                    (System.nanoTime() - began) / 1e9,
                    verdict.isGood() ? "good" : verdict.violations());
        }
    }
}
