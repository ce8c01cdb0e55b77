package io.chainring.gateway.nbd.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.chainring.gateway.nbd.connection.ConnectionCore.Effect;
import io.chainring.gateway.nbd.connection.ConnectionCore.Input;
import io.chainring.gateway.nbd.connection.ConnectionCore.State;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Sockets, loops, rings and clocks around the two cores, all of them as whimsical as a random generator makes them. */
final class SimulatedServer {
    private static final int PLACES = 3;
    private static final int MOST_CONNECTIONS = 12;

    private final SplittableRandom random;
    private final boolean readableAtOnce;
    private final List<Disk> disks = List.of(new Disk(), new Disk());
    private final List<Peer> connections = new ArrayList<>();
    private final ArrayDeque<String> history = new ArrayDeque<>();
    private int heldPlaces;
    int openedRings;
    private boolean goingDown;

    SimulatedServer(SplittableRandom random) {
        this.random = random;
        this.readableAtOnce = random.nextInt(4) > 0;
    }

    final class Disk {
        private final DiskTurnsCore<Peer> turns = new DiskTurnsCore<>();
        private final ArrayDeque<Runnable> inputs = new ArrayDeque<>();
        private final List<Peer> admitted = new ArrayList<>();
        private final List<SimulatedRing> rings = new ArrayList<>();
        private boolean settling;
        private boolean busy;

        void apply(DiskTurnsCore.Input input, @Nullable Peer who) {
            inputs.add(() -> turns.apply(input, who).forEach(this::perform));
            if (busy) {
                return;
            }
            busy = true;
            for (Runnable next = inputs.poll(); next != null; next = inputs.poll()) {
                next.run();
            }
            busy = false;
        }

        private void perform(DiskTurnsCore.Effect<Peer> effect) {
            Peer who = effect.who();
            switch (effect.act()) {
                case READ -> {
                    who.readArrived();
                    boolean read = readableAtOnce || !who.reads();
                    apply(read ? DiskTurnsCore.Input.READ : DiskTurnsCore.Input.UNREADABLE, who);
                }
                case SETTLE -> {}
                case AWAIT_SETTLED -> settling = true;
                case OPEN -> {
                    checkStaleReplay(who);
                    admitted.add(who);
                    who.apply(Input.TURN);
                }
            }
        }

        /** Invariant I9: nothing of an older connection may come after this moment. */
        private void checkStaleReplay(Peer newcomer) {
            for (Peer older : admitted) {
                assertEquals(0, older.unread, () -> older + " is unread at " + newcomer);
                assertFalse(older.finishing(), () -> older + " is finishing at " + newcomer);
            }
        }

        void endSettling() {
            settling = false;
            List.copyOf(admitted).forEach(Peer::loopReads);
            apply(DiskTurnsCore.Input.SETTLED, null);
        }
    }

    final class Peer {
        final int number = connections.size();
        final ConnectionCore core = new ConnectionCore();
        private @Nullable Disk disk;
        private @Nullable SimulatedRing ring;
        private boolean placeHeld = true;
        private boolean watched;
        private boolean moving;
        private boolean atDisk;
        private boolean gone;
        private int unread;

        Peer() {
            heldPlaces++;
        }

        void apply(Input input) {
            note(this + " " + core.state() + " " + input);
            boolean over = core.is(State.CLOSED);
            List<Effect> effects = core.apply(input);
            assertTrue(
                    !over || effects.isEmpty() || effects.equals(List.of(Effect.GIVE_RING_BACK)),
                    () -> effects + " after the end");
            effects.forEach(this::perform);
        }

