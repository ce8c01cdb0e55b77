package io.chainring.simulation.world;

import io.chainring.ring.request.Operation;
import io.chainring.simulation.history.DiskOp;
import io.chainring.simulation.plan.Draws;
import io.chainring.simulation.plan.Plan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client at the other end of a network. Connections break, also in the middle of a request and without a word; it connects
 * again and sends again what had no answer (I9). What it sends arrives in the order in which it was sent, over all of its
 * connections. Now and then it does not read its replies.
 */
final class SimRemote implements Party {
    private static final int OUTSTANDING_MOST = 4;

    private final World world;
    private final Draws random;
    private final int number;
    private final Set<DiskOp> pending = new LinkedHashSet<>();
    private final ArrayDeque<DiskOp> toRepeat = new ArrayDeque<>();

    /** Connections that it has given up and that may still have requests, each with what it asked through it. */
    private final List<SimConnection> left = new ArrayList<>();

    /** Those behind which another one was served. */
    private final Set<SimConnection> over = new LinkedHashSet<>();

    private final List<DiskOp> leftUnanswered = new ArrayList<>();
    private @Nullable SimConnection connection;
    private boolean open;
    private boolean closing;
    private boolean deaf;
    private int requests;

    SimRemote(World world, Draws random, int number) {
        this.world = world;
        this.random = random;
        this.number = number;
    }

    @Override
    public String name() {
        return "remote-" + number;
    }

    @Override
    public int requests() {
        return requests;
    }

    @Override
    public boolean isDone() {
        return pending.isEmpty();
    }

    @Override
    public boolean act(boolean finishing) {
        if (deaf && (finishing || random.nextInt(5) == 0)) {
            deaf = false;
            world.scheduler.unblock(name());
            return true;
        }
        SimConnection present = connection;
        if (present == null) {
            if (finishing) {
                return false;
            }
            connect();
            return true;
        }
        if (finishing || closing) {
            return false;
        }
        if (random.nextInt(1000) < Math.max(5, world.settings.closePermille())) {
            leave(present);
            return true;
        }
        if (!open) {
            return false;
        }
        if (random.nextInt(50) == 0) {
            deaf = true;
            world.scheduler.block(name());
        }
        if (pending.size() >= OUTSTANDING_MOST) {
            return false;
        }
        ask(present);
        return true;
    }

    private void connect() {
        SimConnection fresh = new SimConnection(world, this);
        connection = fresh;
        world.scheduler.send(name(), SimGateway.NAME, () -> "connect", fresh::accept);
    }

    /** The connection breaks, or it says goodbye. */
    private void leave(SimConnection present) {
        switch (random.nextInt(4)) {
            case 0 -> {
                if (open) {
                    goodbye(present);
                } else {
                    cut(present, name());
                }
            }
            case 1 -> {
                // Half a request: the server waits for its end and sees the end of the stream.
                if (open) {
                    DiskOp half = next();
                    if (half != null) {
                        half.ended = world.scheduler.time();
                        world.told.unknown(half);
                    }
                }
                cut(present, name());
            }
            case 2 -> halfOpen(present);
            default -> cut(present, name());
        }
    }

    private void cut(SimConnection present, String by) {
        world.scheduler.send(by, SimGateway.NAME, () -> "end of stream", present::ends);
        lost(present, true);
    }

    /** Nobody tells the server; it finds out by itself some day. This client does not send again what it asked there. */
    private void halfOpen(SimConnection present) {
        world.scheduler.send("keep-alive", SimGateway.NAME, () -> "nobody there", present::ends);
        lost(present, false);
    }

    private void goodbye(SimConnection present) {
        closing = true;
        world.scheduler.send(
                name(), SimGateway.NAME, () -> "DISC", () -> present.arrives(List.of()));
    }

    private void lost(SimConnection present, boolean sendsAgain) {
        for (DiskOp op : pending) {
            world.told.unknown(op);
            if (sendsAgain) {
                leftUnanswered.add(op);
                if (random.nextInt(4) != 0) {
                    toRepeat.add(op);
                }
            }
        }
        if (sendsAgain) {
            left.add(present);
        }
        pending.clear();
        connection = null;
        open = false;
        closing = false;
    }

    /** I9: what it left unanswered elsewhere can have no effect from now on. */
    void opened(SimConnection served) {
        if (served != connection) {
            return;
        }
        open = true;
        for (SimConnection older : left) {
            SimRing ring = older.ring();
            if (ring != null) {
                world.checks.cannotExecute(ring);
            }
        }
        long now = world.scheduler.tick();
        leftUnanswered.forEach(op -> op.ended = Math.min(op.ended, now));
        leftUnanswered.clear();
        over.addAll(left);
        left.clear();
    }

    /** Whether requests that come out of this connection are no copies of what may have been sent again through a later one. */
    boolean mayStillExecute(SimConnection through) {
        return !over.contains(through);
    }

    /** The server has closed it. */
    void hungUp(SimConnection closed) {
        if (closed == connection) {
            lost(closed, true);
        }
    }

    void hears(DiskOp op) {
        pending.remove(op);
    }

    private void ask(SimConnection through) {
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            DiskOp op = next();
            if (op != null) {
                pending.add(op);
                world.scheduler.trace(() -> name() + " asks " + op);
                world.scheduler.send(
                        name(), SimGateway.NAME, op::toString, () -> through.arrives(List.of(op)));
            }
        }
    }

    private @Nullable DiskOp next() {
        Draws draws = world.plan.drawsFor(number, requests);
        boolean leftOut = world.plan.leftOut().contains(Plan.request(number, requests++));
        DiskOp repeated = toRepeat.poll();
        if (leftOut) {
            return null;
        }
        Operation operation = repeated != null ? repeated.operation : Wishes.randomOperation(draws);
        if (operation == Operation.GET_ID || operation == Operation.EXTENTS) {
            operation = Operation.FLUSH;
        }
        int cells = world.settings.cells();
        int first = repeated != null ? repeated.firstCell : draws.nextInt(cells);
        int length =
                repeated != null
                        ? repeated.cells
                        : 1 + draws.nextInt(Math.min(Wishes.MOST_CELLS, cells - first));
        boolean ranged = operation != Operation.FLUSH;
        DiskOp op =
                world.history.begin(
                        name(),
                        operation,
                        ranged ? first : 0,
                        ranged ? length : 0,
                        operation.writes() && draws.nextInt(5) == 0,
                        world.scheduler.tick(),
                        draws.nextInt(1000) < world.settings.poisonPermille());
        world.told.asked(number, op);
        return op;
    }

    @Override
    public void closeIfOpen() {
        SimConnection present = connection;
        if (present != null && !closing) {
            if (open) {
                goodbye(present);
            } else {
                cut(present, name());
            }
        }
    }

    /** Its connections stay, and hear that their rings are gone. */
    @Override
    public void supervisorDied() {}

    @Override
    public void processDied(long now) {
        pending.forEach(op -> op.ended = Math.min(op.ended, now));
        leftUnanswered.forEach(op -> op.ended = Math.min(op.ended, now));
        SimConnection present = connection;
        if (present != null) {
            lost(present, true);
        }
        deaf = false;
        left.clear();
        leftUnanswered.clear();
    }
}
