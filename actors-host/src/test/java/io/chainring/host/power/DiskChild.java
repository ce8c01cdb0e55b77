package io.chainring.host.power;

import io.chainring.base.power.Recorder;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.FileBlockStore;
import io.chainring.host.store.FileStoreOptions;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * The recorded process: images are created, written, zeroed, discarded, flushed, grown and opened again. Arguments:
 * folder, seed, steps of each image.
 *
 * <p>It notes what it begins and what was reported as done: {@code begin} or {@code done}, image, operation, first
 * sector, sectors, number. A sector that operation n writes holds n in each of its eight-byte words.
 */
public final class DiskChild {
    static final int SECTOR_BYTES = 512;
    private static final long CREATED_BYTES = 256 << 10;
    private static final long GROWN_BYTES = 384 << 10;
    private static final int MOST_SECTORS = 48;

    private final OutputStream notes;
    private final Random random;
    private int number;

    private DiskChild(OutputStream notes, Random random) {
        this.notes = notes;
        this.random = random;
    }

    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        int steps = Integer.parseInt(args[2]);
        try (OutputStream notes = new FileOutputStream(System.getenv(Recorder.NOTES))) {
            DiskChild child = new DiskChild(notes, new Random(Long.parseLong(args[1])));
            for (boolean nativeCalls : new boolean[] {true, false}) {
                for (boolean writeThrough : new boolean[] {false, true}) {
                    String name =
                            (nativeCalls ? "native" : "plain") + (writeThrough ? "-through" : "");
                    FileStoreOptions options =
                            FileStoreOptions.DEFAULT
                                    .withNativeCalls(nativeCalls)
                                    .withWriteThrough(writeThrough);
                    child.life(folder.resolve(name), options, steps);
                }
            }
        }
    }

    private void life(Path image, FileStoreOptions options, int steps) throws IOException {
        note("begin", image, "create", 0, CREATED_BYTES / SECTOR_BYTES);
        try (BlockStore store =
                FileBlockStore.open(image, options.withCreateSizeBytes(CREATED_BYTES))) {
            note("done", image, "create", 0, CREATED_BYTES / SECTOR_BYTES);
            work(store, image, options.writeThrough(), steps);
            note("begin", image, "grow", 0, GROWN_BYTES / SECTOR_BYTES);
            store.grow(GROWN_BYTES);
            note("done", image, "grow", 0, GROWN_BYTES / SECTOR_BYTES);
            work(store, image, options.writeThrough(), steps);
        }
        try (BlockStore store = FileBlockStore.open(image, options)) {
            work(store, image, options.writeThrough(), steps);
        }
    }

    private void work(BlockStore store, Path image, boolean through, int steps) throws IOException {
        for (int step = 0; step < steps; step++) {
            number++;
            int count = 1 + random.nextInt(random.nextInt(4) == 0 ? MOST_SECTORS : 9);
            int most = (int) (store.capacityBytes() / SECTOR_BYTES) - count;
            int sector = random.nextInt(most + 1);
            long offset = (long) sector * SECTOR_BYTES;
            long length = (long) count * SECTOR_BYTES;
            String operation =
                    List.of("write", "write", "write", "write", "zero", "discard", "flush")
                            .get(random.nextInt(7));
            String noted =
                    through && !operation.equals("flush") ? operation + "-through" : operation;
            note("begin", image, noted, sector, count);
            switch (operation) {
                case "write" -> store.write(offset, new ByteBuffer[] {data(count)});
                case "zero" -> store.writeZeroes(offset, length, random.nextBoolean(), false);
                case "discard" -> store.discard(offset, length);
                default -> store.flush();
            }
            // Searches for holes: a signal that ends one is no failure of the image.
            store.extents(offset, length, (bytes, hole, zero) -> true);
            // A store may leave a discard undone; one that was done is as durable as a write of
            // zeros.
            boolean discarded = operation.equals("discard") && isZero(store, offset, count);
            note(
                    "done",
                    image,
                    discarded ? noted.replace("discard", "zero") : noted,
                    sector,
                    count);
        }
    }

    private static boolean isZero(BlockStore store, long offset, int sectors) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(sectors * SECTOR_BYTES);
        store.read(offset, new ByteBuffer[] {bytes});
        for (int at = 0; at < bytes.capacity(); at++) {
            if (bytes.get(at) != 0) {
                return false;
            }
        }
        return true;
    }

    private ByteBuffer data(int sectors) {
        ByteBuffer bytes = ByteBuffer.allocate(sectors * SECTOR_BYTES);
        while (bytes.hasRemaining()) {
            bytes.putLong(number);
        }
        return bytes.flip();
    }

    private void note(String when, Path image, String what, long sector, long sectors)
            throws IOException {
        String line =
                "%s %s %s %s %s %s%n"
                        .formatted(when, image.getFileName(), what, sector, sectors, number);
        notes.write(line.getBytes(StandardCharsets.UTF_8));
    }
}
