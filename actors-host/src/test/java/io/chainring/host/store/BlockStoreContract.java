package io.chainring.host.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every block store does; a store's test extends this and says how to get one. */
public abstract class BlockStoreContract {
    /** The last sector is cut off. */
    private static final int CAPACITY = 3 * (1 << 20) + 7 * 512 + 77;

    private BlockStore store;

    /** A new store of that size that reads as zeros. */
    protected abstract BlockStore open(long capacityBytes) throws IOException;

    @BeforeEach
    void openStore() throws IOException {
        store = open(CAPACITY);
    }

    @AfterEach
    void closeStore() throws IOException {
        store.close();
    }

    @Test
    void isNewAndEmpty() throws IOException {
        assertEquals(CAPACITY, store.capacityBytes());
        assertFalse(store.readOnly());
        assertFalse(store.name().isEmpty());
        assertEquals(StoreStatus.State.OPEN, store.status().state());
        byte[] all = new byte[CAPACITY];
        Arrays.fill(all, (byte) 7);
        store.read(0, buffers(all));
        assertArrayEquals(new byte[CAPACITY], all);
    }

    @Test
    void readsBackWhatWasWrittenToSeveralBuffersAndLeavesPositionsAlone() throws IOException {
        byte[] bytes = pattern(1, 4096);
        ByteBuffer a = ByteBuffer.allocateDirect(1600).position(64);
        a.put(64, bytes, 0, 1536);
        ByteBuffer b = ByteBuffer.allocate(3000).limit(2560);
        b.put(0, bytes, 1536, 2560);
        ByteBuffer[] from = {a, ByteBuffer.allocate(0), b};
        store.write(70_000, from);
        assertEquals(64, a.position());
        assertEquals(0, b.position());

        ByteBuffer c = ByteBuffer.allocateDirect(5000).position(100).limit(4196);
        store.read(70_000, new ByteBuffer[] {c});
        assertEquals(100, c.position());
        assertEquals(4196, c.limit());
        byte[] back = new byte[4096];
        c.get(back);
        assertArrayEquals(bytes, back);
    }

    @Test
    void writesUpToItsLastByteAndNotBeyond() throws IOException {
        byte[] bytes = pattern(2, 512);
        store.write(CAPACITY - 512, buffers(bytes));
        store.flush();
        byte[] back = new byte[512];
        store.read(CAPACITY - 512, buffers(back));
        assertArrayEquals(bytes, back);
        store.read(CAPACITY, new ByteBuffer[0]);

        assertThrows(
                IllegalArgumentException.class, () -> store.write(CAPACITY - 511, buffers(bytes)));
        assertThrows(IllegalArgumentException.class, () -> store.read(-1, buffers(back)));
        assertThrows(
                IllegalArgumentException.class, () -> store.read(Long.MAX_VALUE, buffers(back)));
        assertThrows(IllegalArgumentException.class, () -> store.discard(512, CAPACITY));
        assertThrows(IllegalArgumentException.class, () -> store.discard(0, -512));
        assertThrows(
                IllegalArgumentException.class,
                () -> store.writeZeroes(CAPACITY, 512, true, false));
        assertThrows(
                IllegalArgumentException.class,
                () -> store.extents(0, CAPACITY + 1, (length, hole, zero) -> true));
    }

    @Test
    void flushesAndWritesThrough() throws IOException {
        byte[] bytes = pattern(3, 8192);
        store.flush();
        store.write(4096, buffers(bytes));
        store.flush();
        byte[] back = new byte[8192];
        store.read(4096, buffers(back));
        assertArrayEquals(bytes, back);
        assertEquals(StoreStatus.State.OPEN, store.status().state());
    }

    @Test
    void zeroesARangeAndNothingAroundIt() throws IOException {
        for (boolean mayUnmap : new boolean[] {true, false}) {
            byte[] model = pattern(4, CAPACITY);
            store.write(0, buffers(model));
            store.writeZeroes(1024 * 1024 - 512, 1024 * 1024 + 1024, mayUnmap, false);
            Arrays.fill(model, 1024 * 1024 - 512, 2 * 1024 * 1024 + 512, (byte) 0);
            store.writeZeroes(5, 1, mayUnmap, false);
            store.writeZeroes(8191, 2, mayUnmap, false);
            store.writeZeroes(20_001, 70_001, mayUnmap, false);
            store.writeZeroes(CAPACITY - 700, 700, mayUnmap, false);
            Arrays.fill(model, 5, 6, (byte) 0);
            Arrays.fill(model, 8191, 8193, (byte) 0);
            Arrays.fill(model, 20_001, 90_002, (byte) 0);
            Arrays.fill(model, CAPACITY - 700, CAPACITY, (byte) 0);
            byte[] back = new byte[CAPACITY];
            store.read(0, buffers(back));
            assertArrayEquals(model, back, "mayUnmap=" + mayUnmap);
        }
    }

