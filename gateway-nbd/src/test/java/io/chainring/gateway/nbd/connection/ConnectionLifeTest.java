package io.chainring.gateway.nbd.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Connections of two disks under every order of events, against both cores as they are. */
class ConnectionLifeTest {
    private static final int ROUNDS = 3000;
    private static final int STEPS = 250;

    @Test
    void everyOrderOfEventsKeepsTheRules() {
        SplittableRandom seeds = Seed.random(getClass());
        int opened = 0;
        for (int round = 0; round < ROUNDS; round++) {
            long seed = seeds.nextLong();
            SimulatedServer server = new SimulatedServer(new SplittableRandom(seed));
            try {
                for (int i = 0; i < STEPS; i++) {
                    server.step();
                }
                server.settleDown();
                nobodyWaits(server.connections());
                server.shutDown();
                server.settleDown();
                server.checkEnd();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("round " + round + ": " + server.history(), e);
            }
            opened += server.openedRings;
        }
        assertTrue(opened > ROUNDS, "rings opened: " + opened);
    }

    private static void nobodyWaits(List<SimulatedServer.Peer> connections) {
        for (SimulatedServer.Peer each : connections) {
            assertTrue(
                    each.core.is(ConnectionCore.State.SERVING)
                            || each.core.is(ConnectionCore.State.CLOSED),
                    () -> each + " is " + each.core.state());
        }
    }

    @Test
    void aRingThatOpensBehindTheEndIsGivenBack() {
        ConnectionCore core = opening();
        assertTrue(
                core.apply(ConnectionCore.Input.PEER_GONE)
                        .contains(ConnectionCore.Effect.CLOSE_RING));
        assertEquals(
                List.of(ConnectionCore.Effect.GIVE_RING_BACK),
                core.apply(ConnectionCore.Input.RING_OPENED));
        assertEquals(List.of(), core.apply(ConnectionCore.Input.RING_CLOSED));
    }

    @Test
    void aConnectionThatWaitsHoldsNoPlaceAndHasATimeLimit() {
        ConnectionCore core = new ConnectionCore();
        assertTrue(
                core.apply(ConnectionCore.Input.CHOSEN)
                        .contains(ConnectionCore.Effect.GIVE_PLACE_BACK));
        assertTrue(
                core.apply(ConnectionCore.Input.ARRIVED)
                        .contains(ConnectionCore.Effect.WATCH_OPENING));
        List<ConnectionCore.Effect> late = core.apply(ConnectionCore.Input.LATE);
        assertTrue(late.contains(ConnectionCore.Effect.REFUSE), late.toString());
        assertTrue(core.is(ConnectionCore.State.CLOSED));
    }

    private static ConnectionCore opening() {
        ConnectionCore core = new ConnectionCore();
        core.apply(ConnectionCore.Input.CHOSEN);
        core.apply(ConnectionCore.Input.ARRIVED);
        core.apply(ConnectionCore.Input.TURN);
        return core;
    }
}
