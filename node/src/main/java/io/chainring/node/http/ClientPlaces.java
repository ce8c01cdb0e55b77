package io.chainring.node.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places of a server's clients, and its room for answers: who gives way when there are too many.
 *
 * <pre>
 *   one too many comes:   of the source with the most clients, the oldest that keeps its place without work of ours;
 *                         when all are being served, nobody: the newcomer goes
 *   no room for answers:  of the source with the most answers not taken, the oldest answer
 * </pre>
 *
 * "Oldest" is by the last answer that was taken, or the beginning of the connection. So half-sent requests, silence and
 * answers that nobody reads cost their own source, and who asks and reads finds a place. Not thread-safe.
 *
 * @param <C> clients, compared by identity
 */
final class ClientPlaces<C> {
    private final int most;
    private final long answersMostBytes;
    private final Map<C, Place> places = new LinkedHashMap<>();
    private long answersBytes;

    private static final class Place {
        final String source;
        boolean working;
        long answerBytes;

        Place(String source) {
            this.source = source;
        }

        boolean hasAnswer() {
            return answerBytes > 0;
        }
    }

    private interface Kind {
        boolean includes(Place place);
    }

    ClientPlaces(int most, long answersMostBytes) {
        this.most = most;
        this.answersMostBytes = answersMostBytes;
    }

    /**
     * Who has to leave before one more can come.
     *
     * @return null: nobody has to, or nobody can
     */
    @Nullable C givesWay() {
        return isFull() ? oldest(place -> !place.working) : null;
    }

    boolean isFull() {
        return places.size() >= most;
    }

    int size() {
        return places.size();
    }

    /** Bytes of answers that have not been taken. */
    long answersBytes() {
        return answersBytes;
    }

    /** One more; there is room. */
    void enter(C client, String source) {
        if (isFull() || places.putIfAbsent(client, new Place(source)) != null) {
            throw new IllegalStateException("there is no place for it");
        }
    }

    /** Its request is being carried out: it stays. */
    void works(C client) {
        Place place = places.get(client);
        if (place != null) {
            place.working = true;
        }
    }

    /**
     * Its answer is ready.
     *
     * @return whose answers have to go so that this one has room
     */
    List<C> answers(C client, long bytes) {
        List<C> gone = new ArrayList<>();
        Place place = places.get(client);
        if (place == null) {
            return gone;
        }
        place.working = false;
        while (answersBytes > 0 && answersBytes + bytes > answersMostBytes) {
            C other = oldest(Place::hasAnswer);
            if (other == null) {
                throw new IllegalStateException(answersBytes + " bytes of no answer");
            }
            gone.add(other);
            leave(other);
        }
        place.answerBytes = bytes;
        answersBytes += bytes;
        return gone;
    }

    /** It has taken its answer: it is the youngest now. */
    void taken(C client) {
        Place place = places.remove(client);
        if (place != null) {
            answersBytes -= place.answerBytes;
            place.answerBytes = 0;
            places.put(client, place);
        }
    }

    /** It is gone; again, when it has left already. */
    void leave(C client) {
        Place place = places.remove(client);
        if (place != null) {
            answersBytes -= place.answerBytes;
        }
    }

    private @Nullable C oldest(Kind kind) {
        Map<String, Integer> counts = new HashMap<>();
        int largest = 0;
        for (Place place : places.values()) {
            if (kind.includes(place)) {
                largest = Math.max(largest, counts.merge(place.source, 1, Integer::sum));
            }
        }
        for (Map.Entry<C, Place> each : places.entrySet()) {
            Place place = each.getValue();
            if (kind.includes(place) && counts.getOrDefault(place.source, 0) == largest) {
                return each.getKey();
            }
        }
        return null;
    }
}
