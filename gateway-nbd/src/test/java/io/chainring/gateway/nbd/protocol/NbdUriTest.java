package io.chainring.gateway.nbd.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.base.Seed;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NbdUriTest {
    private static final InetSocketAddress HERE = new InetSocketAddress("127.0.0.1", 10809);

    @Test
    void whatIsPlainStaysPlain() {
        assertEquals("nbd://127.0.0.1:10809/disk-0_a.b~", NbdUri.of(HERE, "disk-0_a.b~", false));
        assertEquals("nbd://127.0.0.1:10809", NbdUri.of(HERE, "", false));
        assertEquals(
                "nbd+unix:///d?socket=/run/a.sock", NbdUri.of(Path.of("/run/a.sock"), "d", false));
    }

    @Test
    void anAddressOfTheOtherKindStandsInBrackets() {
        assertEquals(
                "nbd://[0:0:0:0:0:0:0:1]:1/d",
                NbdUri.of(new InetSocketAddress("::1", 1), "d", false));
    }

    @Test
    void whatIsNotPlainIsEncodedInUtf8() {
        assertEquals(
                "nbd://127.0.0.1:10809/a%20b%2F%3F%23%26%27%25%C3%B6",
                NbdUri.of(HERE, "a b/?#&'%\u00f6", false));
        assertEquals(
                "nbd+unix:///%0A?socket=/run/a%20b%26c%27%3F.sock",
                NbdUri.of(Path.of("/run/a b&c'?.sock"), "\n", false));
    }

    @Test
    void whoReadsItHasTheSameNames() {
        SplittableRandom random = Seed.random(NbdUriTest.class);
        for (int round = 0; round < 500; round++) {
            StringBuilder name = new StringBuilder("x");
            for (int i = random.nextInt(20); i > 0; i--) {
                name.appendCodePoint(1 + random.nextInt(0xD7FF));
            }
            URI tcp = URI.create(NbdUri.of(HERE, name.toString(), false));
            assertEquals("/" + name, tcp.getPath());
            assertEquals(10809, tcp.getPort());
        }
    }
}