    @Test
    void fastZeroesAreZeroesOrRefusedWithNothingChanged() throws IOException {
        for (boolean mayUnmap : new boolean[] {true, false}) {
            byte[] model = pattern(5, 65536);
            store.write(0, buffers(model));
            try {
                store.writeZeroes(4096, 8192, mayUnmap, true);
                Arrays.fill(model, 4096, 4096 + 8192, (byte) 0);
            } catch (FastZeroesUnsupportedException e) {
                assertFalse(e.getMessage().isEmpty());
            }
            byte[] back = new byte[65536];
            store.read(0, buffers(back));
            assertArrayEquals(model, back, "mayUnmap=" + mayUnmap);
        }
    }

    @Test
    void emptyRangesChangeNothing() throws IOException {
        byte[] model = pattern(6, 4096);
        store.write(0, buffers(model));
        store.discard(512, 0);
        store.writeZeroes(512, 0, true, false);
        store.write(512, new ByteBuffer[0]);
        store.extents(512, 0, (length, hole, zero) -> fail("no extent in an empty range"));
        byte[] back = new byte[4096];
        store.read(0, buffers(back));
        assertArrayEquals(model, back);
    }

    private static boolean fail(String why) {
        throw new AssertionError(why);
    }

    @Test
    void extentsCoverTheRangeAndWhatTheyCallZeroIsZero() throws IOException {
        store.write(1 << 20, buffers(pattern(7, 128 * 1024)));
        store.discard((1 << 20) + 65536, 65536);
        long from = 511;
        long length = CAPACITY - from;
        List<long[]> parts = new ArrayList<>();
        store.extents(
                from,
                length,
                (partBytes, hole, zero) -> parts.add(new long[] {partBytes, zero ? 1 : 0}));
        long at = from;
        for (long[] part : parts) {
            assertTrue(part[0] > 0);
            if (part[1] == 1) {
                byte[] bytes = new byte[(int) part[0]];
                Arrays.fill(bytes, (byte) 1);
                store.read(at, buffers(bytes));
                assertArrayEquals(new byte[bytes.length], bytes, "at " + at);
            }
            at += part[0];
        }
        assertEquals(from + length, at);
    }

    @Test
    void extentsEndWhenTheConsumerHasEnough() throws IOException {
        store.write(1 << 20, buffers(pattern(8, 65536)));
        List<Long> parts = new ArrayList<>();
        store.extents(
                0,
                CAPACITY,
                (partBytes, hole, zero) -> {
                    parts.add(partBytes);
                    return false;
                });
        assertEquals(1, parts.size());
    }

    @Test
    void growsAndKeepsWhatItHas() throws IOException {
        byte[] bytes = pattern(9, 512);
        store.write(CAPACITY - 512, buffers(bytes));
        int larger = CAPACITY + 5 * 512 + 1;
        store.grow(larger);
        assertEquals(larger, store.capacityBytes());
        byte[] expected = Arrays.copyOf(bytes, 6 * 512 + 1);
        byte[] back = new byte[6 * 512 + 1];
        store.read(CAPACITY - 512, buffers(back));
        assertArrayEquals(expected, back);
        store.grow(larger);
        assertThrows(IllegalArgumentException.class, () -> store.grow(larger - 1));
        assertEquals(larger, store.capacityBytes());
    }

    @Test
    void isOfNoUseOnceClosed() throws IOException {
        store.close();
        store.close();
        assertEquals(StoreStatus.State.CLOSED, store.status().state());
        assertFalse(store.status().reason().isEmpty());
        ByteBuffer[] sector = buffers(new byte[512]);
        assertThrows(IOException.class, () -> store.read(0, sector));
        assertThrows(IOException.class, () -> store.write(0, sector));
        assertThrows(IOException.class, () -> store.flush());
        assertThrows(IOException.class, () -> store.discard(0, 512));
        assertThrows(IOException.class, () -> store.writeZeroes(0, 512, true, false));
        assertThrows(IOException.class, () -> store.extents(0, 512, (l, h, z) -> true));
    }

