package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdErrors;
import io.chainring.gateway.nbd.protocol.NbdProtocol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a server bounds what its clients may take from it, and how connections end, whatever the transport. */
abstract class ServerLimitsContract extends ServerBench {
    ServerLimitsContract(TestServer.Transport transport) {
        super(transport);
    }

    @Test
    void goodbyeFinishesWhatIsInFlight() throws IOException {
        try (TestClient client = server.client("d")) {
            disk.hold();
            client.write(0, 1, 0, randomBytes(512));
            client.write(0, 2, 512, randomBytes(512));
            client.request(0, NbdProtocol.CMD_DISC, 3, 0, 0);
            await().until(() -> disk.outstanding() == 2);
            disk.goOn();
            assertEquals(1, client.reply(0).cookie());
            assertEquals(2, client.reply(0).cookie());
            assertEquals(0, client.awaitClose());
        }
        await().until(() -> disk.openRings() == 0);
    }

    @Test
    void goodbyeWithoutWaitingForRepliesStillExecutesEverything() throws IOException {
        disk.hold();
        try (TestClient client = server.client("d")) {
            client.write(0, 1, 0, randomBytes(512));
            client.request(0, NbdProtocol.CMD_DISC, 3, 0, 0);
        }
        await().until(() -> disk.outstanding() == 1);
        disk.goOn();
        await().until(() -> disk.executed().size() == 1 && disk.openRings() == 0);
    }

    @Test
    void aClientThatIsGoneGivesBackItsRing() throws IOException {
        try (TestClient client = server.client("d")) {
            disk.hold();
            client.write(0, 1, 0, randomBytes(512));
            client.send(
                    TestClient.requestBytes(0, NbdProtocol.CMD_WRITE, 2, 512, 1024, new byte[100]));
            await().until(() -> disk.outstanding() == 1);
        }
        await().until(() -> disk.openRings() == 0);
        assertEquals(List.of(), disk.executed());
        await().until(() -> server.server().connections() == 0);
    }

    @Test
    void aFullRingHoldsTheClientBack() throws IOException {
        disk.maxOutstanding(4);
        try (TestClient client = server.client("d")) {
            disk.hold();
            for (int i = 0; i < 50; i++) {
                client.write(0, i, i * 512L, randomBytes(512));
            }
            await().until(() -> disk.outstanding() == 4);
            disk.goOn();
            for (int i = 0; i < 50; i++) {
                assertEquals(0, client.reply(0).error());
            }
            assertEquals(50, disk.executed().size());
        }
    }

    @Test
    void whatFindsNoRoomInARingWaitsInTheKernel() throws Exception {
        disk.maxOutstanding(4);
        ByteBuffer writes = ByteBuffer.allocate(8 << 20);
        while (writes.remaining() > 1024) {
            writes.put(TestClient.requestBytes(0, NbdProtocol.CMD_WRITE, 0, 0, 512, new byte[512]));
        }
        writes.flip();
        try (TestClient client = server.client("d")) {
            disk.hold();
            int before;
            do {
                before = writes.position();
                client.sendWithoutWaiting(writes);
                server.loopOf("d").submit(() -> {}).get(60, TimeUnit.SECONDS);
            } while (writes.position() > before);
            await().until(() -> disk.outstanding() == 4);
            long heldBytes = server.server().heldBytes();
            assertTrue(heldBytes <= 1 << 18, () -> heldBytes + " bytes were taken in");
        }
    }

    @Test
    void whoDoesNotReadTheRepliesToItsOptionsIsReadNoFurther() throws IOException {
        server.describe("x".repeat(400), "", 500);
        try (TestClient client = server.client()) {
            client.greet(3);
            for (int i = 0; i < 120; i++) {
                client.option(NbdProtocol.OPT_LIST, new byte[0]);
            }
            // When another one is answered, what came before has been looked at.
            try (TestClient other = server.client()) {
                other.greet(3);
                other.option(NbdProtocol.OPT_LIST, new byte[0]);
                assertEquals(503, other.optionReplies().size());
            }
            long bufferBytes = server.server().bufferBytes();
            assertTrue(bufferBytes < 8 << 20, () -> bufferBytes + " bytes of replies wait");
            for (int i = 0; i < 120; i++) {
                assertEquals(503, client.optionReplies().size());
            }
            client.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            client.optionReplies();
            assertEquals(0, client.writeAndWait(0, new byte[512]));
        }
    }

