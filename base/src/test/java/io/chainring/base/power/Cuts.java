package io.chainring.base.power;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Where in a record the power fails. */
public final class Cuts {
    private static final int NEAR_OPERATIONS = 12;

    private Cuts() {}

    /**
     * Places in a record, ascending: half of them anywhere, half of them right behind a change of names or lengths, which is
     * rare and where much is at stake.
     *
     * @param count how many
     * @return numbers of operations that were done before the power failed
     */
    public static int[] of(List<Operation> record, int count, Random random) {
        int[] changes =
                IntStream.range(0, record.size())
                        .filter(i -> isOfMetadata(record.get(i).kind()))
                        .toArray();
        return IntStream.range(0, count)
                .map(
                        i -> {
                            int anywhere = random.nextInt(record.size() + 1);
                            if (i % 2 == 0 || changes.length == 0) {
                                return anywhere;
                            }
                            int change = changes[random.nextInt(changes.length)];
                            return Math.min(
                                    record.size(), change + random.nextInt(NEAR_OPERATIONS));
                        })
                .sorted()
                .toArray();
    }

    private static boolean isOfMetadata(Operation.Kind kind) {
        return switch (kind) {
            case CREATE, RENAME, UNLINK, MKDIR, LINK, LENGTH -> true;
            default -> false;
        };
    }
}
