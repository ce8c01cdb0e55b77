package io.chainring.host.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryBlockStoreTest extends BlockStoreContract {
    @Override
    protected BlockStore open(long capacityBytes) {
        return new MemoryBlockStore("scratch", capacityBytes);
    }

    @Test
    void refusesSizesThatAreNoDisk() {
        assertThrows(IllegalArgumentException.class, () -> new MemoryBlockStore("m", 0));
        assertThrows(IllegalArgumentException.class, () -> new MemoryBlockStore("m", -1));
        assertThrows(
                IllegalArgumentException.class,
                () -> new MemoryBlockStore("m", MemoryBlockStore.MAX_CAPACITY_BYTES + 512));
    }

    @Test
    void givesWholeChunksBackAndTellsHoles() throws IOException {
        int chunk = MemoryBlockStore.CHUNK_BYTES;
        try (BlockStore store = open(100L * chunk)) {
            store.write(2L * chunk, new ByteBuffer[] {ByteBuffer.allocate(3 * chunk)});
            store.discard(3L * chunk, chunk);
            List<String> parts = new ArrayList<>();
            store.extents(
                    0,
                    100L * chunk,
                    (length, hole, zero) ->
                            parts.add(length / chunk + (hole ? "h" : "d") + (zero ? "z" : "n")));
            assertEquals(List.of("2hz", "1dn", "1hz", "1dn", "95hz"), parts);
        }
    }
}
