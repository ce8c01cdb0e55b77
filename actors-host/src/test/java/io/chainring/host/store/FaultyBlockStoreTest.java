package io.chainring.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.chainring.host.store.FaultyBlockStore.Call;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The store that fails on demand passes the contract as long as nothing is demanded. */
class FaultyBlockStoreTest extends BlockStoreContract {
    @Override
    protected BlockStore open(long capacityBytes) {
        return new FaultyBlockStore(new MemoryBlockStore("faulty", capacityBytes));
    }

    private final FaultyBlockStore faulty =
            new FaultyBlockStore(new MemoryBlockStore("faulty", 1 << 20));

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
}
