package io.chainring.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SamplesTest {

    @Test
    void ranksAreNearest() {
        Samples samples =
                new Samples(
                        LongStream.rangeClosed(1, 1000).map(n -> (1001 - n) * 1_000_000).toArray());
        assertEquals(500, samples.medianMillis());
        assertEquals(990, samples.p99Millis());
        assertEquals(1000, samples.maxMillis());
    }

    @Test
    void oneSampleIsEveryRank() {
        Samples samples = new Samples(new long[] {2_500_000});
        assertEquals(2.5, samples.medianMillis());
        assertEquals(2.5, samples.p99Millis());
    }

    @Test
    void noSamplesAreNoResult() {
        assertThrows(IllegalArgumentException.class, () -> new Samples(new long[0]));
    }
}
