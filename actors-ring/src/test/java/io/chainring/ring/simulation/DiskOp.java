package io.chainring.ring.simulation;

import io.chainring.ring.request.Operation;

/** One request as the history knows it. Ticks are the simulation's moments. */
final class DiskOp {
    static final long NEVER = Long.MAX_VALUE;

    final int id;
    final String client;
    final Operation operation;
    final int firstSector;
    final int sectors;
    final boolean fua;
    final long invoked;
    final boolean poison;

    /** When the client had the answer, or the latest moment at which it can have had an effect. */
    long ended = NEVER;

    /** True when the client was told that it is done. */
    boolean acknowledged;

    /** Of a read: the version that each sector had. */
    final int[] seen;

    DiskOp(
            int id,
            String client,
            Operation operation,
            int firstSector,
            int sectors,
            boolean fua,
            long invoked,
            boolean poison) {
        this.id = id;
        this.client = client;
        this.operation = operation;
        this.firstSector = firstSector;
        this.sectors = sectors;
        this.fua = fua;
        this.invoked = invoked;
        this.poison = poison;
        this.seen = new int[operation == Operation.READ ? sectors : 0];
    }

    boolean isHostile() {
        return client.startsWith("hostile");
    }

    boolean covers(int sector) {
        return sector >= firstSector && sector < firstSector + sectors;
    }

    /** What a write puts into a sector: unique to the two, so a torn or mixed sector is recognised. */
    long pattern(int sector) {
        return ((long) id << 20) + sector + 1;
    }

    @Override
    public String toString() {
        return "op"
                + id
                + " "
                + operation
                + (fua ? "+FUA " : " ")
                + firstSector
                + "+"
                + sectors
                + " of "
                + client
                + " ["
                + invoked
                + ","
                + (ended == NEVER ? "-" : Long.toString(ended))
                + (acknowledged ? ",ok]" : "]");
    }
}
