package io.chainring.ring.record;

import io.chainring.ring.request.ChainStatus;
import io.chainring.ring.request.Operation;
import org.jspecify.annotations.Nullable;

/**
 * The arrays of one ring as the journal has them: changed by applying journaled records and by nothing else.
 *
 * <pre>
 *            begin(g+1)                    complete(g)
 *   IDLE ---------------> MARKED(g+1) ---------------------> COMPLETED(g)
 *    |                                                         |   |
 *    |          reject(g+1, status != OK)                      |   | begin(g+1)
 *    +-----------------------------------> COMPLETED(g+1) <----+   +----------> MARKED(g+1)
 * </pre>
 *
 * Anything else throws {@link IllegalTransitionException}: a record that asks for it was not written by this program.
 */
final class JournaledArrays implements RecoveryArrays {
    private final long ringId;
    private final long[] beginSequence;
    private final int[] generation;
    private final boolean[] completed;
    private final byte[] status;
    private final int[] writtenBytes;
    private final @Nullable Operation[] operation;
    private final int[] flags;
    private final long[] offsetBytes;
    private final long[] lengthBytes;
    private final int[] attemptGeneration;
    private final int[] attempts;
    private int marked;

    JournaledArrays(long ringId, int sizeDescriptors) {
        this.ringId = ringId;
        this.beginSequence = new long[sizeDescriptors];
        this.generation = new int[sizeDescriptors];
        this.completed = new boolean[sizeDescriptors];
        this.status = new byte[sizeDescriptors];
        this.writtenBytes = new int[sizeDescriptors];
        this.operation = new Operation[sizeDescriptors];
        this.flags = new int[sizeDescriptors];
        this.offsetBytes = new long[sizeDescriptors];
        this.lengthBytes = new long[sizeDescriptors];
        this.attemptGeneration = new int[sizeDescriptors];
        this.attempts = new int[sizeDescriptors];
    }

    @Override
    public long ringId() {
        return ringId;
    }

    @Override
    public int size() {
        return beginSequence.length;
    }

    @Override
    public long beginSequence(int head) {
        return beginSequence[head];
    }

    @Override
    public int marked() {
        return marked;
    }

    @Override
    public boolean isCompleted(int head) {
        return completed[head];
    }

    @Override
    public int generation(int head) {
        return generation[head];
    }

    @Override
    public byte status(int head) {
        return status[head];
    }

    @Override
    public int writtenBytes(int head) {
        return writtenBytes[head];
    }

    @Override
    public Operation operation(int head) {
        Operation marked = operation[head];
        if (marked == null || !isMarked(head)) {
            throw new IllegalTransitionException(
                    "ring " + ringId + " head " + head + " is not marked");
        }
        return marked;
    }

    @Override
    public long offsetBytes(int head) {
        return offsetBytes[head];
    }

    @Override
    public long lengthBytes(int head) {
        return lengthBytes[head];
    }

    @Override
    public int flags(int head) {
        return flags[head];
    }

    @Override
    public int attempts(int head, int generation) {
        return attemptGeneration[head] == generation ? attempts[head] : 0;
    }

    /** Attempts counted last, of {@link #attemptGeneration}. */
    int lastAttempts(int head) {
        return attempts[head];
    }

    int attemptGeneration(int head) {
        return attemptGeneration[head];
    }

    void mark(
            int head,
            int nextGeneration,
            long sequence,
            Operation op,
            int opFlags,
            long offset,
            long length) {
        checkHead(head);
        if (isMarked(head)) {
            throw illegal("mark", head, nextGeneration, "it is marked already");
        }
        checkNext("mark", head, nextGeneration);
        if (sequence <= INITIAL) {
            throw illegal(
                    "mark",
                    head,
                    nextGeneration,
                    "begin sequence " + sequence + " is not positive");
        }
        beginSequence[head] = sequence;
        generation[head] = nextGeneration;
        completed[head] = false;
        operation[head] = op;
        flags[head] = opFlags;
        offsetBytes[head] = offset;
        lengthBytes[head] = length;
        marked++;
    }

    void complete(int head, int ofGeneration, byte withStatus, int written) {
        checkHead(head);
        if (isMarked(head)) {
            if (generation[head] != ofGeneration) {
                throw illegal(
                        "complete", head, ofGeneration, "it is marked with another generation");
            }
            beginSequence[head] = INITIAL;
            marked--;
        } else {
            checkNext("reject", head, ofGeneration);
            if (withStatus == ChainStatus.OK) {
                throw illegal(
                        "complete", head, ofGeneration, "it was never begun, yet its status is OK");
            }
        }
        generation[head] = ofGeneration;
        completed[head] = true;
        status[head] = withStatus;
        writtenBytes[head] = written;
    }

    void countAttempt(int head, int ofGeneration) {
        checkHead(head);
        attempts[head] = attempts(head, ofGeneration) + 1;
        attemptGeneration[head] = ofGeneration;
    }

    void restore(int head, int ofGeneration, boolean isCompleted, byte withStatus, int written) {
        checkHead(head);
        generation[head] = ofGeneration;
        completed[head] = isCompleted;
        status[head] = withStatus;
        writtenBytes[head] = written;
    }

    void restoreAttempts(int head, int ofGeneration, int count) {
        attempts[head] = count;
        attemptGeneration[head] = ofGeneration;
    }

    void restoreMark(
            int head,
            int ofGeneration,
            long sequence,
            Operation op,
            int opFlags,
            long offset,
            long length) {
        generation[head] = ofGeneration - 1;
        mark(head, ofGeneration, sequence, op, opFlags, offset, length);
    }

    private void checkNext(String what, int head, int nextGeneration) {
        if (nextGeneration != generation[head] + 1) {
            throw illegal(what, head, nextGeneration, "a new chain must have the next generation");
        }
    }

    private void checkHead(int head) {
        if (head < 0 || head >= beginSequence.length) {
            throw new IllegalTransitionException(
                    "ring %s has heads 0 to %s, not %s"
                            .formatted(ringId, beginSequence.length - 1, head));
        }
    }

    private IllegalTransitionException illegal(
            String what, int head, int ofGeneration, String why) {
        return new IllegalTransitionException(
                "ring %s head %s: cannot %s generation %s after generation %s: %s"
                        .formatted(
                                ringId,
                                head,
                                what,
                                Integer.toUnsignedString(ofGeneration),
                                Integer.toUnsignedString(generation[head]),
                                why));
    }
}
