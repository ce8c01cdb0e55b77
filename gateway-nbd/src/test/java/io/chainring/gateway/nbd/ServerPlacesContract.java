package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.Crowding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets in when there are more clients than places, whatever the transport. */
abstract class ServerPlacesContract extends ServerBench {
    private static final int SILENT = 200;

    private final List<TestClient> crowd = new ArrayList<>();

    ServerPlacesContract(TestServer.Transport transport) {
        super(transport);
    }

    @AfterEach
    void disperse() throws IOException {
        for (TestClient each : crowd) {
            each.close();
        }
    }

    final TestClient crowded(TestClient client) {
        crowd.add(client);
        return client;
    }

    @Test
    void aClientGetsInAmongSilentSockets() throws IOException {
        start(
                "chainring.nbd { listen-backlog = 512, first-byte-timeout = 10m, handshake-timeout = 10m }");
        for (int i = 0; i < SILENT; i++) {
            crowded(server.client());
        }
        try (TestClient client = server.client("d")) {
            assertEquals(0, client.writeAndWait(0, new byte[512]));
        }
        assertTrue(server.counters().countOf(Crowding.HANDSHAKE_GAVE_WAY) >= SILENT - 64);
    }

    @Test
    void whoHasSaidNothingGivesWayBeforeWhoHas() throws IOException {
        start(
                "chainring.nbd { max-handshaking-connections = 3, first-byte-timeout = 10m,"
                        + " handshake-timeout = 10m }");
        TestClient haggling = crowded(server.client());
        haggling.greet(3);
        haggling.option(NbdProtocol.OPT_LIST, new byte[0]);
        haggling.optionReplies();
        TestClient firstSilent = crowded(server.client());
        crowded(server.client());
        crowded(server.client());
        firstSilent.awaitClose();
        crowded(server.client());
        await().until(() -> server.counters().countOf(Crowding.HANDSHAKE_GAVE_WAY) == 2);
        haggling.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
        haggling.optionReplies();
        assertEquals(0, haggling.writeAndWait(0, new byte[512]));
    }

    @Test
    void aClientThatSaysNothingIsClosedSoonerThanOneThatHaggles() throws IOException {
        start("chainring.nbd { first-byte-timeout = 300ms, handshake-timeout = 10m }");
        try (TestClient haggling = server.client();
                TestClient silent = server.client()) {
            haggling.greet(3);
            assertEquals(18, silent.awaitClose());
            haggling.option(NbdProtocol.OPT_GO, TestClient.exportData("d"));
            haggling.optionReplies();
            assertEquals(0, haggling.writeAndWait(0, new byte[512]));
        }
    }

    @Test
    void oneSourceCannotHaveAllPlaces() throws IOException {
        start("chainring.nbd { max-connections = 16, listen-backlog = 64 }");
        for (int i = 0; i < 12; i++) {
            crowded(server.client(i % 2 == 0 ? "d" : "other"));
        }
        assertEquals(0, server.client().awaitClose());
        assertEquals(1, server.counters().countOf(Crowding.SOURCE_REFUSED));
        assertEquals(12, server.server().connections());
        crowd.remove(0).close();
        await().until(() -> server.server().connections() == 11);
        assertEquals(512, crowded(server.client("other")).read(0, 512).length);
    }

    @Test
    void theClientsOfOneDiskCannotHaveAllPlaces() throws IOException {
        start(
                "chainring.nbd { max-connections = 8, max-share-per-source = 1,"
                        + " max-share-per-disk = 0.75 }");
        for (int i = 0; i < 6; i++) {
            crowded(server.client("d"));
        }
        try (TestClient client = server.client()) {
            List<TestClient.OptionReply> replies = client.go("d", false, false);
            assertTrue(replies.get(0).isError());
            assertTrue(replies.get(0).text().contains("max-share-per-disk"), replies.get(0).text());
            client.option(NbdProtocol.OPT_GO, TestClient.exportData("other"));
            client.optionReplies();
            assertEquals(512, client.read(0, 512).length);
        }
        crowd.remove(0).close();
        await().until(() -> server.server().connections() == 5);
        assertEquals(0, crowded(server.client("d")).writeAndWait(0, new byte[512]));
    }

    @Test
    void silentClientsStayWhereNobodyNeedsTheirPlace() throws IOException {
        start(
                "chainring.nbd { max-connections = 8, give-way-after = 40ms, max-share-per-disk = 1 }");
        for (int i = 0; i < 6; i++) {
            crowded(server.client("other"));
        }
        assertEquals(0, server.client().awaitClose());
        assertEquals(0, server.counters().countOf(Crowding.IDLE_GAVE_WAY));
        for (TestClient each : crowd) {
            assertEquals(512, each.read(0, 512).length);
        }
    }
}
