package io.chainring.base.power;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A record that happens again on a storage, from one power loss to the next, and what its process noted meanwhile. */
public final class Replay {
    private final List<Operation> record;
    private final VolatileStorage storage;
    private final Consumer<String> noted;
    private int applied;

    /** @param noted hears each line that the recorded process noted, when it happens */
    public Replay(List<Operation> record, VolatileStorage storage, Consumer<String> noted) {
        this.record = record;
        this.storage = storage;
        this.noted = noted;
    }

    /** Goes on up to the operation of this number, which has not happened then. */
    public void until(int number) {
        for (; applied < number; applied++) {
            Operation operation = record.get(applied);
            storage.apply(operation);
            if (operation.kind() == Operation.Kind.NOTE) {
                operation.text().lines().forEach(noted);
            }
        }
    }

    /** Removes what a power loss has left, with all that is in it. */
    public static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }
}
