package io.chainring.simulation.world;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import io.chainring.ring.supervise.SupervisorCommand;
import io.chainring.simulation.history.DiskOp;
import io.chainring.simulation.history.Violation;
import io.chainring.simulation.mirror.ChainId;
import io.chainring.simulation.plan.Draws;
import io.chainring.simulation.plan.Plan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A client with one ring at a time. It asks at random, closes at random, and after a close sends again what had no
 * answer, as block clients do (I9). A hostile one also writes garbage into its ring.
 */
final class SimClient implements Party, RingOwner {
    /** A request without an answer; the op is null when the request has no place in the history. */
    private record Asked(@Nullable DiskOp op, boolean invalid) {}

    private final World world;
    private final Draws random;
    private final int number;
    private final boolean hostile;
    private int requests;
    private final Map<BlockRequest, Asked> pending = new LinkedHashMap<>();
    private final ArrayDeque<DiskOp> toRepeat = new ArrayDeque<>();
    private @Nullable SimRing ring;

    /** The ring that it has or wishes for; 0 for none. */
    private long ringId;

    private boolean closing;

    /** Rings that it left without waiting for their end. */
    private final List<SimRing> left = new ArrayList<>();

    SimClient(World world, Draws random, int number, boolean hostile) {
        this.world = world;
        this.random = random;
        this.number = number;
        this.hostile = hostile;
    }

    @Override
    public boolean isHostile() {
        return hostile;
    }

    @Override
    public String name() {
        return "client-" + number;
    }

    @Override
    public int requests() {
        return requests;
    }

    @Override
    public boolean isDone() {
        return hostile || pending.isEmpty();
    }

    @Override
    public boolean act(boolean finishing) {
        if (ringId == 0) {
            if (finishing || !world.supervisor.isAlive()) {
                return false;
            }
            ringId = world.nextRing();
            world.supervisor.wish(this, ringId);
            return true;
        }
        SimRing open = ring;
        if (open == null) {
            if (finishing || closing || random.nextInt(4000) >= world.settings.closePermille()) {
                return false;
            }
            close();
            return true;
        }
        if (closing || !open.frontendAlive || open.givenUp) {
            return false;
        }
        int most = world.settings.ringDescriptors() / 3;
        int room = Math.min(3, most - open.core().outstandingRequests());
        if (finishing || room <= 0) {
            return false;
        }
        if (random.nextInt(1000) < world.settings.closePermille()) {
            close();
        } else if (hostile && random.nextInt(10) == 0) {
            Corruption.strike(random, open);
            open.guarded(open::takeCompletions);
        } else {
            open.guarded(() -> submit(open, random.nextInt(1, room + 1)));
        }
        return true;
    }

    /** Closes, in whatever state the ring is: sometimes by the death of its frontend, sometimes twice. */
    private void close() {
        closing = true;
        SimRing open = ring;
        if (open != null && random.nextInt(4) == 0) {
            open.die();
        } else {
            world.supervisor.tell(name(), new SupervisorCommand.CloseRing(ringId));
            if (random.nextInt(4) == 0) {
                world.supervisor.tell(name(), new SupervisorCommand.CloseRing(ringId));
            }
            if (!world.isCalm() && random.nextBoolean()) {
                leave();
            }
        }
    }

    /** A connection is lost: the client comes back with another before the ring of the first is drained (I9). */
    private void leave() {
        SimRing lost = ring;
        if (lost != null) {
            lost.left = true;
            left.add(lost);
            keepUnanswered(lost);
        }
        closed(ringId);
    }

    private void keepUnanswered(SimRing lost) {
        for (Asked asked : pending.values()) {
            if (asked.op != null) {
                lost.unanswered.add(asked.op);
            }
        }
    }

    /** Closes at the end of a run. */
    @Override
    public void closeIfOpen() {
        if (ringId != 0 && !closing) {
            close();
        }
    }

    @Override
    public void opened(SimRing opened) {
        Violation.check(ring != opened, "I5", () -> opened.ringId() + " opens twice");
        if (opened.ringId() != ringId) {
            opened.left = true;
            return;
        }
        ring = opened;
        for (SimRing lost : left) {
            world.checks.cannotExecute(lost);
            endPending(lost, world.scheduler.tick());
        }
        left.clear();
    }

    /** The last call of a ring, also when it was never open; a second one for the same ring says nothing. */
    @Override
    public void closed(long gone) {
        if (gone != ringId) {
            return;
        }
        for (Asked asked : pending.values()) {
            if (asked.op != null) {
                world.told.unknown(asked.op);
            }
            if (asked.op != null && random.nextInt(4) != 0) {
                toRepeat.add(asked.op);
            }
        }
        pending.clear();
        ring = null;
        ringId = 0;
        closing = false;
    }

    /** These will never be answered; what they do is seen until the ring is drained. */
    @Override
    public void gaveUp(SimRing from, List<BlockRequest> requests) {
        for (BlockRequest request : requests) {
            Asked asked = pending.remove(request);
            if (asked != null && asked.op != null) {
                world.told.unknown(asked.op);
                from.unanswered.add(asked.op);
            }
            Payload payload = request.payload();
            if (payload != null) {
                payload.release();
            }
        }
    }

