package io.chainring.simulation.world;

import io.chainring.gateway.nbd.connection.ConnectionCore;
import io.chainring.gateway.nbd.connection.ConnectionCore.Effect;
import io.chainring.gateway.nbd.connection.ConnectionCore.Input;
import io.chainring.gateway.nbd.connection.ConnectionCore.State;
import io.chainring.gateway.nbd.connection.DiskTurnsCore;
import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import io.chainring.ring.supervise.SupervisorCommand;
import io.chainring.simulation.history.DiskOp;
import io.chainring.simulation.history.Violation;
import io.chainring.simulation.mirror.ChainId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The server's end of one connection: the real {@link ConnectionCore}, a ring, and what has arrived and is unread. */
final class SimConnection implements RingOwner {
    private static final int UNREAD_REPLIES_MOST = 6;

    private final World world;
    private final SimRemote client;
    private final ConnectionCore core = new ConnectionCore();

    /** Requests that have arrived and are unread; empty for a goodbye. */
    private final ArrayDeque<List<DiskOp>> arrived = new ArrayDeque<>();

    private final Map<BlockRequest, DiskOp> inRing = new LinkedHashMap<>();
    private @Nullable SimRing ring;
    private long ringId;
    private boolean ended;
    private int unreadReplies;

    SimConnection(World world, SimRemote client) {
        this.world = world;
        this.client = client;
    }

    @Override
    public String name() {
        return SimGateway.NAME;
    }

    @Override
    public boolean isHostile() {
        return false;
    }

    @Nullable SimRing ring() {
        return ring;
    }

    /** It has arrived, has haggled, and goes to its disk. */
    void accept() {
        world.gateway.accept(this);
        apply(Input.ACCEPTED);
        apply(Input.CHOSEN);
    }

    private void apply(Input input) {
        core.apply(input).forEach(this::perform);
    }

    private void perform(Effect effect) {
        switch (effect) {
            case MOVE ->
                    world.scheduler.send(
                            "loop", SimGateway.NAME, () -> "moved", () -> apply(Input.ARRIVED));
            case ASK_TURN -> world.gateway.apply(DiskTurnsCore.Input.ASKED, this);
            case OPEN_RING -> {
                ringId = world.nextRing();
                if (world.supervisor.isAlive()) {
                    world.supervisor.wish(this, ringId);
                } else {
                    ringLost();
                }
            }
            case CLOSE_RING, GIVE_RING_BACK -> closeRing();
            case SERVE -> client.opened(this);
            case FINISH -> world.gateway.apply(DiskTurnsCore.Input.FINISHING, this);
            case FINISHED -> world.gateway.apply(DiskTurnsCore.Input.FINISHED, this);
            case HAGGLE -> apply(Input.HANDSHAKE_OVER);
            case DROP -> arrived.clear();
            case LEAVE_DISK -> world.gateway.apply(DiskTurnsCore.Input.LEFT, this);
            case CLOSE_CHANNEL, CLOSE_WHEN_SENT -> closeChannel();
            default -> {
                // Places and watches: what they decide is drawn here.
            }
        }
    }

    private void closeRing() {
        SimRing open = ring;
        if (open != null) {
            open.left = true;
            open.unanswered.addAll(inRing.values());
        }
        world.supervisor.tell(SimGateway.NAME, new SupervisorCommand.CloseRing(ringId));
    }

    private void closeChannel() {
        world.gateway.gone(this);
        world.scheduler.send(
                SimGateway.NAME, client.name(), () -> "closed", () -> client.hungUp(this));
    }

    void turn() {
        apply(Input.TURN);
    }

    /** Something comes out of the network. */
    void arrives(List<DiskOp> request) {
        if (!core.is(State.CLOSED)) {
            arrived.add(request);
            read();
        }
    }

    /** The client's end of the stream, behind all that it sent; or the loss of it was noticed. */
    void ends() {
        ended = true;
        read();
    }

    /** Reads what the ring has room for, as long as the client reads its replies. */
    private void read() {
        while (core.is(State.SERVING) && mayRead()) {
            List<DiskOp> next = arrived.peek();
            if (next == null) {
                break;
            }
            if (next.isEmpty()) {
                arrived.remove();
                apply(Input.GOODBYE);
                progress();
            } else if (submit(next.get(0))) {
                arrived.remove();
            } else {
                break;
            }
        }
        boolean reads = !core.is(State.MOVING) && !core.is(State.CLOSED);
        if (reads && ended && arrived.isEmpty()) {
            apply(Input.PEER_GONE);
        }
    }