        private void perform(Effect effect) {
            switch (effect) {
                case TAKE_PLACE -> {
                    assertFalse(placeHeld, "a second place");
                    placeHeld = true;
                    heldPlaces++;
                }
                case GIVE_PLACE_BACK -> {
                    assertTrue(placeHeld, "a place given back twice");
                    placeHeld = false;
                    heldPlaces--;
                }
                case WATCH_HANDSHAKE, WATCH_OPENING -> {
                    assertFalse(watched, "a second watch");
                    watched = true;
                }
                case STOP_WATCH -> watched = false;
                case JOIN_DISK -> disk = disks.get(random.nextInt(2));
                case MOVE -> moving = true;
                case ASK_TURN -> disk.apply(DiskTurnsCore.Input.ASKED, this);
                case OPEN_RING -> {
                    ring = new SimulatedRing(this);
                    disk.rings.add(ring);
                }
                case SERVE -> assertEquals(SimulatedRing.State.OPEN, ring.state);
                case CLOSE_RING -> ring.close();
                case GIVE_RING_BACK -> ring.giveBack();
                case FINISH -> {
                    unread = 0;
                    disk.apply(DiskTurnsCore.Input.FINISHING, this);
                }
                case FINISHED -> disk.apply(DiskTurnsCore.Input.FINISHED, this);
                case DROP -> unread = 0;
                case LEAVE_DISK -> leaveDisk();
                case REFUSE, HAGGLE, COUNT_VIOLATION, CLOSE_CHANNEL, CLOSE_WHEN_SENT -> {}
            }
        }

        private void leaveDisk() {
            assertTrue(ring == null || !ring.held(), "left before its ring was closed");
            atDisk = false;
            disk.admitted.remove(this);
            disk.apply(DiskTurnsCore.Input.LEFT, this);
        }

        private boolean reads() {
            return core.is(State.WAITING) || core.is(State.OPENING) || core.is(State.SERVING);
        }

        private void readArrived() {
            if (readableAtOnce) {
                loopReads();
            }
        }

        /** The loop reads what has arrived, all of it. */
        void loopReads() {
            if (core.is(State.SERVING)) {
                ring.inRing += unread;
            }
            if (reads()) {
                unread = 0;
                if (gone) {
                    apply(Input.PEER_GONE);
                }
            } else if (core.is(State.HANDSHAKING) && gone) {
                apply(Input.PEER_GONE);
            }
        }

        private boolean finishing() {
            return core.is(State.FINISHING) && ring.inRing > 0;
        }

        void progress() {
            if (core.draining() && ring.inRing == 0) {
                apply(Input.RING_EMPTY);
                apply(Input.DRAINED);
            }
        }

        @Override
        public String toString() {
            return "c" + number;
        }
    }

    private void note(String what) {
        history.add(what);
        if (history.size() > 60) {
            history.remove();
        }
    }

    String history() {
        return String.join("\n", history);
    }

    List<Peer> connections() {
        return connections;
    }

    private int living() {
        return (int) connections.stream().filter(each -> !each.core.is(State.CLOSED)).count();
    }

    /** One thing happens, whatever it is. */
    void step() {
        if (heldPlaces < PLACES && living() < MOST_CONNECTIONS && random.nextInt(4) == 0) {
            Peer fresh = new Peer();
            connections.add(fresh);
            fresh.apply(Input.ACCEPTED);
        }
        Disk disk = disks.get(random.nextInt(2));
        if (random.nextInt(3) == 0) {
            disksTurn(disk);
        } else if (!connections.isEmpty()) {
            // The newest ones mostly: others have ended.
            int back = Math.min(connections.size(), MOST_CONNECTIONS + 4);
            happen(connections.get(connections.size() - 1 - random.nextInt(back)));
        }
    }