    @Test
    void scarcePayloadMemoryHoldsTheClientBack() throws IOException {
        disk.poolBytes(1 << 20);
        try (TestClient client = server.client("d")) {
            disk.hold();
            byte[] data = randomBytes(512 << 10);
            Thread writer =
                    new Thread(
                            () -> {
                                for (int i = 0; i < 8; i++) {
                                    try {
                                        client.write(0, i, (i % 4) * (512L << 10), data);
                                    } catch (IOException e) {
                                        throw new java.io.UncheckedIOException(e);
                                    }
                                }
                            });
            writer.start();
            await().until(() -> disk.outstanding() == 2);
            disk.goOn();
            for (int i = 0; i < 8; i++) {
                assertEquals(0, client.reply(0).error());
            }
            assertArrayEquals(data, client.read(0, 512 << 10));
            await().until(() -> disk.usedPayloadBytes() == 0);
        }
    }

    @Test
    void aSlowReaderIsHeldBackAndHarmsNobody() throws IOException {
        disk.maxOutstanding(16);
        try (TestClient slow = server.client("d");
                TestClient other = server.client("d")) {
            // Few enough to fit into a unix socket's buffer, where each costs its bookkeeping too.
            for (int i = 0; i < 150; i++) {
                slow.request(0, NbdProtocol.CMD_READ, i, 0, 1 << 18);
            }
            await().until(() -> disk.executed().size() >= 16);
            assertEquals(0, other.writeAndWait(0, new byte[512]));
            assertTrue(
                    disk.executed().size() < 75,
                    "read ahead of the reader: " + disk.executed().size());
            assertTrue(
                    disk.usedPayloadBytes() <= 17L << 18,
                    "payload in use: " + disk.usedPayloadBytes());
            for (int i = 0; i < 150; i++) {
                assertEquals(i, slow.reply(1 << 18).cookie());
            }
        }
    }

    @Test
    void silentHandshakesAreClosed() throws IOException {
        start("chainring.nbd.handshake-timeout = 200ms");
        try (TestClient silent = server.client();
                TestClient busy = server.client("d")) {
            // Flags are its first words; what is missing is the rest.
            silent.greet(3);
            assertEquals(0, silent.awaitClose());
            assertEquals(0, busy.writeAndWait(0, new byte[512]));
        }
    }

    @Test
    void silentConnectionsAreClosedWhenAsked() throws IOException {
        start("chainring.nbd.idle-timeout = 300ms");
        try (TestClient silent = server.client("d")) {
            assertEquals(0, silent.awaitClose());
        }
        await().until(() -> disk.openRings() == 0);
    }

    @Test
    void waitingForTheDiskIsNotSilence() throws IOException {
        start("chainring.nbd.idle-timeout = 200ms");
        try (TestClient client = server.client("d")) {
            disk.hold();
            client.write(0, 1, 0, new byte[512]);
            await().until(() -> disk.outstanding() == 1);
            await().during(java.time.Duration.ofMillis(700)).until(() -> disk.openRings() == 1);
            disk.goOn();
            assertEquals(0, client.reply(0).error());
        }
    }

    @Test
    void clientsBeyondTheLimitWaitForTheirTurn() throws IOException {
        start("chainring.nbd.max-connections = 2");
        try (TestClient third = connectThirdOfTwo()) {
            assertEquals(3, third.go("d", false, false).size());
            assertEquals(0, third.writeAndWait(0, new byte[512]));
        }
    }

    private TestClient connectThirdOfTwo() throws IOException {
        try (TestClient first = server.client("d");
                TestClient second = server.client("d")) {
            TestClient third = server.client();
            assertEquals(0, first.writeAndWait(0, new byte[512]));
            assertEquals(0, second.writeAndWait(0, new byte[512]));
            assertEquals(2, server.counters().opened.get());
            return third;
        }
    }

    @Test
    void aRefusedRingIsAnErrorAndTheHandshakeGoesOn() throws IOException {
        disk.refuse("no more rings");
        try (TestClient client = server.client()) {
            List<TestClient.OptionReply> replies = client.go("d", false, false);
            assertTrue(replies.get(0).isError());
            assertTrue(replies.get(0).text().contains("no more rings"));
            client.option(NbdProtocol.OPT_GO, TestClient.exportData("other"));
            client.optionReplies();
            assertEquals(512, client.read(0, 512).length);
        }
    }

