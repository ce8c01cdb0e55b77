package io.chainring.gateway.nbd.places;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.chainring.base.log.RateLimitedLog;
import io.chainring.gateway.nbd.setup.Crowding;
import io.chainring.gateway.nbd.setup.NbdCounters;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What is counted and said of a crowd is what happened to it. */
class PlacesTest {
    private final List<Crowding> counted = new ArrayList<>();
    private final NbdCounters counters =
            new NbdCounters() {
                @Override
                public void crowded(Crowding what) {
                    counted.add(what);
                }
            };

    private Places places(PlaceLimits limits) {
        return new Places(
                limits, counters, new RateLimitedLog(LoggerFactory.getLogger(PlacesTest.class)));
    }

    private static Places.Place arrive(Places places, String source) {
        Places.Place place = places.arrive(source);
        assertNotNull(place);
        return place;
    }

    @Test
    void whoWasSentAwayIsNotToldThatOthersHaveTheirShare() {
        Places places = places(new PlaceLimits(3, 3, 1, 1, 1));
        Places.Place idle = arrive(places, "crowd");
        idle.handshakeDone();
        idle.idle(true);
        for (int i = 0; i < 2; i++) {
            arrive(places, "crowd").handshakeDone();
        }
        arrive(places, "newcomer");
        assertEquals(List.of(Crowding.IDLE_GAVE_WAY), counted);
        assertEquals(Admission.GONE, idle.atDisk("disk"));
        assertEquals(Admission.GONE, idle.identified("CN=crowd"));
        assertEquals(List.of(Crowding.IDLE_GAVE_WAY), counted, "counted when it was sent away");
    }

    @Test
    void whoFindsAShareTakenIsCounted() {
        Places places = places(new PlaceLimits(2, 2, 1, 0.5, 0.5));
        Places.Place first = arrive(places, "a");
        Places.Place second = arrive(places, "a");
        assertEquals(Admission.ADMITTED, first.identified("CN=a"));
        assertEquals(Admission.SHARE_TAKEN, second.identified("CN=a"));
        assertEquals(Admission.ADMITTED, first.atDisk("disk"));
        assertEquals(Admission.SHARE_TAKEN, second.atDisk("disk"));
        assertEquals(List.of(Crowding.CERTIFICATE_REFUSED, Crowding.DISK_REFUSED), counted);
    }

    @Test
    void whoWaitsForRoomIsCalledOnceWhenThereIsSome() {
        Places places = places(new PlaceLimits(1, 1, 1, 1, 1));
        Places.Place only = arrive(places, "a");
        List<String> called = new ArrayList<>();
        assertFalse(places.mayAccept(() -> called.add("room")));
        only.leave();
        only.leave();
        assertEquals(List.of("room"), called);
    }
}
