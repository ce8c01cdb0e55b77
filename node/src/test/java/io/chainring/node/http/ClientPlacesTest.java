package io.chainring.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.base.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ClientPlacesTest {
    private static ClientPlaces<String> full(String... clients) {
        ClientPlaces<String> places = new ClientPlaces<>(clients.length, 100);
        for (String client : clients) {
            places.enter(client, client.substring(0, 1));
        }
        return places;
    }

    @Test
    void whileThereIsRoomNobodyGives() {
        ClientPlaces<String> places = new ClientPlaces<>(2, 100);
        places.enter("a1", "a");
        assertNull(places.givesWay());
        places.enter("a2", "a");
        assertEquals("a1", places.givesWay());
        places.leave("a1");
        places.leave("a1");
        assertNull(places.givesWay());
    }

    @Test
    void theOldestOfTheSourceWithTheMostGivesWay() {
        assertEquals("b1", full("a1", "b1", "b2", "c1").givesWay());
        assertEquals("a1", full("a1", "b1").givesWay());
    }

    @Test
    void whoIsBeingServedStaysAndWhoTookAnAnswerIsYoung() {
        ClientPlaces<String> places = full("a1", "a2", "a3");
        places.works("a1");
        assertEquals("a2", places.givesWay());
        assertEquals(List.of(), places.answers("a1", 10));
        assertEquals("a1", places.givesWay(), "it may not take its answer");
        places.taken("a1");
        assertEquals("a2", places.givesWay());
        places.works("a2");
        places.works("a3");
        assertEquals("a1", places.givesWay());
        places.works("a1");
        assertNull(places.givesWay());
        assertTrue(places.isFull());
        assertThrows(IllegalStateException.class, () -> places.enter("a4", "a"));
    }

    @Test
    void answersThatNobodyTakesMakeRoomForOthers() {
        ClientPlaces<String> places = full("b1", "a1", "a2", "c1");
        assertEquals(List.of(), places.answers("b1", 30));
        assertEquals(List.of(), places.answers("a1", 30));
        assertEquals(List.of(), places.answers("a2", 30));
        assertEquals(List.of("a1"), places.answers("c1", 40));
        assertEquals(100, places.answersBytes());
        assertEquals(List.of(), places.answers("a1", 40), "it has left");
    }

    @Test
    void oneAnswerAlwaysHasRoom() {
        ClientPlaces<String> places = full("a1", "a2");
        assertEquals(List.of(), places.answers("a1", 1000));
        assertEquals(List.of("a1"), places.answers("a2", 1));
    }

    @Test
    void theSumsHoldWhateverHappens() {
        SplittableRandom random = Seed.random(ClientPlacesTest.class);
        for (int round = 0; round < 300; round++) {
            ClientPlaces<String> places = new ClientPlaces<>(1 + random.nextInt(6), 100);
            List<String> present = new ArrayList<>();
            for (int step = 0; step < 200; step++) {
                String one =
                        present.isEmpty() ? "none" : present.get(random.nextInt(present.size()));
                switch (random.nextInt(5)) {
                    case 0 -> {
                        String victim = places.givesWay();
                        if (victim != null) {
                            places.leave(victim);
                            present.remove(victim);
                        }
                        if (!places.isFull()) {
                            places.enter("c" + step, "s" + random.nextInt(3));
                            present.add("c" + step);
                        }
                    }
                    case 1 -> places.works(one);
                    case 2 -> {
                        places.taken(one);
                        present.removeAll(places.answers(one, 1 + random.nextInt(150)));
                    }
                    case 3 -> places.taken(one);
                    default -> {
                        places.leave(one);
                        present.remove(one);
                    }
                }
                assertEquals(present.size(), places.size());
                assertTrue(places.answersBytes() <= 150, () -> "bytes " + places.answersBytes());
            }
            present.forEach(places::leave);
            assertEquals(0, places.answersBytes());
        }
    }
}