    private boolean mayRead() {
        SimRing open = ring;
        return open != null
                && open.frontendAlive
                && !open.givenUp
                && unreadReplies < UNREAD_REPLIES_MOST
                && open.core().outstandingRequests() < world.settings.ringDescriptors() / 3;
    }

    /** I9: whoever has hung up is found out behind all that it left unread, which is dropped. */
    void readArrived() {
        read();
        if (ended && !core.is(State.MOVING)) {
            apply(Input.PEER_GONE);
        }
    }

    private boolean submit(DiskOp op) {
        SimRing open = ring;
        if (open == null) {
            return false;
        }
        Violation.check(
                client.mayStillExecute(this),
                "I9",
                () -> op + " is read after its client was served by another connection");
        int cellBytes = world.settings.cellBytes();
        int payloadBytes = Wishes.payloadBytes(op.operation, op.cells, cellBytes);
        Payload payload = null;
        if (payloadBytes > 0) {
            payload = open.core().payloads().allocate(payloadBytes);
            if (payload == null) {
                return false;
            }
        }
        if (op.operation == Operation.WRITE && payload != null) {
            Wishes.fill(payload, op.firstCell, op.cells, cellBytes, op);
        }
        BlockRequest request =
                new BlockRequest(
                        op.operation,
                        (long) op.firstCell * cellBytes,
                        (long) op.cells * cellBytes,
                        op.fua ? RequestHeader.FLAG_FUA : 0,
                        payload,
                        0);
        inRing.put(request, op);
        open.submit(List.of(request));
        List<ChainId> outstanding = new ArrayList<>();
        open.forEachOutstanding(outstanding::add);
        world.checks.asked(outstanding.get(outstanding.size() - 1), request, op);
        return true;
    }

    private void progress() {
        if (core.draining() && inRing.isEmpty()) {
            apply(Input.RING_EMPTY);
            apply(Input.DRAINED);
        }
    }

    @Override
    public void opened(SimRing opened) {
        ring = opened;
        apply(Input.RING_OPENED);
        read();
    }

    @Override
    public void closed(long gone) {
        if (gone == ringId && ringId != 0) {
            ringId = 0;
            unanswered();
            apply(Input.RING_CLOSED);
        }
    }

    /** Its supervisor has died, and the ring with it. */
    void ringLost() {
        closed(ringId);
    }

    private void unanswered() {
        SimRing lost = ring;
        if (lost != null) {
            lost.unanswered.addAll(inRing.values());
        }
        inRing.values().forEach(world.told::unknown);
        inRing.clear();
    }

    @Override
    public void gaveUp(SimRing from, List<BlockRequest> requests) {
        for (BlockRequest request : requests) {
            DiskOp op = inRing.remove(request);
            if (op != null) {
                from.unanswered.add(op);
                world.told.unknown(op);
                reply(op);
            }
            release(request);
        }
    }

    @Override
    public void completed(SimRing from, List<BlockRequest> requests) {
        for (BlockRequest request : requests) {
            DiskOp op = inRing.remove(request);
            Violation.check(
                    op != null || from.left || ringId == 0,
                    "I5",
                    () -> "a request completes that nobody waits for");
            if (op != null) {
                world.checks.completed(request, op, false);
                world.scheduler.note(request.status());
                reply(op);
            }
            release(request);
        }
        progress();
        read();
    }

    private void reply(DiskOp op) {
        unreadReplies++;
        world.scheduler.send(
                SimGateway.NAME,
                client.name(),
                () -> "reply to " + op,
                () -> {
                    unreadReplies--;
                    client.hears(op);
                    read();
                });
    }

    private static void release(BlockRequest request) {
        Payload payload = request.payload();
        if (payload != null) {
            payload.release();
        }
    }

    @Override
    public void endPending(@Nullable SimRing gone, long now) {
        if (gone != null) {
            gone.unanswered.forEach(op -> op.ended = Math.min(op.ended, now));
        }
        if (gone != null && gone == ring) {
            inRing.values().forEach(op -> op.ended = Math.min(op.ended, now));
        }
    }
}
