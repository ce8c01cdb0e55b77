package io.chainring.node.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients make a node hold is bounded, whatever they do, and costs others nothing: with the launcher's own options. */
@Tag("clients")
@Tag("slow")
class MemoryProofTest {
    private static final int MIB = 1 << 20;
    private static final int LARGEST = 32 * MIB;
    private static final int ATTACKERS = 40;
    private static final int ROUNDS = 200;
    private static final long MAX_RESIDENT_BYTES = 400L << 20;

    @TempDir Path folder;
    private final List<PlainClient> attackers = new ArrayList<>();
    private Path socket;
    private NodeProcess node;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("s");
        node =
                NodeProcess.serve(
                        folder.resolve("data"),
                        "--disk",
                        "evil=" + folder.resolve("evil.img") + ",size=256M",
                        "--disk",
                        "good=" + folder.resolve("good.img") + ",size=256M",
                        "--nbd-socket",
                        socket.toString());
    }

    @AfterEach
    void stop() throws Exception {
        for (PlainClient attacker : attackers) {
            attacker.close();
        }
        node.stop();
        node.close();
    }

    private PlainClient attacker() throws IOException {
        PlainClient attacker = PlainClient.open(socket, "evil");
        attackers.add(attacker);
        return attacker;
    }

    /** Also a newcomer, and also on the disk of the others. */
    private void innocentClientsGoOn() throws IOException {
        SplittableRandom random = Seed.random(MemoryProofTest.class);
        for (String disk : List.of("good", "evil")) {
            try (PlainClient innocent = PlainClient.open(socket, disk)) {
                for (int round = 0; round < ROUNDS; round++) {
                    byte[] data = new byte[round % 50 == 0 ? 3 * MIB : 512 << random.nextInt(9)];
                    random.nextBytes(data);
                    long offsetBytes = random.nextLong(200L * MIB / 512) * 512;
                    innocent.write(offsetBytes, data);
                    assertArrayEquals(data, innocent.read(offsetBytes, data.length));
                }
            }
        }
        assertTrue(node.isAlive(), node::output);
        assertTrue(
                node.residentBytes() < MAX_RESIDENT_BYTES,
                () -> "resident " + resident() / MIB + " MiB");
        System.out.println("resident under attack: " + resident() / MIB + " MiB");
    }

    private long resident() {
        try {
            return node.residentBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void fortyClientsThatAskForMuchAndReadNothing() throws IOException {
        for (int i = 0; i < ATTACKERS; i++) {
            PlainClient attacker = attacker();
            for (int request = 0; request < 4; request++) {
                attacker.askFor(0, LARGEST);
            }
        }
        innocentClientsGoOn();
        for (int request = 0; request < 4; request++) {
            attackers.get(0).takeAnswer(LARGEST);
        }
    }

    @Test
    void fortyClientsThatAnnounceMuchAndSendHalf() throws IOException {
        for (int i = 0; i < ATTACKERS; i++) {
            attacker().announce(0, LARGEST, i * MIB / 2);
        }
        innocentClientsGoOn();
    }

    @Test
    void afterLargeReadsOfManyConnectionsMemoryComesBack() throws IOException {
        for (int i = 0; i < ROUNDS; i++) {
            try (PlainClient client = PlainClient.open(socket, "evil")) {
                assertEquals(LARGEST, client.read(0, LARGEST).length);
            }
        }
        System.out.println("resident after large reads: " + resident() / MIB + " MiB");
        Awaitility.await("payload memory goes back to the system")
                .atMost(Duration.ofSeconds(60))
                .until(() -> resident() < MAX_RESIDENT_BYTES);
    }
}
