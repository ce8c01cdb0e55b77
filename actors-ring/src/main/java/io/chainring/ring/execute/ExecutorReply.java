package io.chainring.ring.execute;

import java.util.List;

/** What an executor answers to the backend whose epoch it has adopted. */
public sealed interface ExecutorReply extends BackendMessage {

    /**
     * What the executor holds from before (scenario K4): chains that still run, and chains that are done but whose
     * outcome no backend has acknowledged as journaled (K5). Whatever is in neither list it does not know.
     *
     * @param epoch the epoch that was adopted
     * @param incarnation counts the executor's own incarnations
     * @param capacityBytes size of the disk
     * @param running their outcomes follow as {@link Executed}
     * @param done outcomes included, in outcome order
     */
    record Adopted(
            long epoch, long incarnation, long capacityBytes, List<Chain> running, List<Chain> done)
            implements ExecutorReply {}

    /**
     * The disk has grown. It may get lost with a death on either side: the next {@link Adopted} says the same.
     *
     * @param epoch the adopted epoch
     * @param incarnation the executor's incarnation
     * @param capacityBytes present size of the disk
     */
    record Resized(long epoch, long incarnation, long capacityBytes) implements ExecutorReply {}

    /**
     * Chains that came to an end, well or badly.
     *
     * @param epoch the epoch adopted when they ended
     * @param incarnation the executor's incarnation
     * @param chains in outcome order; the list is handed over
     */
    record Executed(long epoch, long incarnation, List<Chain> chains) implements ExecutorReply {}
}
