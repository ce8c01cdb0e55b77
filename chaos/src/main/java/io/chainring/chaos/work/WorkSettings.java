package io.chainring.chaos.work;

import java.time.Duration;

/**
 * What is done to the disks. All that is random follows from the seed.
 *
 * @param seed of each client's operations
 * @param clients in all; client c works on disk c modulo the number of disks
 * @param outstanding requests under way at once, of each client
 * @param cellBytes length of a cell, a multiple of 8 from 16 on and of the disks' blocks
 * @param cells of each disk that are used, from its first byte on
 * @param hotCells of these, that get half of all operations
 * @param longestCells of one operation
 * @param answerLimit after which a request counts as never answered
 * @param afterLoss what becomes of requests whose connection was lost
 * @param zeroed whether the disks are all zeroes at first; otherwise they are written to before anything else
 */
public record WorkSettings(
        long seed,
        int clients,
        int outstanding,
        int cellBytes,
        int cells,
        int hotCells,
        int longestCells,
        Duration answerLimit,
        AfterLoss afterLoss,
        boolean zeroed) {
    private static final int CLIENTS_MOST = 256;
    private static final int OUTSTANDING_MOST = 1024;
    private static final int CELLS_MOST = 1 << 24;

    public WorkSettings {
        within("clients", clients, 1, CLIENTS_MOST);
        within("outstanding", outstanding, 1, OUTSTANDING_MOST);
        within("cellBytes", cellBytes, 16, 1 << 20);
        within("cells", cells, 1, CELLS_MOST);
        within("hotCells", hotCells, 1, cells);
        within("longestCells", longestCells, 1, cells);
        if (cellBytes % Long.BYTES != 0) {
            throw new IllegalArgumentException("cellBytes " + cellBytes + " is no multiple of 8");
        }
    }

    private static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s %s: allowed are %s to %s".formatted(name, value, least, most));
        }
    }
}