    /** The supervisor has died: whoever has a ring or waits for one hears it. */
    @Override
    public void supervisorDied() {
        SimRing lost = ring;
        if (lost != null) {
            left.add(lost);
            keepUnanswered(lost);
        }
        if (ringId != 0) {
            closed(ringId);
        }
    }

    /** Nothing of what has no answer yet can have an effect after this moment. */
    @Override
    public void endPending(@Nullable SimRing gone, long now) {
        if (gone == null) {
            return;
        }
        gone.unanswered.forEach(op -> op.ended = Math.min(op.ended, now));
        for (Asked asked : pending.values()) {
            if (gone == ring && asked.op != null) {
                asked.op.ended = Math.min(asked.op.ended, now);
            }
        }
    }

    @Override
    public void processDied(long now) {
        endPending(ring, now);
        left.forEach(lost -> endPending(lost, now));
        left.clear();
        if (ringId != 0) {
            closed(ringId);
        }
    }

    private void submit(SimRing open, int count) {
        List<BlockRequest> batch = new ArrayList<>();
        List<Asked> asked = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            add(open, batch, asked);
        }
        for (int i = 0; i < batch.size(); i++) {
            pending.put(batch.get(i), asked.get(i));
        }
        if (!hostile && !asked.isEmpty()) {
            world.scheduler.trace(() -> name() + " asks " + asked);
        }
        List<ChainId> before = new ArrayList<>();
        open.forEachOutstanding(before::add);
        open.submit(batch);
        if (!hostile) {
            List<ChainId> after = new ArrayList<>();
            open.forEachOutstanding(after::add);
            for (int i = 0; i < asked.size(); i++) {
                ChainId id = after.get(after.size() - asked.size() + i);
                world.checks.asked(id, batch.get(i), asked.get(i).op);
            }
            Violation.check(
                    after.size() == before.size() + batch.size(),
                    "I5",
                    () -> "a request is missing");
        }
    }

    private void add(SimRing open, List<BlockRequest> batch, List<Asked> asked) {
        Draws draws = world.plan.drawsFor(number, requests);
        boolean leftOut = world.plan.leftOut().contains(Plan.request(number, requests++));
        DiskOp repeated = toRepeat.poll();
        if (leftOut) {
            return;
        }
        int cells = world.settings.cells();
        int cellBytes = world.settings.cellBytes();
        Operation operation = repeated != null ? repeated.operation : Wishes.randomOperation(draws);
        int first = repeated != null ? repeated.firstCell : draws.nextInt(cells);
        int length =
                repeated != null
                        ? repeated.cells
                        : 1 + draws.nextInt(Math.min(Wishes.MOST_CELLS, cells - first));
        boolean ranged = operation != Operation.FLUSH && operation != Operation.GET_ID;
        boolean invalid = ranged && draws.nextInt(1000) < world.settings.invalidPermille();
        int flags = operation.writes() && draws.nextInt(5) == 0 ? RequestHeader.FLAG_FUA : 0;
        Payload payload = null;
        int payloadBytes = Wishes.payloadBytes(operation, length, cellBytes);
        if (payloadBytes > 0) {
            payload = open.core().payloads().allocate(payloadBytes);
            if (payload == null) {
                return;
            }
        }
        DiskOp op = null;
        if (!invalid
                && !hostile
                && operation != Operation.GET_ID
                && operation != Operation.EXTENTS) {
            boolean poison = draws.nextInt(1000) < world.settings.poisonPermille();
            op =
                    world.history.begin(
                            name(),
                            operation,
                            ranged ? first : 0,
                            ranged ? length : 0,
                            flags != 0,
                            world.scheduler.tick(),
                            poison);
            world.told.asked(number, op);
        }
        if (operation == Operation.WRITE && payload != null) {
            Wishes.fill(payload, first, length, cellBytes, op);
        }
        long offset = ranged ? (long) (invalid ? first + cells : first) * cellBytes : 0;
        long lengthBytes = ranged ? (long) length * cellBytes : 0;
        batch.add(new BlockRequest(operation, offset, lengthBytes, flags, payload, 0));
        asked.add(new Asked(op, invalid));
    }

    @Override
    public void completed(SimRing from, List<BlockRequest> requests) {
        for (BlockRequest request : requests) {
            Asked asked = pending.remove(request);
            world.scheduler.note(request.status());
            if (!hostile && !from.left) {
                Violation.check(
                        asked != null, "I5", () -> "a request completes that nobody waits for");
            }
            if (!hostile && asked != null) {
                world.scheduler.trace(
                        () ->
                                name()
                                        + " hears "
                                        + ChainStatus.name(request.status())
                                        + " "
                                        + asked);
                world.checks.completed(request, asked.op, asked.invalid);
            }
            Payload payload = request.payload();
            if (payload != null) {
                payload.release();
            }
        }
    }
}
