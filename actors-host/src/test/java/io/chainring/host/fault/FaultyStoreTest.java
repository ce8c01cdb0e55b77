package io.chainring.host.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.host.fault.FaultyStore.Call;
import io.chainring.host.store.BlockStore;
import io.chainring.host.store.BlockStoreContract;
import io.chainring.host.store.MemoryBlockStore;
import io.chainring.host.store.StoreFailedException;
import io.chainring.host.store.StoreNoSpaceException;
import io.chainring.host.store.StoreStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** The store that fails on demand passes the contract as long as nothing is demanded. */
class FaultyStoreTest extends BlockStoreContract {
    @Override
    protected BlockStore open(long capacityBytes) {
        return new FaultyStore(new MemoryBlockStore("faulty", capacityBytes));
    }

    private final FaultyStore faulty = new FaultyStore(new MemoryBlockStore("faulty", 1 << 20));

    private static ByteBuffer[] sector() {
        return new ByteBuffer[] {ByteBuffer.allocate(512)};
    }

    @Test
    void failsTheNthCallOnly() throws IOException {
        IOException error = new IOException("second");
        faulty.read(0, sector());
        faulty.failNth(Call.READ, 2, error);
        faulty.read(0, sector());
        assertSame(error, assertThrows(IOException.class, () -> faulty.read(0, sector())));
        faulty.read(0, sector());
        assertEquals(4, faulty.count(Call.READ));
        assertEquals(0, faulty.inside());
    }

    @Test
    void tearsAWriteInTheMiddle() throws IOException {
        ByteBuffer[] ones = {ByteBuffer.wrap(new byte[1024]).put(0, (byte) 1).put(600, (byte) 1)};
        faulty.tearWrite();
        assertThrows(IOException.class, () -> faulty.write(0, ones));
        ByteBuffer[] back = {ByteBuffer.allocate(1024)};
        faulty.read(0, back);
        assertEquals(1, back[0].get(0));
        assertEquals(0, back[0].get(600));
    }

    private static ByteBuffer[] ones(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 1);
        return new ByteBuffer[] {
            ByteBuffer.wrap(bytes, 0, length / 3).slice(),
            ByteBuffer.wrap(bytes, length / 3, length - length / 3).slice()
        };
    }

    private int writtenBytes(long offsetBytes, int length) throws IOException {
        ByteBuffer back = ByteBuffer.allocate(length);
        faulty.read(offsetBytes, new ByteBuffer[] {back});
        int written = 0;
        while (written < length && back.get(written) == 1) {
            written++;
        }
        for (int i = written; i < length; i++) {
            assertEquals(0, back.get(i), "a write has a hole");
        }
        return written;
    }

    @Test
    void aTornWriteEndsAtASectorAndFails() throws IOException {
        Set<Integer> ends = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            long offset = i * 8192L + 100;
            faulty.inject(StoreFault.TORN, 1, 60_000);
            assertThrows(IOException.class, () -> faulty.write(offset, ones(2048)));
            int written = writtenBytes(offset, 2048);
            assertTrue(written == 0 || (offset + written) % 512 == 0, written + " bytes");
            ends.add(written);
        }
        assertTrue(ends.size() > 2, "always torn at " + ends);
    }

    @Test
    void anIoErrorLeavesNothingOrAPart() throws IOException {
        Set<Boolean> some = new HashSet<>();
        for (int i = 0; i < 40; i++) {
            long offset = i * 8192L;
            faulty.inject(StoreFault.EIO, 1, 60_000);
            assertThrows(IOException.class, () -> faulty.write(offset, ones(2048)));
            some.add(writtenBytes(offset, 2048) > 0);
        }
        assertEquals(2, some.size());
        assertEquals(40, faulty.met(StoreFault.EIO));
    }

    @Test
    void shortCallsAreFinished() throws IOException {
        faulty.inject(StoreFault.SHORT, 2, 60_000);
        faulty.write(700, ones(3000));
        assertEquals(3000, writtenBytes(700, 3000));
        assertEquals(2, faulty.met(StoreFault.SHORT));
    }

    @Test
    void noSpaceTouchesNothing() throws IOException {
        faulty.inject(StoreFault.ENOSPC, 2, 60_000);
        assertThrows(StoreNoSpaceException.class, () -> faulty.write(0, ones(600)));
        assertThrows(StoreNoSpaceException.class, () -> faulty.writeZeroes(0, 600, true, false));
        assertEquals(0, writtenBytes(0, 600));
        faulty.write(0, ones(600));
    }

    @Test
    void afterAFailedSyncEverythingButReadsFailsForGood() throws IOException {
        faulty.inject(StoreFault.SYNC_FAIL, 1, 60_000);
        faulty.write(0, ones(600));
        assertThrows(StoreFailedException.class, faulty::flush);
        faulty.heal();
        assertThrows(StoreFailedException.class, faulty::flush);
        assertThrows(StoreFailedException.class, () -> faulty.write(0, ones(600)));
        assertEquals(600, writtenBytes(0, 600));
        assertEquals(StoreStatus.State.FAILED, faulty.status().state());
    }

    @Test
    void slowCallsEndAllTheSame() throws Exception {
        faulty.inject(StoreFault.SLOW, 64, 60_000);
        List<Integer> ended = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            int number = i;
            Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    faulty.write(number * 4096L, ones(512));
                                    ended.add(number);
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(16, ended.size());
        assertEquals(16, faulty.met(StoreFault.SLOW));
    }
}
