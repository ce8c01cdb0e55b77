package io.chainring.ring.simulation;

import io.chainring.ring.request.Operation;

/** One request as the history knows it. Ticks are the simulation's moments. */
final class DiskOp {
    static final long NEVER = Long.MAX_VALUE;

    final int id;
    final String client;
    final Operation operation;
    final int firstCell;
    final int cells;
    final boolean fua;
    final long invoked;
    final boolean poison;

    /** When the client had the answer, or the latest moment at which it can have had an effect. */
    long ended = NEVER;

    /** True when the client was told that it is done. */
    boolean acknowledged;

    /** Of a read: the version that each cell had. */
    final int[] seen;

    DiskOp(
            int id,
            String client,
            Operation operation,
            int firstCell,
            int cells,
            boolean fua,
            long invoked,
            boolean poison) {
        this.id = id;
        this.client = client;
        this.operation = operation;
        this.firstCell = firstCell;
        this.cells = cells;
        this.fua = fua;
        this.invoked = invoked;
        this.poison = poison;
        this.seen = new int[operation == Operation.READ ? cells : 0];
    }

    boolean isHostile() {
        return client.startsWith("hostile");
    }

    boolean covers(int cell) {
        return cell >= firstCell && cell < firstCell + cells;
    }

    /** What a write puts into a cell: unique to the two, so a torn or mixed cell is recognised. */
    long pattern(int cell) {
        return ((long) id << 20) + cell + 1;
    }

    @Override
    public String toString() {
        return "op"
                + id
                + " "
                + operation
                + (fua ? "+FUA " : " ")
                + firstCell
                + "+"
                + cells
                + " of "
                + client
                + " ["
                + invoked
                + ","
                + (ended == NEVER ? "-" : Long.toString(ended))
                + (acknowledged ? ",ok]" : "]");
    }
}
