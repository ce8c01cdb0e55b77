package io.chainring.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** What this machine's file system takes for one synced write: the floor below every journal with fsync on. */
final class SyncProbe {
    private static final int WRITES = 1000;
    private static final int WRITE_BYTES = 200;
    private static final long FILE_BYTES = 1 << 20;

    /**
     * Time of a 200-byte write and fdatasync into a file that need not grow.
     *
     * @param medianMicros median
     * @param p99Micros 99th percentile
     */
    record Result(double medianMicros, double p99Micros) {
        String text() {
            return String.format(
                    Locale.ROOT,
                    "write of %d bytes and fdatasync: median %.0f us, p99 %.0f us",
                    WRITE_BYTES,
                    medianMicros,
                    p99Micros);
        }
    }

    private SyncProbe() {}

    static Result measure(Path folder) throws IOException {
        Path file = Files.createTempFile(folder, "sync", null);
        long[] nanos = new long[WRITES];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate((int) FILE_BYTES), 0);
            channel.force(true);
            ByteBuffer bytes = ByteBuffer.allocateDirect(WRITE_BYTES);
            for (int i = 0; i < WRITES; i++) {
                bytes.clear();
                long startNanos = System.nanoTime();
                channel.write(bytes, i * (long) WRITE_BYTES);
                channel.force(false);
                nanos[i] = System.nanoTime() - startNanos;
            }
        } finally {
            Files.delete(file);
        }
        Samples samples = new Samples(nanos);
        return new Result(samples.medianMillis() * 1000, samples.p99Millis() * 1000);
    }
}
