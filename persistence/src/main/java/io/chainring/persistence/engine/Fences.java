package io.chainring.persistence.engine;

import io.chainring.base.text.Printable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two entries, below and above all others, that go along with each batch of the Java library, so that each of its young
 * tables spans everything.
 *
 * <p>Tables of level 0 may overlap, and whoever moves one down has to take all older ones along that overlap it, and those
 * that overlap them. iq80 takes those along that overlap the range it was asked for, or the first table, and stops there: an
 * older table may stay above a younger one, and its entries hide those of the younger. Where every table overlaps every other,
 * all go together.
 *
 * <p>Scans and repairs don't show them.
 */
final class Fences {
    private static final Logger LOG = LoggerFactory.getLogger(Fences.class);

    static final byte[] LOW = {0x00};
    static final byte[] HIGH = {(byte) 0xFF};
    static final byte[] NOTHING = {};

    private Fences() {}

    /**
     * Whether a directory that was just opened has several young tables without fences, of another library or of its log,
     * that can be moved down together.
     */
    static boolean areMissing(Path directory) {
        try {
            Path manifest =
                    directory.resolve(Files.readString(directory.resolve("CURRENT")).strip());
            ManifestSizes.LiveFiles live = ManifestSizes.live(directory, manifest);
            if (live == null) {
                return false;
            }
            long without = 0;
            for (Map.Entry<Long, ManifestSizes.Table> each : live.tables().entrySet()) {
                ManifestSizes.Table table = each.getValue();
                if (table.level() <= 1 && isDamaged(directory, each.getKey())) {
                    // The library would try for ever, and the opening wait for it.
                    LOG.warn(
                            "{}: table {} is damaged: tables of another library stay as they are",
                            directory,
                            each.getKey());
                    return false;
                }
                if (table.level() == 0 && !Arrays.equals(table.smallestKey(), LOW)) {
                    without++;
                }
            }
            return without > 1;
        } catch (IOException e) {
            LOG.warn(
                    "{}: tables of another library stay as they are: {}",
                    directory,
                    Printable.line(e.toString()));
            return false;
        }
    }

    private static boolean isDamaged(Path directory, long number) {
        for (String suffix : List.of("sst", "ldb")) {
            Path file = directory.resolve(String.format(Locale.ROOT, "%06d.%s", number, suffix));
            if (Files.exists(file)) {
                return TableCheck.firstDamage(file) >= 0;
            }
        }
        return true;
    }

    static boolean is(byte[] key) {
        return key.length == 1 && (key[0] == LOW[0] || Arrays.equals(key, HIGH));
    }
}