    @Test
    void clientsOfAStuckDiskKeepNobodyElseWaiting() throws IOException {
        start("chainring.nbd.max-handshaking-connections = 2");
        disk.stuck();
        List<TestClient> waiting = new java.util.ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                TestClient client = server.client();
                waiting.add(client);
                client.greet(3);
                client.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
                await().until(() -> server.server().connections(disk) == waiting.size());
            }
            try (TestClient other = server.client("other")) {
                assertEquals(512, other.read(0, 512).length);
            }
            disk.recovered();
            for (TestClient client : waiting) {
                client.optionReplies();
                assertEquals(0, client.writeAndWait(0, new byte[512]));
            }
        } finally {
            for (TestClient client : waiting) {
                client.close();
            }
        }
    }

    @Test
    void aDiskThatDoesNotOpenInTimeIsAnErrorAndTheRingIsGivenBack() throws IOException {
        start("chainring.nbd.opening-timeout = 300ms");
        disk.stuck();
        try (TestClient client = server.client()) {
            List<TestClient.OptionReply> replies = client.go("d", false, false);
            assertTrue(replies.get(0).isError());
            assertTrue(replies.get(0).text().contains("not open"), replies.get(0).text());
            assertEquals(0, client.awaitClose());
        }
        await().until(() -> disk.openingRings() == 0 && server.server().connections() == 0);
        disk.recovered();
        try (TestClient client = server.client("d")) {
            assertEquals(0, client.writeAndWait(0, new byte[512]));
            assertEquals(1, disk.openRings());
        }
    }

    @Test
    void aClientThatDoesNotReadTheRepliesToItsOptionsHasTheTimeOfAHandshake() throws IOException {
        start("chainring.nbd.handshake-timeout = 300ms");
        server.describe("long", "x".repeat(4000), 60);
        try (TestClient client = server.client()) {
            client.greet(3);
            for (int i = 0; i < 90; i++) {
                client.option(NbdProtocol.OPT_LIST, new byte[0]);
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> server.server().connections() == 0);
        }
    }

    @Test
    void aClientThatDoesNotReadItsLastRepliesIsClosedAllTheSame() throws IOException {
        start("chainring.nbd.shutdown-timeout = 300ms");
        try (TestClient client = server.client("d")) {
            for (int i = 0; i < 40; i++) {
                client.request(0, NbdProtocol.CMD_READ, i, 0, 1 << 20);
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> disk.executed().size() >= 16);
            disk.stop("disk is gone");
            await().atMost(Duration.ofSeconds(60)).until(() -> server.server().connections() == 0);
        }
    }

    @Test
    void aRingThatEndsClosesItsConnections() throws IOException {
        try (TestClient client = server.client("d")) {
            assertEquals(0, client.writeAndWait(0, new byte[512]));
            disk.stop("disk is gone");
            assertEquals(0, client.awaitClose());
        }
    }

    @Test
    void exportNameWorksToo() throws IOException {
        try (TestClient client = server.client()) {
            client.greet(1);
            client.option(NbdProtocol.OPT_EXPORT_NAME, new byte[] {'d'});
            assertEquals(TestServer.DISK_BYTES, client.receive(134).getLong());
            assertEquals(0, client.writeAndWait(0, new byte[512]));
        }
    }

    @Test
    void requestsSentTogetherWithTheOptionAreServed() throws IOException {
        try (TestClient client = server.client()) {
            client.greet(3);
            ByteBuffer both =
                    ByteBuffer.allocate(17 + 28 + 512)
                            .put(
                                    TestClient.optionBytes(
                                            NbdProtocol.OPT_EXPORT_NAME, new byte[] {'d'}))
                            .put(
                                    TestClient.requestBytes(
                                            0, NbdProtocol.CMD_WRITE, 9, 0, 512, new byte[512]));
            client.send(both.flip());
            client.receive(10);
            assertEquals(9, client.reply(0).cookie());
        }
    }

    @Test
    void shutDownFinishesWhatIsInFlight() throws Exception {
        try (TestClient client = server.client("d");
                TestClient idle = server.client("d");
                TestClient haggling = server.client()) {
            haggling.greet(3);
            disk.hold();
            client.write(0, 1, 0, randomBytes(512));
            await().until(() -> disk.outstanding() == 1);
            var down = server.server().shutDown().toCompletableFuture();
            assertEquals(0, idle.awaitClose());
            client.write(0, 2, 0, randomBytes(512));
            assertEquals(NbdErrors.ESHUTDOWN, client.reply(0).error());
            haggling.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            assertEquals(NbdProtocol.REP_ERR_SHUTDOWN, haggling.optionReply().type());
            assertFalse(down.isDone());
            disk.goOn();
            assertEquals(1, client.reply(0).cookie());
            down.get(120, java.util.concurrent.TimeUnit.SECONDS);
            client.awaitClose();
        }
        assertEquals(1, disk.executed().size());
    }

    @Test
    void shutDownHasAnEndEvenWhenTheDiskHasNot() throws Exception {
        start("chainring.nbd.shutdown-timeout = 300ms");
        try (TestClient client = server.client("d")) {
            disk.hold();
            client.write(0, 1, 0, randomBytes(512));
            await().until(() -> disk.outstanding() == 1);
            server.server()
                    .shutDown()
                    .toCompletableFuture()
                    .get(120, java.util.concurrent.TimeUnit.SECONDS);
            assertEquals(0, client.awaitClose());
        }
    }
}
