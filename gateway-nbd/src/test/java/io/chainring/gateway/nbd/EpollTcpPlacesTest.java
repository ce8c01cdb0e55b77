package io.chainring.gateway.nbd;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.chainring.gateway.nbd.protocol.NbdProtocol;
import io.chainring.gateway.nbd.setup.Crowding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Addresses of the loopback network stand for machines. */
class EpollTcpPlacesTest extends ServerPlacesContract {
    private static final int ALL_PLACES = 256;

    EpollTcpPlacesTest() {
        super(TestServer.Transport.EPOLL_TCP);
    }

    private TestClient from(String source, String export) throws IOException {
        TestClient client = TestClient.connectFrom(source, server.address());
        client.go(export, false, false);
        return client;
    }

    @Test
    void idleConnectionsOfOneSourceKeepNobodyOut() throws IOException {
        start("chainring.nbd.listen-backlog = 512");
        List<TestClient> crowd = new ArrayList<>();
        for (int i = 0; i < ALL_PLACES; i++) {
            TestClient each = TestClient.connectFrom("127.0.0.2", server.address());
            crowd.add(crowded(each));
            each.send(
                    java.nio.ByteBuffer.allocate(4 + 27)
                            .putInt(3)
                            .put(
                                    TestClient.optionBytes(
                                            NbdProtocol.OPT_GO, TestClient.exportData("d")))
                            .flip());
        }
        try (TestClient client = from("127.0.0.3", "d")) {
            assertEquals(0, client.writeAndWait(0, new byte[512]));
        }
    }

    @Test
    void idleConnectionsGiveWayToASourceThatHasFewer() throws IOException {
        start(
                "chainring.nbd { max-connections = 8, max-share-per-source = 1, give-way-after = 40ms,"
                        + " max-share-per-disk = 1 }");
        for (int i = 0; i < 7; i++) {
            crowded(from("127.0.0.2", "other"));
        }
        TestClient only = crowded(from("127.0.0.4", "other"));
        for (int i = 1; i <= 3; i++) {
            assertEquals(0, crowded(from("127.0.0.3", "d")).writeAndWait(0, new byte[512]));
            int gaveWay = i;
            await().until(
                            () ->
                                    server.counters().countOf(Crowding.IDLE_GAVE_WAY) == gaveWay
                                            && server.server().connections() == 8);
        }
        // Four of one source, three of the other: nobody has two more than the next one of the
        // second would be.
        assertEquals(0, TestClient.connectFrom("127.0.0.3", server.address()).awaitClose());
        assertEquals(1, server.counters().countOf(Crowding.FULL_REFUSED));
        assertEquals(512, only.read(0, 512).length);
    }
}