    /** Random calls against an array; after a discard each byte is what it was or zero. */
    @Test
    void behavesLikeAnArray() throws IOException {
        long seed = Seed.next(getClass().getSimpleName() + ".behavesLikeAnArray");
        Random random = new Random(seed);
        byte[] model = new byte[CAPACITY];
        for (int step = 0; step < 400; step++) {
            int unit = random.nextBoolean() ? 1 : 512;
            int offset = random.nextInt(CAPACITY / unit) * unit;
            int most = random.nextInt(4) == 0 ? 1000 : 400 * 512;
            int room = Math.max(1, Math.min(CAPACITY - offset, most) / unit);
            int length = Math.min(CAPACITY - offset, (random.nextInt(room) + 1) * unit);
            String where = "seed " + seed + " step " + step + " " + offset + "+" + length;
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    byte[] bytes = pattern(random.nextLong(), length);
                    System.arraycopy(bytes, 0, model, offset, length);
                    store.write(offset, split(bytes, random));
                    if (random.nextInt(20) == 0) {
                        store.flush();
                    }
                }
                case 2 -> {
                    store.writeZeroes(offset, length, random.nextBoolean(), false);
                    Arrays.fill(model, offset, offset + length, (byte) 0);
                }
                case 3 -> {
                    store.discard(offset, length);
                    byte[] now = read(offset, length);
                    for (int i = 0; i < length; i++) {
                        assertTrue(now[i] == 0 || now[i] == model[offset + i], where);
                        model[offset + i] = now[i];
                    }
                }
                default ->
                        assertArrayEquals(
                                Arrays.copyOfRange(model, offset, offset + length),
                                read(offset, length),
                                where);
            }
        }
        assertArrayEquals(model, read(0, CAPACITY), "seed " + seed);
    }

    @Test
    void servesSeveralThreadsInTheirOwnRanges() throws Exception {
        int threads = 4;
        int span = CAPACITY / 512 / threads * 512;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<byte[]>> results = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int base = t * span;
                long seed = t;
                results.add(
                        pool.submit(
                                () -> {
                                    Random random = new Random(seed);
                                    byte[] model = new byte[span];
                                    for (int i = 0; i < 60; i++) {
                                        int at = random.nextInt(span / 512 - 64) * 512;
                                        byte[] bytes = pattern(random.nextLong(), 64 * 512);
                                        System.arraycopy(bytes, 0, model, at, bytes.length);
                                        store.write(base + at, buffers(bytes));
                                        if (i % 16 == 0) {
                                            store.flush();
                                        }
                                    }
                                    return model;
                                }));
            }
            for (int t = 0; t < threads; t++) {
                assertArrayEquals(results.get(t).get(), read(t * span, span));
            }
        } finally {
            pool.shutdown();
        }
    }

    /** Each thread changes its own bytes, and none beside them: neighbours of one sector, of one page, all the time. */
    @Test
    void changesNoByteBesideItsRange() throws Exception {
        int threads = 4;
        int stripe = 61;
        int stripes = 40;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        byte[] model = new byte[threads * stripe * stripes];
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                Random random = new Random(Seed.of(BlockStoreContract.class) + t);
                int mine = t;
                ends.add(
                        pool.submit(
                                () -> {
                                    for (int i = 0; i < 600; i++) {
                                        int at =
                                                (random.nextInt(stripes) * threads + mine) * stripe;
                                        change(model, at, stripe, random);
                                    }
                                    return null;
                                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
            assertArrayEquals(model, read(0, model.length));
        } finally {
            pool.shutdown();
        }
    }

    private void change(byte[] model, int at, int length, Random random) throws IOException {
        if (random.nextInt(4) == 0) {
            store.writeZeroes(at, length, random.nextBoolean(), false);
            Arrays.fill(model, at, at + length, (byte) 0);
        } else {
            byte[] bytes = pattern(random.nextLong(), length);
            store.write(at, buffers(bytes));
            System.arraycopy(bytes, 0, model, at, length);
        }
    }

    /** It holds what it is long, and is no longer for having been written, zeroed and discarded to its end. */
    @Test
    void mayBeAByteLong() throws IOException {
        try (BlockStore small = open(1)) {
            byte[] one = {7};
            small.write(0, buffers(one));
            small.flush();
            byte[] back = new byte[1];
            small.read(0, buffers(back));
            assertArrayEquals(one, back);
            small.writeZeroes(0, 1, false, false);
            small.discard(0, 1);
            small.read(0, buffers(back));
            assertArrayEquals(new byte[1], back);
            assertThrows(IllegalArgumentException.class, () -> small.write(1, buffers(one)));
            small.grow(3);
            byte[] grown = {1, 1, 1};
            small.read(0, buffers(grown));
            assertArrayEquals(new byte[3], grown);
        }
    }

    private byte[] read(int offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        store.read(offset, buffers(bytes));
        return bytes;
    }

    private static ByteBuffer[] buffers(byte[] bytes) {
        return new ByteBuffer[] {ByteBuffer.wrap(bytes)};
    }

    private static ByteBuffer[] split(byte[] bytes, Random random) {
        int cut = random.nextInt(bytes.length + 1);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length - cut);
        direct.put(0, bytes, cut, bytes.length - cut);
        return new ByteBuffer[] {ByteBuffer.wrap(bytes, 0, cut), direct};
    }

    private static byte[] pattern(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }
}
