package io.chainring.host.power;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import io.chainring.base.power.Cuts;
import io.chainring.base.power.Operation;
import io.chainring.base.power.Recorder;
import io.chainring.base.power.Replay;
import io.chainring.base.power.VolatileStorage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A workload on images is recorded once; then the power fails at random places of the record: an image that was created
 * is there with its size, a write that was flushed or written through is there, each other sector is old or new.
 *
 * <p>Under POSIX's own promises about names too: of these files nobody else takes care. {@code -Dchainring.power.cuts}
 * sets how often the power fails (40), {@code -Dchainring.seed} repeats it.
 */
@Tag("clients")
final class DiskPowerLossTest {
    private static final int CUTS = Integer.getInteger("chainring.power.cuts", 40);
    private static final int STEPS = 60;
    private static final int SHOWN = 12;

    /** Every how many syncs one is interrupted by a signal. */
    private static final int INTERRUPT_EVERY = 5;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path root;

    @ParameterizedTest
    @EnumSource
    void whatWasFlushedIsThere(VolatileStorage.Model model) throws Exception {
        long seed = Seed.of(DiskPowerLossTest.class);
        Random random = new Random(seed);
        Path folder = Files.createDirectory(root.resolve("images"));
        List<Operation> record =
                Recorder.in(root)
                        .record(
                                folder,
                                INTERRUPT_EVERY,
                                DiskChild.class,
                                List.of(
                                        folder.toString(),
                                        String.valueOf(seed),
                                        String.valueOf(STEPS)));
        VolatileStorage storage = new VolatileStorage(model, folder);
        DiskPromises promises = new DiskPromises();
        List<String> wrong = new ArrayList<>();
        int[] cuts = Cuts.of(record, CUTS, random);
        Replay replay = new Replay(record, storage, promises::note);
        for (int i = 0; i < cuts.length; i++) {
            replay.until(cuts[i]);
            String cut = "cut " + i + " at " + cuts[i] + ": ";
            Path image = root.resolve("image-" + i);
            storage.cut(random, image);
            promises.wrongWith(image).forEach(each -> wrong.add(cut + each));
            Replay.delete(image);
        }
        System.out.println(
                "%s: %s operations, %s cuts, %s wrong"
                        .formatted(model, record.size(), CUTS, wrong.size()));
        assertTrue(promises.flushes() > 10, "too few flushes");
        assertEquals(List.of(), wrong.subList(0, Math.min(SHOWN, wrong.size())));
    }
}