    private void happen(Peer peer) {
        State state = peer.core.state();
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> {
                if (state == State.HANDSHAKING && !peer.gone) {
                    peer.apply(Input.CHOSEN);
                }
            }
            case 3, 4, 5 -> arrive(peer);
            case 6, 7 -> {
                if (!peer.gone && peer.reads()) {
                    peer.unread++;
                }
            }
            case 8 -> peer.gone = true;
            case 9, 10 -> peer.loopReads();
            case 11 -> {
                if (state == State.SERVING) {
                    peer.loopReads();
                    if (peer.core.is(State.SERVING)) {
                        peer.apply(Input.GOODBYE);
                        peer.progress();
                    }
                }
            }
            case 12 -> rarely(peer);
            default -> {
                if (peer.ring != null && peer.ring.inRing > 0) {
                    peer.ring.inRing--;
                    peer.progress();
                }
            }
        }
    }

    private void rarely(Peer peer) {
        switch (random.nextInt(6)) {
            case 0 -> peer.apply(Input.FAILED);
            case 1 -> peer.apply(Input.VIOLATED);
            case 2 -> {
                if (peer.core.is(State.HANDSHAKING)) {
                    peer.apply(Input.HANDSHAKE_OVER);
                }
            }
            case 3, 4 -> {
                if (peer.atDisk) {
                    peer.apply(random.nextBoolean() ? Input.TAKEN_AWAY : Input.SHUT_DOWN);
                    peer.progress();
                }
            }
            default -> late(peer);
        }
    }

    private static void late(Peer peer) {
        if (peer.watched) {
            peer.watched = false;
            peer.apply(Input.LATE);
        }
    }

    private void arrive(Peer peer) {
        if (!peer.moving) {
            return;
        }
        peer.moving = false;
        if (goingDown) {
            peer.apply(Input.SHUT_DOWN);
        }
        if (random.nextInt(10) == 0) {
            peer.apply(Input.FAILED);
        } else {
            peer.atDisk = true;
            peer.apply(Input.ARRIVED);
        }
    }

    private void disksTurn(Disk disk) {
        if (disk.settling && random.nextBoolean()) {
            disk.endSettling();
            return;
        }
        if (disk.rings.isEmpty()) {
            return;
        }
        SimulatedRing ring = disk.rings.get(random.nextInt(disk.rings.size()));
        switch (ring.state) {
            case ASKED, GIVEN_UP -> openOrRefuse(disk, ring);
            case OPEN -> {
                if (random.nextInt(20) == 0) {
                    end(disk, ring);
                }
            }
            case CLOSED -> end(disk, ring);
        }
    }

    private void openOrRefuse(Disk disk, SimulatedRing ring) {
        if (random.nextInt(3) == 0) {
            end(disk, ring);
        } else {
            ring.state = SimulatedRing.State.OPEN;
            openedRings++;
            ring.owner.apply(Input.RING_OPENED);
        }
    }

    private static void end(Disk disk, SimulatedRing ring) {
        disk.rings.remove(ring);
        ring.inRing = 0;
        ring.state = SimulatedRing.State.CLOSED;
        ring.owner.apply(Input.RING_CLOSED);
    }

    /** Nothing new comes in, and whatever is under way goes on to its end. */
    void settleDown() {
        for (int i = 0; i < 50; i++) {
            for (Peer each : List.copyOf(connections)) {
                arrive(each);
                each.loopReads();
                if (each.ring != null) {
                    each.ring.inRing = 0;
                }
                each.progress();
                if (random.nextInt(4) == 0) {
                    late(each);
                }
            }
            for (Disk disk : disks) {
                for (int turn = 0; turn < 10; turn++) {
                    disksTurn(disk);
                }
            }
        }
    }

    void shutDown() {
        goingDown = true;
        for (Peer each : List.copyOf(connections)) {
            if (each.atDisk) {
                each.apply(Input.SHUT_DOWN);
                each.progress();
            }
        }
    }

    void checkEnd() {
        for (Peer each : connections) {
            assertTrue(each.core.is(State.CLOSED), () -> each + " is " + each.core.state());
            assertFalse(each.placeHeld, () -> each + " holds a place");
            assertFalse(each.watched, () -> each + " is watched");
            assertTrue(
                    each.ring == null || each.ring.state == SimulatedRing.State.CLOSED,
                    () -> each + " has a ring");
        }
        assertEquals(0, heldPlaces);
        for (Disk disk : disks) {
            assertTrue(disk.turns.isEmpty(), "somebody is left at a disk");
            assertEquals(List.of(), disk.rings);
        }
    }
}
