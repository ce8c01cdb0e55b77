package io.chainring.gateway.nbd.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DescriptorsTest {
    private long free = 10;
    private long nowNanos;
    private int counts;
    private final Descriptors descriptors =
            new Descriptors(
                    () -> {
                        counts++;
                        return free;
                    },
                    () -> nowNanos);

    @Test
    void leavesTheReserveWithoutCountingEachTime() {
        for (int i = 0; i < 6; i++) {
            assertTrue(descriptors.take(4));
        }
        assertEquals(1, counts);
        assertFalse(descriptors.take(4));
        assertTrue(descriptors.take(3), "whose reserve is smaller still finds one");
        nowNanos += 60_000_000L;
        assertTrue(descriptors.take(4), "what was given back is found by the next count");
        assertEquals(2, counts);
    }

    @Test
    void findsOutWhatOthersHaveTaken() {
        assertTrue(descriptors.take(4));
        free = 4;
        nowNanos += 2_000_000_000L;
        assertFalse(descriptors.take(4));
    }

    @Test
    void countsThoseOfThisProcess() throws Exception {
        long before = Descriptors.ofProcess().free();
        List<InputStream> open = new ArrayList<>();
        try {
            for (int i = 0; i < 40; i++) {
                open.add(Files.newInputStream(Path.of("/dev/null")));
            }
            assertTrue(Descriptors.ofProcess().free() <= before - 20, "40 were opened");
        } finally {
            for (InputStream each : open) {
                each.close();
            }
        }
    }
}
