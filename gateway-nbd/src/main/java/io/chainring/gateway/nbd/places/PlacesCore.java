package io.chainring.gateway.nbd.places;

import io.chainring.gateway.nbd.setup.Crowding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who may be connected: what happens to a server's connections goes in; who is let in, and who gives way, comes out.
 *
 * <pre>
 *   arrive --> HANDSHAKING(silent --> heard) --chose--> CHOSEN <--> idle
 *      |              |    ^----------haggles------------|            |
 *   refused           +--------------> gives way <--------------------+       left, from anywhere
 * </pre>
 *
 * <p>The rules, in this order:
 *
 * <ol>
 *   <li>A source may have its share of the places that all others leave. So there is always room for one more source,
 *       and each further one finds less: one that is alone has three of four, the next three of four of the rest.
 *   <li>Beyond that, and when all places are taken, a newcomer gets in if somebody gives way: an idle connection, or
 *       else a handshake, of a source that has at least two more than the newcomer's. Of the source that has most, the
 *       one that has been idle longest. Nobody gives way to who has as many, nobody's only connection ever does, and
 *       who is busy never does. If there is none, the oldest handshake of the newcomer's own source goes.
 *   <li>When the places for handshakes are taken, the oldest handshake gives way, of the source that has most of them;
 *       one whose client has said nothing before one whose client has. A newcomer is never the one.
 *   <li>A certificate and a disk have a share of all places, and of a disk's a source its share of what others leave
 *       there. Who comes on top is refused, nobody gives way.
 * </ol>
 *
 * <p>Who gives way is not counted any more, though it takes a moment to go: until then it is among the {@link
 * #leaving}, of which there may be as many as handshakes; then nobody is accepted.
 */
final class PlacesCore {
    /** How a newcomer fares. */
    record Arrival(@Nullable Crowding refused, List<GivesWay> givesWay) {}

    /** Who has to go, and why. */
    record GivesWay(long id, Crowding why) {}

    /** The connections of a source at a disk. */
    private record AtDisk(Object disk, String source) {}

    private static final class Member {
        final long id;
        final String source;
        @Nullable String certificate;
        @Nullable AtDisk disk;
        boolean handshaking = true;
        boolean heard;

        Member(long id, String source) {
            this.id = id;
            this.source = source;
        }
    }

    private PlaceLimits limits;
    private final Map<Long, Member> members = new HashMap<>();
    private final Map<Long, Member> leaving = new HashMap<>();

    /** Oldest first. */
    private final Map<Long, Member> handshakes = new LinkedHashMap<>();

    /** Longest idle first. */
    private final Map<Long, Member> idle = new LinkedHashMap<>();

    private final Map<String, Integer> bySource = new HashMap<>();
    private final Map<String, Integer> handshakesBySource = new HashMap<>();
    private final Map<String, Integer> byCertificate = new HashMap<>();
    private final Map<Object, Integer> byDisk = new HashMap<>();
    private final Map<AtDisk, Integer> byDiskAndSource = new HashMap<>();

    PlacesCore(PlaceLimits limits) {
        this.limits = limits;
    }

    /** From now on there are so many places; nobody who is there has to go. */
    void limit(PlaceLimits now) {
        limits = now;
    }

    PlaceLimits limits() {
        return limits;
    }

    /** All that are connected, with those that are about to go. */
    int connections() {
        return members.size() + leaving.size();
    }

    int handshakes() {
        return handshakes.size();
    }

    int leaving() {
        return leaving.size();
    }

    /**
     * Whether it is of use to accept somebody: there is a place, or somebody idle might give way. For handshakes it is not
     * worth it: they come to an end soon, and whoever is accepted in vain can't wait any more.
     */
    boolean mayAccept() {
        return leaving.size() < limits.handshakes()
                && (members.size() < limits.connections()
                        || most(idle, bySource, 2, false) != null);
    }

    /**
     * Somebody was accepted.
     *
     * @param id never used before
     */
    Arrival arrive(long id, String source) {
        List<GivesWay> givesWay = new ArrayList<>();
        int present = count(bySource, source);
        boolean full = members.size() >= limits.connections();
        if (full || present >= limits.perSource(members.size() - present)) {
            Member victim = mostPresent(present + 2);
            if (victim == null) {
                victim = oldestHandshakeOf(source);
            }
            if (victim == null) {
                return new Arrival(
                        full ? Crowding.FULL_REFUSED : Crowding.SOURCE_REFUSED, List.of());
            }
            givesWay.add(sendAway(victim));
        }
        if (handshakes.size() >= limits.handshakes()) {
            givesWay.add(sendAway(oldestHandshake()));
        }
        Member newcomer = new Member(id, source);
        members.put(id, newcomer);
        add(bySource, source);
        beginHandshake(newcomer);
        return new Arrival(null, givesWay);
    }

    /** The client has said something that belongs to a handshake. */
    void heard(long id) {
        Member member = members.get(id);
        if (member != null) {
            member.heard = true;
        }
    }

    /** The client has shown who it is: whether those with this certificate have room for it. */
    Admission identified(long id, String certificate) {
        Member member = members.get(id);
        if (member == null) {
            return Admission.GONE;
        }
        if (member.certificate != null) {
            return Admission.ADMITTED;
        }
        if (count(byCertificate, certificate) >= limits.perCertificate()) {
            return Admission.SHARE_TAKEN;
        }
        member.certificate = certificate;
        add(byCertificate, certificate);
        return Admission.ADMITTED;
    }

    /** The handshake is over, with a disk or without. */
    void chose(long id) {
        Member member = members.get(id);
        if (member != null && member.handshaking) {
            endHandshake(member);
        }
    }

    /** The client chooses again; whoever has to give way for that is told. */
    List<GivesWay> haggles(long id) {
        Member member = members.get(id);
        if (member == null || member.handshaking) {
            return List.of();
        }
        leaveDisk(member);
        idle.remove(id);
        List<GivesWay> givesWay = new ArrayList<>();
        if (handshakes.size() >= limits.handshakes()) {
            givesWay.add(sendAway(oldestHandshake()));
        }
        beginHandshake(member);
        return givesWay;
    }

    /** The connection wants a ring of a disk: whether its clients, and those of this source there, have room for it. */
    Admission atDisk(long id, Object disk) {
        Member member = members.get(id);
        if (member == null) {
            return Admission.GONE;
        }
        leaveDisk(member);
        AtDisk place = new AtDisk(disk, member.source);
        int all = count(byDisk, disk);
        int own = count(byDiskAndSource, place);
        if (all >= limits.perDisk() || own >= limits.perSourceAtDisk(all - own)) {
            return Admission.SHARE_TAKEN;
        }
        member.disk = place;
        add(byDisk, disk);
        add(byDiskAndSource, place);
        return Admission.ADMITTED;
    }

    /** Nothing has moved on it for long, or something has again. */
    void idle(long id, boolean now) {
        Member member = members.get(id);
        if (member == null || member.handshaking) {
            return;
        }
        if (now) {
            idle.putIfAbsent(id, member);
        } else {
            idle.remove(id);
        }
    }

    /** It is gone. */
    void left(long id) {
        Member member = members.get(id);
        if (member != null) {
            remove(member);
        }
        leaving.remove(id);
    }

    /** Who gives way to a source that has {@code least - 2}: of the source that has most, and at least so many. */
    private @Nullable Member mostPresent(int least) {
        Member victim = most(idle, bySource, least, false);
        return victim == null ? most(handshakes, bySource, least, true) : victim;
    }

    private @Nullable Member oldestHandshakeOf(String source) {
        Member victim = null;
        for (Member each : handshakes.values()) {
            if (each.source.equals(source) && (victim == null || (victim.heard && !each.heard))) {
                victim = each;
            }
        }
        return victim;
    }

    private Member oldestHandshake() {
        Member victim = most(handshakes, handshakesBySource, 1, true);
        if (victim == null) {
            throw new IllegalStateException("no handshake gives way");
        }
        return victim;
    }

    /** The first of the source with the highest count; if wanted, one that was not heard before one that was. */
    private static @Nullable Member most(
            Map<Long, Member> candidates,
            Map<String, Integer> counts,
            int least,
            boolean silentFirst) {
        Member best = null;
        int bestCount = least - 1;
        for (Member each : candidates.values()) {
            int count = count(counts, each.source);
            boolean rather =
                    best != null
                            && count == bestCount
                            && silentFirst
                            && best.heard
                            && !each.heard
                            && best.source.equals(each.source);
            if (count > bestCount || rather) {
                best = each;
                bestCount = count;
            }
        }
        return best;
    }

    private GivesWay sendAway(Member victim) {
        Crowding why = victim.handshaking ? Crowding.HANDSHAKE_GAVE_WAY : Crowding.IDLE_GAVE_WAY;
        remove(victim);
        leaving.put(victim.id, victim);
        return new GivesWay(victim.id, why);
    }

    private void remove(Member member) {
        members.remove(member.id);
        idle.remove(member.id);
        subtract(bySource, member.source);
        if (member.handshaking) {
            endHandshake(member);
        }
        if (member.certificate != null) {
            subtract(byCertificate, member.certificate);
        }
        leaveDisk(member);
    }

    private void beginHandshake(Member member) {
        member.handshaking = true;
        handshakes.put(member.id, member);
        add(handshakesBySource, member.source);
    }

    private void endHandshake(Member member) {
        member.handshaking = false;
        handshakes.remove(member.id);
        subtract(handshakesBySource, member.source);
    }

    private void leaveDisk(Member member) {
        AtDisk place = member.disk;
        if (place != null) {
            subtract(byDisk, place.disk());
            subtract(byDiskAndSource, place);
            member.disk = null;
        }
    }

    private static <K> int count(Map<K, Integer> counts, K key) {
        return counts.getOrDefault(key, 0);
    }

    private static <K> void add(Map<K, Integer> counts, K key) {
        counts.merge(key, 1, Integer::sum);
    }

    private static <K> void subtract(Map<K, Integer> counts, K key) {
        counts.compute(key, (k, count) -> count == null || count <= 1 ? null : count - 1);
    }
}
