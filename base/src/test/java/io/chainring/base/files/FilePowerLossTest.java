package io.chainring.base.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A small file is replaced again and again; wherever the power fails, the last one that was reported as
 * written is there, or the next, whole.
 *
 * <p>{@code -Dchainring.power.cuts} sets how often it fails (40), {@code -Dchainring.seed} repeats it.
 */
@Tag("clients")
final class FilePowerLossTest {
    private static final int CUTS = Integer.getInteger("chainring.power.cuts", 40);
    private static final int TIMES = 60;

    @TempDir Path root;

    @ParameterizedTest
    @EnumSource
    void theOldTextIsThereOrTheNew(VolatileStorage.Model model) throws Exception {
        Random random = new Random(Seed.of(FilePowerLossTest.class));
        Path folder = Files.createDirectory(root.resolve("data"));
        List<Operation> record =
                Recorder.in(root)
                        .record(
                                folder,
                                0,
                                ReplacingChild.class,
                                List.of(
                                        folder.resolve("disks.json").toString(),
                                        String.valueOf(TIMES)));
        VolatileStorage storage = new VolatileStorage(model, folder);
        List<String> wrong = new ArrayList<>();
        int[] reported = new int[1];
        Replay replay =
                new Replay(record, storage, line -> reported[0] = Integer.parseInt(line.strip()));
        for (int cut : Cuts.of(record, CUTS, random)) {
            replay.until(cut);
            Path image = root.resolve("image-" + cut + "-" + random.nextInt());
            storage.cut(random, image);
            Path file = image.resolve("disks.json");
            String found = Files.exists(file) ? Files.readString(file) : "";
            boolean old = reported[0] == 0 ? found.isEmpty() : found.equals(text(reported[0]));
            if (!old && !found.equals(text(reported[0] + 1))) {
                wrong.add("cut at " + cut + ": neither text " + reported[0] + " nor the next");
            }
        }
        assertFalse(reported[0] == 0, "nothing was written");
        assertEquals(List.of(), wrong);
    }

    private static String text(int time) {
        return ReplacingChild.text(time);
    }
}
