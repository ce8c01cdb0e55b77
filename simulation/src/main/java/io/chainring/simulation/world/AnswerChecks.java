package io.chainring.simulation.world;

import io.chainring.ring.frontend.BlockRequest;
import io.chainring.ring.record.TurnEvent;
import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import io.chainring.ring.turn.CrashPolicy;
import io.chainring.simulation.history.DiskOp;
import io.chainring.simulation.history.History;
import io.chainring.simulation.history.Violation;
import io.chainring.simulation.mirror.ChainId;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Holds each answer that a client gets against the acknowledged records, the history and the bytes that it brings. */
final class AnswerChecks {
    private final World world;
    private final Checks checks;

    AnswerChecks(World world, Checks checks) {
        this.world = world;
        this.checks = checks;
    }

    /** I2, I5: what a client hears is what the journal holds. */
    void completed(
            @Nullable ChainId id, BlockRequest request, @Nullable DiskOp op, boolean invalid) {
        TurnEvent.Completed recorded = id == null ? null : world.journal.mirror().completed(id);
        Violation.check(
                recorded != null
                        && recorded.status() == request.status()
                        && recorded.writtenBytes() == request.writtenBytes(),
                "I2",
                () ->
                        id
                                + " ends with "
                                + ChainStatus.name(request.status())
                                + ", "
                                + request.writtenBytes()
                                + " bytes, the journal holds "
                                + recorded);
        if (id != null) {
            checkStatus(id, request.status(), op, invalid);
        }
        if (op == null) {
            return;
        }
        op.ended = Math.min(op.ended, world.scheduler.tick());
        op.acknowledged = request.status() == ChainStatus.OK;
        if (op.acknowledged) {
            world.told.done(op, found(request, op));
        } else {
            world.told.unknown(op);
        }
        if (op.acknowledged && (op.operation == Operation.FLUSH || op.fua)) {
            world.history.checkDurable(op, world.store::isVolatile);
        }
        if (op.acknowledged && op.operation == Operation.READ) {
            checkBytes(request, op);
            world.history.checkRead(op);
        }
    }

    private void checkStatus(ChainId id, byte status, @Nullable DiskOp op, boolean invalid) {
        if (invalid) {
            Violation.check(
                    status == ChainStatus.INVALID
                            || (status == ChainStatus.IOERR && checks.isPoisoned(id)),
                    "status",
                    () -> id + " is out of range and ends with " + ChainStatus.name(status));
            return;
        }
        boolean mayFail =
                world.settings.storeErrorPermille() > 0
                        || checks.isPoisoned(id)
                        || (world.settings.limits().crashPolicy() != CrashPolicy.RESUME
                                && world.journal.mirror().outlivedEpoch(id));
        Violation.check(
                status == ChainStatus.OK || mayFail,
                "K9",
                () -> op + " " + id + " ends with " + ChainStatus.name(status));
        Violation.check(
                status != ChainStatus.OK || op == null || !op.poison,
                "K9",
                () -> op + " is poison and ends well");
        Violation.check(
                status != ChainStatus.OK
                        || world.settings.limits().crashPolicy() == CrashPolicy.RESUME
                        || !world.journal.mirror().outlivedEpoch(id),
                "crash policy",
                () -> op + " " + id + " ends well though its backend died");
    }

    private void checkBytes(BlockRequest request, DiskOp read) {
        ByteBuffer bytes = Objects.requireNonNull(request.payload()).segment(0);
        int cellBytes = world.settings.cellBytes();
        for (int i = 0; i < read.cells; i++) {
            int cell = read.firstCell + i;
            int at = i * cellBytes;
            long expected = world.history.pattern(read.seen[i], cell);
            Violation.check(
                    expected == History.UNKNOWN
                            || (bytes.getLong(at) == expected
                                    && bytes.getLong(at + cellBytes - 8) == expected),
                    "data",
                    () -> read + " holds other bytes than it read in cell " + cell);
        }
    }

    /** What the client finds in each cell that it has read. */
    private long[] found(BlockRequest request, DiskOp read) {
        if (read.operation != Operation.READ) {
            return new long[0];
        }
        ByteBuffer bytes = Objects.requireNonNull(request.payload()).segment(0);
        long[] values = new long[read.cells];
        for (int i = 0; i < read.cells; i++) {
            values[i] =
                    DiskOp.writerOf(
                            bytes.getLong(i * world.settings.cellBytes()), read.firstCell + i);
        }
        return values;
    }
}
