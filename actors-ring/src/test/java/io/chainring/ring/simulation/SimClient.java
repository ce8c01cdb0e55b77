package io.chainring.ring.simulation;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A client with one ring at a time. It asks at random, closes at random, and after a close sends again what had no
 * answer, as block clients do (I9). A hostile one also writes garbage into its ring.
 */
final class SimClient {
    private static final int MOST_SECTORS = 6;

    /** A request without an answer; the op is null when the request has no place in the history. */
    private record Asked(@Nullable DiskOp op, boolean invalid) {}

    private final World world;
    private final SplittableRandom random;
    private final int number;
    private final boolean hostile;
    private final Map<BlockRequest, Asked> pending = new LinkedHashMap<>();
    private final ArrayDeque<DiskOp> toRepeat = new ArrayDeque<>();
    private @Nullable SimRing ring;
    private boolean connecting;
    private boolean closing;

    SimClient(World world, SplittableRandom random, int number, boolean hostile) {
        this.world = world;
        this.random = random;
        this.number = number;
        this.hostile = hostile;
    }

    boolean isHostile() {
        return hostile;
    }

    String name() {
        return "client-" + number;
    }

    boolean isDone() {
        return hostile || pending.isEmpty();
    }

    /** Does something of its own; false when it has nothing to do. */
    boolean act(boolean finishing) {
        SimRing open = ring;
        if (open == null) {
            if (connecting || finishing) {
                return false;
            }
            connecting = true;
            world.scheduler.send(
                    name(), "supervisor", () -> "open", () -> world.supervisor.open(this));
            return true;
        }
        if (closing || !open.frontendAlive) {
            return false;
        }
        int most = world.settings.ringDescriptors() / 3;
        int room = Math.min(3, most - open.core().outstandingRequests());
        if (finishing || room <= 0) {
            return false;
        }
        if (random.nextInt(1000) < world.settings.closePermille()) {
            close(open);
        } else if (hostile && random.nextInt(10) == 0) {
            Corruption.strike(random, open);
            open.guarded(open::takeCompletions);
        } else {
            open.guarded(() -> submit(open, random.nextInt(1, room + 1)));
        }
        return true;
    }

    void close(SimRing open) {
        closing = true;
        long ringId = open.ringId();
        if (random.nextInt(4) == 0) {
            open.die();
        } else {
            world.scheduler.send(
                    name(),
                    "supervisor",
                    () -> "close " + ringId,
                    () -> world.supervisor.close(ringId));
        }
    }

    /** Closes at the end of a run. */
    void closeIfOpen() {
        SimRing open = ring;
        if (open != null && !closing) {
            close(open);
        }
    }

    void opened(SimRing opened) {
        ring = opened;
        connecting = false;
        closing = false;
    }

    /** The last call of a ring, also when it was never open. */
    void closed(SimRing gone) {
        Violation.check(
                hostile || gone == ring,
                "I5",
                () -> "closed ring " + gone.ringId() + " is not " + name());
        for (Asked asked : pending.values()) {
            if (asked.op != null && random.nextInt(4) != 0) {
                toRepeat.add(asked.op);
            }
        }
        pending.clear();
        ring = null;
        connecting = false;
        closing = false;
    }

    /** Nothing of what has no answer yet can have an effect after this moment. */
    void endPending(@Nullable SimRing gone, long now) {
        if (gone != ring) {
            return;
        }
        for (Asked asked : pending.values()) {
            if (asked.op != null) {
                asked.op.ended = Math.min(asked.op.ended, now);
            }
        }
    }

    void processDied(long now) {
        endPending(ring, now);
        if (ring != null) {
            closed(ring);
        }
        connecting = false;
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
        if (!hostile) {
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
        DiskOp repeated = toRepeat.poll();
        int sectors = world.settings.sectors();
        Operation operation = repeated != null ? repeated.operation : randomOperation();
        int first = repeated != null ? repeated.firstSector : random.nextInt(sectors);
        int length =
                repeated != null
                        ? repeated.sectors
                        : 1 + random.nextInt(Math.min(MOST_SECTORS, sectors - first));
        boolean ranged = operation != Operation.FLUSH && operation != Operation.GET_ID;
        boolean invalid = ranged && random.nextInt(1000) < world.settings.invalidPermille();
        int flags = operation.writes() && random.nextInt(5) == 0 ? RequestHeader.FLAG_FUA : 0;
        Payload payload = null;
        int payloadBytes = payloadBytes(operation, length);
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
            boolean poison = random.nextInt(1000) < world.settings.poisonPermille();
            op =
                    world.history.begin(
                            name(),
                            operation,
                            ranged ? first : 0,
                            ranged ? length : 0,
                            flags != 0,
                            world.scheduler.tick(),
                            poison);
        }
        if (operation == Operation.WRITE && payload != null) {
            fill(payload, first, length, op);
        }
        long offset = ranged ? (long) (invalid ? first + sectors : first) * 512 : 0;
        long lengthBytes = ranged ? length * 512L : 0;
        batch.add(new BlockRequest(operation, offset, lengthBytes, flags, payload, 0));
        asked.add(new Asked(op, invalid));
    }

    private static int payloadBytes(Operation operation, int sectors) {
        return switch (operation) {
            case READ, WRITE -> sectors * RequestHeader.SECTOR_BYTES;
            case GET_ID -> RequestHeader.ID_BYTES;
            case EXTENTS -> 64;
            default -> 0;
        };
    }

    private static void fill(Payload payload, int first, int sectors, @Nullable DiskOp op) {
        for (int i = 0; i < sectors; i++) {
            long pattern = op == null ? -1 : op.pattern(first + i);
            payload.segment(0).putLong(i * 512, pattern).putLong(i * 512 + 504, pattern);
        }
    }

    private Operation randomOperation() {
        int pick = random.nextInt(100);
        if (pick < 36) {
            return Operation.READ;
        }
        if (pick < 80) {
            return Operation.WRITE;
        }
        return switch (pick % 5) {
            case 0 -> Operation.DISCARD;
            case 1 -> Operation.WRITE_ZEROES;
            case 2 -> random.nextBoolean() ? Operation.GET_ID : Operation.EXTENTS;
            default -> Operation.FLUSH;
        };
    }

    void completed(List<BlockRequest> requests) {
        for (BlockRequest request : requests) {
            Asked asked = pending.remove(request);
            if (!hostile) {
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
