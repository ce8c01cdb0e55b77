package io.chainring.persistence.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.base.power.Cuts;
import io.chainring.base.power.Operation;
import io.chainring.base.power.Recorder;
import io.chainring.base.power.Replay;
import io.chainring.base.power.VolatileStorage;
import io.chainring.persistence.database.StoreException;
import io.chainring.persistence.power.Promises.Left;
import io.chainring.persistence.store.Store;
import io.chainring.persistence.store.Stores;
import io.chainring.persistence.tool.Repair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A workload is recorded once, down to its mapped pages; then the power fails at random places of the record, and what
 * is left is opened: everything acknowledged with fsync on is there; with fsync off what is there is a beginning, or the
 * loss is said, and repairing names it and leaves a beginning of each actor's. Where the storage has kept the order of writes
 * all is there and nothing is refused. And it can be written again.
 *
 * <p>{@code -Dchainring.power.cuts} sets how often the power fails (40), {@code -Dchainring.seed} repeats it.
 */
@Tag("clients")
final class PowerLossTest {
    private static final int CUTS = Integer.getInteger("chainring.power.cuts", 40);
    private static final int STEPS = 120;
    private static final int SHOWN = 12;

    /** Every how many power losses the storage has kept the order of writes, as when the process alone dies. */
    private static final int IN_ORDER_EVERY = 6;

    private static final String REFUSED = "refused: ";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path root;

    /** Why an opening was refused, and how often. */
    private final Map<String, Integer> refused = new TreeMap<>();

    private int inOrder;
    private int repaired;

    @ParameterizedTest
    @CsvSource({
        "system,on",
        "leveldbjni,on",
        "iq80,on",
        "mixed,on",
        "system,off",
        "leveldbjni,off",
        "iq80,off"
    })
    void whatWasPromisedIsThere(String engine, String fsync) throws Exception {
        long seed = Seed.of(PowerLossTest.class);
        Random random = new Random(seed);
        Path directory = Files.createDirectory(root.resolve("folder")).resolve("journal");
        List<Operation> record =
                Recorder.in(root)
                        .record(
                                directory,
                                0,
                                PowerChild.class,
                                List.of(
                                        directory.toString(),
                                        engine,
                                        fsync,
                                        String.valueOf(seed),
                                        String.valueOf(STEPS)));
        boolean synced = fsync.equals("on");
        boolean unorderedEngine = !synced && engine.equals("leveldbjni");
        VolatileStorage storage = new VolatileStorage(VolatileStorage.Model.JOURNALED, directory);
        Promises promises = new Promises(synced);
        List<String> wrong = new ArrayList<>();
        int[] cuts = Cuts.of(record, CUTS, random);
        Replay replay = new Replay(record, storage, promises::note);
        for (int i = 0; i < cuts.length && wrong.size() < SHOWN; i++) {
            replay.until(cuts[i]);
            String cut = "cut " + i + " at " + cuts[i];
            Path image = root.resolve("image-" + i);
            // What is stored into mapped pages has no order among itself, and no call that shows
            // it.
            boolean ordered = !unorderedEngine && random.nextInt(IN_ORDER_EVERY) == 0;
            if (ordered) {
                storage.cutInOrder(random, image);
                inOrder++;
            } else {
                storage.cut(random, image);
            }
            Left left = ordered ? Left.ALL : Left.BEGINNING;
            List<String> found = check(image, engine, promises, left, random.nextInt(4) == 0);
            if (!found.isEmpty() && found.get(0).startsWith(REFUSED)) {
                refused.merge(reason(found.get(0), image), 1, Integer::sum);
                if (!synced && !ordered) {
                    found = checkRepaired(image, engine, promises);
                }
            }
            found.forEach(each -> wrong.add(cut + ": " + each));
            if (found.isEmpty()) {
                Replay.delete(image);
            }
        }
        System.out.println(
                "%s, fsync %s: %s operations, %s cuts, %s of them in order, %s repaired, refused %s, %s wrong"
                        .formatted(
                                engine,
                                fsync,
                                record.size(),
                                CUTS,
                                inOrder,
                                repaired,
                                refused,
                                wrong.size()));
        assertTrue(promises.acknowledged() > STEPS, "too little was written");
        assertEquals(List.of(), wrong.subList(0, Math.min(SHOWN, wrong.size())));
    }

    private List<String> check(
            Path image, String engine, Promises promises, Left left, boolean goOn) {
        boolean synced = promises.fsync();
        try {
            Store store = open(image, engine, synced);
            List<String> wrong;
            List<Long> highest = new ArrayList<>();
            try {
                wrong = new ArrayList<>(promises.wrongWith(store, left));
                if (!synced && left == Left.BEGINNING) {
                    // What can't be read and says so is as good as an opening that is refused.
                    String damaged = StoreException.Damaged.class.getName();
                    for (String each : wrong) {
                        if (each.contains(damaged)) {
                            return List.of(REFUSED + each);
                        }
                    }
                }
                if (goOn && wrong.isEmpty()) {
                    for (int i = 0; i < 3; i++) {
                        long next = store.highestSequenceNr("w0-" + i) + 1;
                        store.append(List.of(Stores.event("w0-" + i, next, "next")), synced);
                        highest.add(next);
                    }
                }
            } finally {
                store.close();
            }
            if (!highest.isEmpty()) {
                Store again = open(image, engine, synced);
                for (int i = 0; i < 3; i++) {
                    if (again.highestSequenceNr("w0-" + i) != highest.get(i)) {
                        wrong.add("w0-" + i + ": lost what was written after the power loss");
                    }
                }
                again.close();
            }
            return wrong;
        } catch (StoreException.Damaged e) {
            return List.of(REFUSED + e.getMessage());
        } catch (StoreException e) {
            return List.of(e.toString());
        }
    }

    /**
     * With fsync off opening may say that something is lost. Repairing names it then, and an actor that it does not name
     * has a beginning of its events, whole groups of them, and a snapshot of what is deleted.
     */
    private List<String> checkRepaired(Path image, String engine, Promises promises)
            throws IOException {
        repaired++;
        List<String> wrong = new ArrayList<>();
        Repair repair = Repair.of(image, "auto");
        if (repair.lost().isEmpty()) {
            wrong.add("repaired, and nothing is said to be lost");
        }
        for (String each : check(image, engine, promises, Left.BEGINNING_OF_EACH, true)) {
            String id = each.substring(0, each.indexOf(':') + 1);
            if (repair.lost().stream().noneMatch(line -> line.startsWith(id))) {
                wrong.add("repaired, said to be lost " + repair.lost() + ": " + each);
            }
        }
        Replay.delete(repair.backup());
        return wrong;
    }

    private static String reason(String refusal, Path image) {
        String line = refusal.substring(REFUSED.length()).replace(image.toString(), "");
        return line.replaceAll("[0-9]+", "N").replaceAll("(,|;| \\(event) .*", "").strip();
    }

    private static Store open(Path directory, String engine, boolean synced) {
        return Store.open(
                Stores.settings(
                        directory,
                        PowerChild.engine(engine, 1),
                        synced,
                        Duration.ofMillis(1),
                        200,
                        0));
    }
}
