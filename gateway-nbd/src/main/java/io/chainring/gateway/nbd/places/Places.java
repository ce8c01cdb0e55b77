package io.chainring.gateway.nbd.places;

import io.chainring.base.log.RateLimitedLog;
import io.chainring.gateway.nbd.setup.Crowding;
import io.chainring.gateway.nbd.setup.NbdCounters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The places of one server: {@link PlacesCore} with a lock around it, and what has to be done outside of the lock.
 * Thread-safe: connections live on many loops. Nothing of it is called for a request.
 */
public final class Places {
    private final NbdCounters counters;
    private final RateLimitedLog log;
    private final PlacesCore core;
    private final Map<Long, Place> places = new HashMap<>();
    private final List<Runnable> waiting = new ArrayList<>();
    private long lastId;

    /**
     * @param counters hears of those who are refused and who give way
     * @param log says so
     */
    public Places(PlaceLimits limits, NbdCounters counters, RateLimitedLog log) {
        this.counters = counters;
        this.log = log;
        this.core = new PlacesCore(limits);
    }

    /** Clients that are connected at present. */
    public synchronized int connections() {
        return core.connections();
    }

    /** Most that there may be. */
    public synchronized int limit() {
        return core.limits().connections();
    }

    /** Lowers the most that there may be; it never rises. */
    public synchronized void lowerTo(int connections) {
        if (connections < core.limits().connections()) {
            core.limit(core.limits().withConnections(connections));
        }
    }

    /** True when another client may be accepted; otherwise the callback runs once when that may have changed. */
    public synchronized boolean mayAccept(Runnable whenRoom) {
        boolean may = core.mayAccept();
        if (!may) {
            waiting.add(whenRoom);
        }
        return may;
    }

    /**
     * A client was accepted: it gets a place, for which others may have to go.
     *
     * @param source where it comes from
     * @return null when there is none for it
     */
    public @Nullable Place arrive(String source) {
        Place place;
        PlacesCore.Arrival arrival;
        List<Runnable> goodbyes;
        synchronized (this) {
            place = new Place(++lastId, source);
            arrival = core.arrive(place.id, source);
            if (arrival.refused() == null) {
                places.put(place.id, place);
            }
            goodbyes = goodbyes(arrival.givesWay());
        }
        goodbyes.forEach(Runnable::run);
        Crowding refused = arrival.refused();
        if (refused != null) {
            crowded(refused, source);
            return null;
        }
        return place;
    }

    private List<Runnable> goodbyes(List<PlacesCore.GivesWay> all) {
        List<Runnable> goodbyes = new ArrayList<>();
        for (PlacesCore.GivesWay each : all) {
            Place victim = places.get(each.id());
            if (victim != null) {
                goodbyes.add(() -> victim.giveWay(each.why()));
            }
        }
        return goodbyes;
    }

    private void crowded(Crowding what, String source) {
        counters.crowded(what);
        log.info(source, text(what), source, limit());
    }

    /** A format for the source and the number of places: one kind of line each. */
    private static String text(Crowding what) {
        return switch (what) {
            case SOURCE_REFUSED ->
                    "A client of {} is refused: its source has its share of the {} connections (max-share-per-source)";
            case FULL_REFUSED ->
                    "A client of {} is refused: all {} connections are taken (max-connections)";
            case CERTIFICATE_REFUSED ->
                    "A client of {} is refused: its certificate or key has its share of the {} connections"
                            + " (max-share-per-certificate)";
            case DISK_REFUSED ->
                    "A client of {} is refused: its disk has its share of the {} connections (max-share-per-disk)";
            case HANDSHAKE_GAVE_WAY ->
                    "A client of {} is closed: it had not chosen a disk when others came"
                            + " (max-handshaking-connections; {} connections)";
            case IDLE_GAVE_WAY ->
                    "A client of {} is closed: it was idle when one came whose source has fewer of the {} connections"
                            + " (give-way-after)";
            case ACCEPT_PAUSED -> "Clients of {} wait for descriptors ({} connections)";
        };
    }

    private void wake() {
        List<Runnable> all;
        synchronized (this) {
            if (waiting.isEmpty() || !core.mayAccept()) {
                return;
            }
            all = new ArrayList<>(waiting);
            waiting.clear();
        }
        all.forEach(Runnable::run);
    }

    /** What one connection occupies. */
    public final class Place {
        private final long id;
        private final String source;
        private @Nullable Runnable goodbye;
        private boolean goes;

        private Place(long id, String source) {
            this.id = id;
            this.source = source;
        }

        /** Where its client comes from. */
        public String source() {
            return source;
        }

        /**
         * Says what to do when it has to give way, if it has not had to already.
         *
         * @param close from any thread
         * @return false when it has to go at once
         */
        public boolean onGiveWay(Runnable close) {
            synchronized (Places.this) {
                goodbye = close;
                return !goes;
            }
        }

        private void giveWay(Crowding why) {
            crowded(why, source);
            Runnable close;
            synchronized (Places.this) {
                goes = true;
                close = goodbye;
            }
            if (close != null) {
                close.run();
            }
        }

        /** The client has said something that belongs to a handshake. */
        public void heard() {
            synchronized (Places.this) {
                core.heard(id);
            }
        }

        /**
         * The client has shown a certificate, or a pre-shared key, that is good.
         *
         * @param subject of the certificate, or what stands for the key
         * @return whether it may go on with that
         */
        public Admission identified(String subject) {
            Admission admission;
            synchronized (Places.this) {
                admission = core.identified(id, subject);
            }
            return noted(admission, Crowding.CERTIFICATE_REFUSED);
        }

        private Admission noted(Admission admission, Crowding refusal) {
            if (admission == Admission.SHARE_TAKEN) {
                crowded(refusal, source);
            }
            return admission;
        }

        /** The connection has chosen its disk, or is at its end. */
        public void handshakeDone() {
            synchronized (Places.this) {
                core.chose(id);
            }
            wake();
        }

        /** The connection haggles again. */
        public void handshakeAgain() {
            List<Runnable> goodbyes;
            synchronized (Places.this) {
                goodbyes = goodbyes(core.haggles(id));
            }
            goodbyes.forEach(Runnable::run);
        }

        /**
         * The connection wants a ring.
         *
         * @param disk compared by equals
         * @return whether it gets one
         */
        public Admission atDisk(Object disk) {
            Admission admission;
            synchronized (Places.this) {
                admission = core.atDisk(id, disk);
            }
            return noted(admission, Crowding.DISK_REFUSED);
        }

        /** Nothing has moved on it for long, or something has again. */
        public void idle(boolean now) {
            synchronized (Places.this) {
                core.idle(id, now);
            }
            if (now) {
                wake();
            }
        }

        /**
         * The connection is gone.
         *
         * @return false when it was before
         */
        public boolean leave() {
            synchronized (Places.this) {
                if (places.remove(id) == null) {
                    return false;
                }
                core.left(id);
            }
            wake();
            return true;
        }
    }
}
