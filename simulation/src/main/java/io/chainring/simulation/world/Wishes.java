package io.chainring.simulation.world;

import io.chainring.ring.frontend.Payload;
import io.chainring.ring.request.Operation;
import io.chainring.ring.request.RequestHeader;
import io.chainring.simulation.history.DiskOp;
import io.chainring.simulation.plan.Draws;
import org.jspecify.annotations.Nullable;

/** What clients ask for, and what it takes in a ring's memory. */
final class Wishes {
    /** Most cells of one request. */
    static final int MOST_CELLS = 6;

    private Wishes() {}

    static int payloadBytes(Operation operation, int cells, int cellBytes) {
        return switch (operation) {
            case READ, WRITE -> cells * cellBytes;
            case GET_ID -> RequestHeader.ID_BYTES;
            case EXTENTS -> 64;
            default -> 0;
        };
    }

    static void fill(Payload payload, int first, int cells, int cellBytes, @Nullable DiskOp op) {
        for (int i = 0; i < cells; i++) {
            long pattern = op == null ? -1 : op.pattern(first + i);
            int at = i * cellBytes;
            payload.segment(0).putLong(at, pattern).putLong(at + cellBytes - 8, pattern);
        }
    }

    static Operation randomOperation(Draws random) {
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
}
