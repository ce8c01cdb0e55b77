package io.chainring.benchmarks;

import java.util.List;

/**
 * A journal as any application would configure it: each with its own defaults.
 *
 * @param name what it is called in the results
 * @param kind for comparisons: {@code stock}, {@code chainring} or something that is only shown; {@code leveldb} is no
 *     journal but the database alone
 * @param fsync whether acknowledged events are on stable storage; null for the in-memory journal
 * @param config what stands in the application's configuration; {@code bench.dir} is the directory
 */
record JournalContestant(String name, String kind, boolean fsync, String config) {
    static final String STOCK = "stock";
    static final String OURS = "chainring";
    static final String LEVELDB = "leveldb";

    private static final String ONE_THREAD =
            "bench.dispatcher = one-thread\n"
                    + "chainring.persistence.leveldb.journal.plugin-dispatcher = one-thread\n"
                    + "one-thread { type = Dispatcher, executor = thread-pool-executor\n"
                    + "  thread-pool-executor.fixed-pool-size = 1 }\n";

    /** All of one durability, those to be compared side by side. */
    static List<JournalContestant> all(boolean fsync) {
        String mode = ", fsync " + (fsync ? "on" : "off");
        JournalContestant stock =
                new JournalContestant(
                        "stock LevelDB" + mode,
                        STOCK,
                        fsync,
                        "pekko.persistence.journal.plugin = pekko.persistence.journal.leveldb\n"
                                + "pekko.persistence.journal.leveldb { dir = ${bench.dir}, fsync = "
                                + fsync
                                + " }\n");
        JournalContestant ours =
                new JournalContestant("chainring" + mode, OURS, fsync, chainring(fsync));
        if (fsync) {
            return List.of(
                    stock,
                    ours,
                    new JournalContestant(
                            "LevelDB alone, one synced batch of all", LEVELDB, true, ""));
        }
        return List.of(
                stock,
                ours,
                new JournalContestant(
                        "chainring" + mode + ", actors and journal on one thread",
                        "one-thread",
                        false,
                        ONE_THREAD + chainring(false)),
                new JournalContestant(
                        "in-memory",
                        "in-memory",
                        false,
                        "pekko.persistence.journal.plugin = pekko.persistence.journal.inmem\n"));
    }

    private static String chainring(boolean fsync) {
        return "pekko.persistence.journal.plugin = chainring.persistence.leveldb.journal\n"
                + "chainring.persistence.leveldb { dir = ${bench.dir}, fsync = "
                + fsync
                + " }\n";
    }
}
