package io.chainring.simulation.history;

import io.chainring.ring.request.Operation;

/** One request as the history knows it. Ticks are the simulation's moments. */
public final class DiskOp {
    public static final long NEVER = Long.MAX_VALUE;

    public final int id;
    public final String client;
    public final Operation operation;
    public final int firstCell;
    public final int cells;
    public final boolean fua;
    public final long invoked;
    public final boolean poison;

    /** When the client had the answer, or the latest moment at which it can have had an effect. */
    public long ended = NEVER;

    /** True when the client was told that it is done. */
    public boolean acknowledged;

    /** Of a read: the version that each cell had. */
    public final int[] seen;

    public DiskOp(
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

    public boolean isHostile() {
        return client.startsWith("hostile");
    }

    boolean covers(int cell) {
        return cell >= firstCell && cell < firstCell + cells;
    }

    /** What a write puts into a cell: unique to the two, so a torn or mixed cell is recognised. */
    public long pattern(int cell) {
        return ((long) id << 20) + cell + 1;
    }

    /** The id of the write that has put this into the cell; 0 of what has zeroed it, -1 of nobody's. */
    public static long writerOf(long pattern, int cell) {
        if (pattern == 0) {
            return 0;
        }
        return (pattern & (1 << 20) - 1) == cell + 1 ? pattern >>> 20 : -1;
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
