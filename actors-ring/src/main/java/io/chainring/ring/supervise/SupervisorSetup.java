package io.chainring.ring.supervise;

import io.chainring.ring.backend.BackendSetup;
import io.chainring.ring.execute.ExecutorCommand;
import io.chainring.ring.frontend.PayloadPool;
import io.chainring.ring.frontend.RingShape;
import io.chainring.ring.turn.BackendLimits;
import java.time.Duration;
import java.util.function.LongFunction;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.jspecify.annotations.Nullable;

/**
 * What a disk's supervisor is made of.
 *
 * @param name name of the disk
 * @param backend what the backend incarnations share
 * @param door who waits for a ring; the same for all supervisors of the disk
 * @param executor makes an executor incarnation from its number, which grows with each
 * @param shape size of each client's ring
 * @param dispatcher where frontends, backend and executor run; the supervisor runs where its parent puts it, best there
 * @param backoffFirst wait before the second restart in a row; the first is immediate
 * @param backoffLongest longest wait
 * @param outageLimit how long the journal may keep chains waiting before they end with an I/O error and their rings
 *     close; null waits for ever
 */
public record SupervisorSetup(
        String name,
        BackendSetup backend,
        RingDoor door,
        LongFunction<Behavior<ExecutorCommand>> executor,
        RingShape shape,
        DispatcherSelector dispatcher,
        Duration backoffFirst,
        Duration backoffLongest,
        @Nullable Duration outageLimit) {

    /** Header and status of a chain: two segments, and fewer bytes than this. */
    private static final int CONTROL_SEGMENTS = 2;

    private static final int CONTROL_BYTES = 64;

    SupervisorCore.Policy policy() {
        return new SupervisorCore.Policy(
                name, backend.limits().ringLimit(), backoffFirst, backoffLongest, outageLimit);
    }

    /** What one chain can carry: by its ring's memory, by the backend's limits, and by its segments of a slab each. */
    long maxRequestBytes() {
        BackendLimits limits = backend.limits();
        int segments =
                Math.min(
                                limits.chainLimitSegments(),
                                shape.maxSegmentsOfARequest() + CONTROL_SEGMENTS)
                        - CONTROL_SEGMENTS;
        long bySegments = (long) segments * PayloadPool.SLAB_BYTES;
        long byBytes = limits.chainLimitBytes() - CONTROL_BYTES;
        return Math.max(
                0,
                Math.min(
                        shape.payloadLimitBytes() / PayloadPool.SLAB_BYTES * PayloadPool.SLAB_BYTES,
                        Math.min(bySegments, byBytes)));
    }
}
