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
 * <p>It notes what it begins and what was reported as done: {@code begin} or {@code done}, image, operation, first cell,
 * cells, number. A cell is a sector, or shorter ({@link #cellBytes}); one that operation n writes holds n in each of its
 * eight-byte words.
 */
public final class DiskChild {
    /** Ends the name of an image whose cells are no sectors. */
    private static final String ODD = "-odd";

    private static final int SECTOR_BYTES = 512;
    private static final int ODD_CELL_BYTES = 200;
    private static final long CREATED_BYTES = 256 << 10;
    private static final long GROWN_BYTES = 384 << 10;
    private static final int MOST_CELLS = 48;

    private final OutputStream notes;
    private final Random random;
    private int number;
    private int cellBytes = SECTOR_BYTES;

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
            child.life(folder.resolve("native" + ODD), FileStoreOptions.DEFAULT, steps);
        }
    }

    /** What a cell of an image is long: a sector, or a part of one or two. */
    static int cellBytes(String image) {
        return image.endsWith(ODD) ? ODD_CELL_BYTES : SECTOR_BYTES;
    }

    private void life(Path image, FileStoreOptions options, int steps) throws IOException {
        cellBytes = cellBytes(image.getFileName().toString());
        long createdCells = CREATED_BYTES / cellBytes;
        long grownCells = GROWN_BYTES / cellBytes;
        note("begin", image, "create", 0, createdCells);
        try (BlockStore store =
                FileBlockStore.open(image, options.withCreateSizeBytes(createdCells * cellBytes))) {
            note("done", image, "create", 0, createdCells);
            work(store, image, options.writeThrough(), steps);
            note("begin", image, "grow", 0, grownCells);
            store.grow(grownCells * cellBytes);
            note("done", image, "grow", 0, grownCells);
            work(store, image, options.writeThrough(), steps);
        }
        try (BlockStore store = FileBlockStore.open(image, options)) {
            work(store, image, options.writeThrough(), steps);
        }
    }

    private void work(BlockStore store, Path image, boolean through, int steps) throws IOException {
        for (int step = 0; step < steps; step++) {
            number++;
            int count = 1 + random.nextInt(random.nextInt(4) == 0 ? MOST_CELLS : 9);
            int most = (int) (store.capacityBytes() / cellBytes) - count;
            int cell = random.nextInt(most + 1);
            long offset = (long) cell * cellBytes;
            long length = (long) count * cellBytes;
            String operation =
                    List.of("write", "write", "write", "write", "zero", "discard", "flush")
                            .get(random.nextInt(7));
            String noted =
                    through && !operation.equals("flush") ? operation + "-through" : operation;
            note("begin", image, noted, cell, count);
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
            note("done", image, discarded ? noted.replace("discard", "zero") : noted, cell, count);
        }
    }

    private boolean isZero(BlockStore store, long offset, int cells) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(cells * cellBytes);
        store.read(offset, new ByteBuffer[] {bytes});
        for (int at = 0; at < bytes.capacity(); at++) {
            if (bytes.get(at) != 0) {
                return false;
            }
        }
        return true;
    }

    private ByteBuffer data(int cells) {
        ByteBuffer bytes = ByteBuffer.allocate(cells * cellBytes);
        while (bytes.hasRemaining()) {
            bytes.putLong(number);
        }
        return bytes.flip();
    }

    private void note(String when, Path image, String what, long cell, long cells)
            throws IOException {
        String line =
                "%s %s %s %s %s %s%n"
                        .formatted(when, image.getFileName(), what, cell, cells, number);
        notes.write(line.getBytes(StandardCharsets.UTF_8));
    }
}
