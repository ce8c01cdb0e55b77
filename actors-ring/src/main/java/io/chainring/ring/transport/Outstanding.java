package io.chainring.ring.transport;

/**
 * What the driver side of a ring waits for: its answer to a new epoch, taken after it has emptied the used ring.
 *
 * @param heads heads in the order of their submission
 * @param generations generation of each
 * @param availableIndex index of the available ring behind the last of them: what comes later is not among them
 */
public record Outstanding(int[] heads, int[] generations, int availableIndex) {

    /** Nothing is waited for. */
    public static final Outstanding NONE = new Outstanding(new int[0], new int[0], 0);

    /** Both arrays have one element a chain. */
    public Outstanding {
        if (heads.length != generations.length) {
            throw new IllegalArgumentException(
                    heads.length + " heads with " + generations.length + " generations");
        }
    }

    /** Number of chains. */
    public int count() {
        return heads.length;
    }
}
